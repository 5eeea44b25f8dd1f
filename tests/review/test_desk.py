"""Which original belongs to a redaction."""

import msgspec

from scanner.footage import manifest
from scanner.review.desk import find_cases
from tests.review.conftest import Folder


def test_an_original_is_found_by_its_very_name_and_content(folder: Folder) -> None:
    name = "gate [1]*.mp4"
    (folder.originals / "deep").mkdir()
    (folder.originals / "gate.mp4").rename(folder.originals / "deep" / name)
    path = manifest.path_for(folder.release / "gate.mp4")
    made = manifest.read(path)
    renamed = msgspec.structs.replace(made, input=msgspec.structs.replace(made.input, name=name))
    path.write_bytes(manifest.to_json(renamed))
    found = {case.name: case.original for case in find_cases(folder.release, folder.originals)}
    assert found["gate.mp4"] == folder.originals / "deep" / name
    assert found["phone.mp4"] == folder.originals / "phone.mp4"
    (folder.originals / "phone.mp4").write_bytes(bytes((folder.originals / "phone.mp4").stat().st_size))
    assert {c.name: c.original for c in find_cases(folder.release, folder.originals)}["phone.mp4"] is None
