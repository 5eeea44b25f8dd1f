"""What the page shows of a clip: what to look at first, covers as they will be drawn, the log, the sound."""

import io
import wave
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from samples import clips
from scanner.footage import manifest
from scanner.footage.decide import Picture
from scanner.footage.manifest import Manifest, Review
from scanner.footage.media.sound import RATE, piece
from scanner.review.app import Pages
from scanner.review.desk import Desk, find_cases
from scanner.review.doubts import doubts, seen_after
from tests.review.conftest import Folder, start
from tests.review.test_case import open_clip, shown


def edit(folder: Folder, **fields: object) -> Manifest:
    path = manifest.path_for(folder.release / "gate.mp4")
    made = msgspec.structs.replace(manifest.read(path), **fields)
    path.write_bytes(manifest.to_json(made))
    return made


def seeing(record: Manifest, *frames: int) -> Manifest:
    """The same, whose verification names frames."""
    assert record.verification is not None
    first, *rest = (msgspec.structs.replace(c, frames=()) for c in record.verification.checks)
    checks = (msgspec.structs.replace(first, frames=frames), *rest)
    return msgspec.structs.replace(
        record, verification=msgspec.structs.replace(record.verification, checks=checks)
    )


def test_frames_in_which_the_verification_saw_a_face_come_first(folder: Folder) -> None:
    record = seeing(manifest.read(manifest.path_for(folder.release / "gate.mp4")), 3, 4, 5, 19, 40)
    assert seen_after(record) == (3, 19, 40)
    picture = Picture(640, 360, [i / 10 for i in range(60)])
    found = doubts(record.tracks, picture, seen_after(record))
    assert [(d.kind, d.frame) for d in found[:3]] == [("face seen after redaction", f) for f in (3, 19, 40)]
    assert seen_after(msgspec.structs.replace(record, verification=None)) == ()


def test_the_page_leads_to_what_the_verification_saw(page: Page, folder: Folder) -> None:
    record = seeing(manifest.read(manifest.path_for(folder.release / "gate.mp4")), 7)
    edit(folder, verification=record.verification)
    made = start(folder)
    try:
        open_clip(page, made)
        first = page.locator("#doubts li").first
        expect(first).to_have_text("0.70 s: face seen after redaction")
        expect(page.locator("#timeline .mark title", has_text="face seen after redaction")).to_have_count(1)
        page.keyboard.press("n")
        shown(page, 7)
        expect(page.locator("#said")).to_contain_text("face seen after redaction, at 0.70 s")
        page.keyboard.press(",")
        shown(page, 6)
        first.get_by_role("button").click()
        shown(page, 7)
    finally:
        made.stop()


def test_the_queue_says_who_ruled_and_the_page_logs_and_plays(page: Page, folder: Folder) -> None:
    path = manifest.path_for(folder.release / "gate.mp4")
    digest = manifest.read(path).output.sha256
    edit(folder, review=Review(approved=True, by="R. Clerk", at="2026-11-24T20:00:00Z", output_sha256=digest))
    made = start(folder)
    heard: list[int] = []
    page.on("response", lambda answer: heard.append(answer.status) if "sound.wav" in answer.url else None)
    try:
        page.goto(made.address)
        row = page.locator(".queue tbody tr", has_text="gate.mp4")
        expect(row).to_contain_text("approved")  # read in the background, and told without a reload
        expect(row).to_contain_text("R. Clerk, 2026-11-24")
        expect(page.locator("tr[data-open]")).to_have_count(0)
        page.get_by_role("link", name="gate.mp4").click()
        shown(page, 0)
        page.locator("summary", has_text="Cover or mute").click()
        page.get_by_role("button", name="Begin at this frame").click()
        page.locator('[data-go="10"]').click()
        shown(page, 10)
        page.get_by_role("button", name="End at this frame").click()
        page.get_by_label("Basis").fill("(b)(6) personal privacy")
        page.get_by_role("button", name="Mute the sound").click()
        expect(page.locator("#entries tbody tr", has_text="audio")).to_have_text(
            "0.00 s – 1.00 saudiomuted(b)(6) personal privacy"
        )
        page.locator("#play").click()
        expect(page.locator("#play")).to_have_text("Pause")
        expect(page.locator("#play")).to_have_text("Play", timeout=15_000)
        assert heard[0] in (200, 206)
    finally:
        made.stop()


@pytest.mark.parametrize("style", ["solid", "pixelate", "blur"])
def test_the_preview_is_drawn_in_the_style_of_the_release(style: str, folder: Folder) -> None:
    edit(folder, style=style)
    desk = Desk(find_cases(folder.release), folder.originals)
    number = next(i for i, case in enumerate(desk.cases) if case.name == "gate.mp4")
    x1, y1, x2, y2 = (int(v) for v in desk.covers(number)[5][0])
    pages = Pages(desk, lambda: None)
    pictures = {}
    for view in ("original", "preview"):
        data = pages._draw(number, 5, view == "preview", 640)
        pictures[view] = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).astype(int)
    inside = {view: shot[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2] for view, shot in pictures.items()}
    assert np.abs(inside["original"] - inside["preview"]).mean() > 8
    assert (inside["preview"].max() < 40) == (style == "solid")
    desk.close()


def test_a_piece_of_sound_is_as_long_as_asked_and_silent_where_there_is_none(
    folder: Folder, tmp_path: Path
) -> None:
    def samples(start_s: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        data = piece(folder.originals / "gate.mp4", start_s, 1.0)
        assert data is not None
        with wave.open(io.BytesIO(data)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (RATE, 1, RATE)
            return np.frombuffer(file.readframes(RATE), np.int16)

    assert np.abs(samples(0.5)).max() > 500
    late = samples(1.5)
    assert np.abs(late[: RATE // 3]).max() > 500
    assert np.abs(late[RATE * 3 // 4 :]).max() == 0
    assert np.abs(samples(99.0)).max() == 0
    clips.write(tmp_path / "mute.mp4", clips.empty(64, 64), clips.steady_times(1, 5))
    assert piece(tmp_path / "mute.mp4", 0.0, 1.0) is None
