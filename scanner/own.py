"""The auditor audits itself: each file that an installation without extras brings, inspected."""

import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from scanner.engine.interface import Ended
from scanner.engine.local import LocalPool
from scanner.findings import Capability, Confidence, Finding
from scanner.footage import weights
from scanner.inspect.task import Inspected, Unit, inspect_unit
from scanner.machine import processors

ALLOWED = frozenset({Capability.FACE_DETECTION, Capability.REDACTION})
"""What a redaction tool must have; everything else would be biometric surveillance."""
WAIVED = {
    "opencv-python-headless/cv2/__init__.pyi": "declares a recogniser that needs weights; none are here"
}
"""What is found all the same, by path, and why it stands."""


def distributions() -> set[str]:
    """Give the names of what an installation brings, without extras and development tools."""
    wanted, todo = set[str](), ["scanner"]
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in wanted:
            continue
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        wanted.add(name)
        todo += requirements(name)
    return wanted


def requirements(name: str) -> list[str]:
    """Give what a distribution asks for on this Python and system, without its extras."""
    asked = [Requirement(r) for r in importlib.metadata.requires(name) or []]
    return [r.name for r in asked if r.marker is None or r.marker.evaluate({"extra": ""})]


def units() -> Iterator[Unit]:
    """Give every file of these distributions, and the detectors' weights. Our own rules are left out."""
    for name in sorted(distributions() - {"scanner"}):
        for file in importlib.metadata.files(name) or ():
            path = Path(str(file.locate()))
            if path.is_file() and path.suffix != ".pyc":
                yield Unit(f"{name}/{file}", str(path), path.stat().st_size, footage="off")
    for model in weights.manifest():
        path = weights.folder() / "weights" / model.file
        yield Unit(f"weights/{model.file}", str(path), path.stat().st_size)


def inspect() -> list[Ended[Unit, Inspected]]:
    """Inspect all of them, on all processors."""
    return list(LocalPool(processors(), weigh=lambda u: u.size).run(inspect_unit, units()))


def objections(findings: list[Finding]) -> list[Finding]:
    """Give what speaks against this installation, waived or not."""
    return [f for f in findings if f.capability not in ALLOWED and f.confidence is not Confidence.LOW]
