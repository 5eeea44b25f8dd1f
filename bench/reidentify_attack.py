"""Says who is behind covers, as far as a face recognition network can. Runs in an environment of its own.

Not part of scanner: it needs the extra `[dlib]`, is started by `bench/reidentify.py` alone, and is given two
public-domain portraits. Descriptors live in memory while it runs and are written nowhere.

    python reidentify_attack.py TASK.json

The task names pictures, the box of the face in each (x1, y1, x2, y2 in pixels), who it is, and to which set
it belongs. Printed is JSON: for each attack and style, how many were named rightly, and how many there were.
"""

import importlib.util
import json
import sys
from collections import defaultdict
from pathlib import Path

import dlib
import numpy as np
from PIL import Image


def _weights() -> Path:
    # Not imported: the package asks for a module that setuptools gave up.
    found = importlib.util.find_spec("face_recognition_models")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "models"


class Reader:
    """dlib's network, told where the face is: an attacker sees the cover."""

    def __init__(self) -> None:
        folder = _weights()
        self._shape = dlib.shape_predictor(str(folder / "shape_predictor_5_face_landmarks.dat"))
        self._net = dlib.face_recognition_model_v1(str(folder / "dlib_face_recognition_resnet_model_v1.dat"))

    def read(self, path: str, box: list[float]) -> np.ndarray:
        picture = np.asarray(Image.open(path).convert("RGB"))
        place = dlib.rectangle(*(round(v) for v in box))
        return np.asarray(self._net.compute_face_descriptor(picture, self._shape(picture, place)))


def main() -> int:
    task = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    reader = Reader()
    sets: dict[tuple[str, str], list[tuple[str, np.ndarray]]] = defaultdict(list)
    for entry in task:
        key = (entry["set"], entry["style"])
        sets[key].append((entry["who"], reader.read(entry["path"], entry["box"])))
    result = {}
    for style in sorted({style for kind, style in sets if kind == "probe"}):
        # Against clear portraits; and against portraits that the attacker covered in the same way.
        for attack, gallery in (("clear", sets["gallery", "none"]), ("alike", sets["gallery", style])):
            right = 0
            for who, seen in sets["probe", style]:
                nearest = min(gallery, key=lambda known: float(np.linalg.norm(known[1] - seen)))
                right += nearest[0] == who
            result[f"{attack} {style}"] = [right, len(sets["probe", style])]
    json.dump(result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
