"""Which original belongs to a redaction, and how far a clip is, without waiting for what is large."""

import threading
import time
from pathlib import Path

import msgspec
import pytest

from scanner.errors import UnreadableError
from scanner.footage import edits, manifest
from scanner.footage.edits import Keep
from scanner.footage.manifest import Review
from scanner.review import originals
from scanner.review.desk import Desk, Match, find_cases
from scanner.review.originals import Digests
from scanner.review.outcome import State
from tests.review.conftest import Folder


def desk_of(folder: Folder) -> Desk:
    return Desk(find_cases(folder.release), folder.originals, "R. Clerk")


def number_of(desk: Desk, name: str) -> int:
    return next(i for i, case in enumerate(desk.cases) if case.name == name)


def rewrite(folder: Folder, **fields: object) -> None:
    path = manifest.path_for(folder.release / "gate.mp4")
    path.write_bytes(manifest.to_json(msgspec.structs.replace(manifest.read(path), **fields)))


def test_an_original_is_found_by_its_very_name_and_content(folder: Folder) -> None:
    name = "gate [1]*.mp4"
    (folder.originals / "deep").mkdir()
    (folder.originals / "gate.mp4").rename(folder.originals / "deep" / name)
    made = manifest.read(manifest.path_for(folder.release / "gate.mp4"))
    rewrite(folder, input=msgspec.structs.replace(made.input, name=name))
    desk = desk_of(folder)
    gate, phone = number_of(desk, "gate.mp4"), number_of(desk, "phone.mp4")
    assert desk.original(gate) == folder.originals / "deep" / name
    assert desk.original(phone) == folder.originals / "phone.mp4"
    (folder.originals / "phone.mp4").write_bytes(bytes((folder.originals / "phone.mp4").stat().st_size))
    assert desk.original(phone) is None
    assert desk.match_of(phone) is Match.MISSING
    with pytest.raises(UnreadableError, match="was not found"):
        desk.picture(phone)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Reading a file for its digest takes until the event is set."""
    go_on = threading.Event()
    read = originals.sha256

    def waiting(path: Path) -> str:
        assert go_on.wait(20)
        return read(path)

    monkeypatch.setattr(originals, "sha256", waiting)
    return go_on


def test_nobody_waits_for_the_digests_of_what_is_not_opened(folder: Folder, slow: threading.Event) -> None:
    said = Review(approved=True, by="R. Clerk", at="2026-11-24T00:00:00Z", output_sha256="")
    path = manifest.path_for(folder.release / "gate.mp4")
    digest = manifest.read(path).output.sha256
    rewrite(folder, review=msgspec.structs.replace(said, output_sha256=digest))
    desk = desk_of(folder)
    gate, phone = number_of(desk, "gate.mp4"), number_of(desk, "phone.mp4")
    desk.match()
    assert [desk.match_of(n) for n in (gate, phone)] == [Match.LOOKING] * 2
    assert desk.state_by_now(gate, desk.sheet(gate)) is None  # approved, but of which bytes?
    assert desk.state_by_now(phone, desk.sheet(phone)) is State.TO_CHECK
    slow.set()
    for thread in threading.enumerate():
        if thread.name == "match":
            thread.join(20)
    assert [desk.match_of(n) for n in (gate, phone)] == [Match.FOUND] * 2
    assert desk.state_by_now(gate, desk.sheet(gate)) is State.APPROVED


def test_a_file_is_read_once_for_each_of_its_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests, read, times = Digests(), originals.sha256, []

    def counting(path: Path) -> str:
        times.append(path)
        time.sleep(0.05)
        return read(path)

    monkeypatch.setattr(originals, "sha256", counting)
    file = tmp_path / "a"
    assert digests.of(file) == ""
    file.write_bytes(b"one")
    together = [threading.Thread(target=digests.of, args=(file,)) for _ in range(4)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    first = digests.of(file)
    file.write_bytes(b"three")
    assert digests.known(file) is None
    assert digests.of(file) != first
    assert len(times) == 2


def test_edits_that_were_rendered_and_then_taken_back_have_to_be_rendered_again(folder: Folder) -> None:
    desk = desk_of(folder)
    gate = number_of(desk, "gate.mp4")
    kept = desk.change(gate, "new", Keep(track=1, reason="Officer on duty"))
    rewrite(folder, edits_sha256=kept.revision)
    desk = desk_of(folder)
    assert desk.state(gate, desk.sheet(gate)) is State.TO_CHECK
    back = desk.undo(gate, kept.revision, 1)
    assert edits.read(edits.path_for(folder.release / "gate.mp4")).standing == ()
    assert desk.state(gate, back) is State.IN_WORK
    desk.close()


def test_what_cannot_be_read_has_no_digest_and_matches_nothing(tmp_path: Path) -> None:
    assert Digests().of(tmp_path) == ""
    assert Digests().of(tmp_path / "gone.mp4") == ""
