"""Reads text in small pictures with RapidOCR, where the extra `ocr` is installed; it brings its weights."""

from functools import cache
from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.inspect.footage.traces import Read

_SCORE = 0.6
_SIDE = 640
"""Crops are enlarged up to this length: burnt-in text is small."""


def reader() -> Read | None:
    """Give what reads, or None where the extra is not installed."""
    return _read if find_spec("rapidocr") is not None else None


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 - an extra

    one = "EngineConfig.onnxruntime.intra_op_num_threads"
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.limit_type": "max",
            "Det.limit_side_len": _SIDE,
            one: 1,
        }
    )


def _read(crop: NDArray[np.uint8]) -> tuple[str, ...]:
    scale = min(3.0, _SIDE / max(crop.shape[:2]))
    if scale > 1:
        crop = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    found = _engine()(crop, use_cls=False)
    if not found.txts:
        return ()
    pairs = zip(found.txts, found.scores, strict=True)
    return tuple(text.strip() for text, score in pairs if score >= _SCORE and text.strip())
