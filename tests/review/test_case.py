"""A clerk's whole case in a real browser, with the pointer and by keyboard alone."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scanner.findings import to_json
from scanner.footage import edits
from tests.example_runs import bad_run
from tests.review.conftest import Folder, Review, serve, start
from tests.tools.axe import AXE, RULES


def shown(page: Page, frame: int) -> None:
    page.wait_for_selector(f'html[data-shown="{frame}"]', state="attached")


def open_clip(page: Page, review: Review, name: str = "gate.mp4") -> None:
    page.goto(review.address)
    expect(page.locator(".queue tbody tr")).to_have_count(2)
    page.get_by_role("link", name=name).click()
    shown(page, 0)


def manifest_of(folder: Folder) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((folder.release / "gate.mp4.manifest.json").read_text())
    return made


def log_of(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as waiting:
        page.locator("#log").click()
    return list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text())))


def verified(folder: Folder) -> bool:
    words = ["verify", str(folder.release / "gate.mp4"), "--original", str(folder.originals / "gate.mp4")]
    said = subprocess.run(
        [sys.executable, "-m", "scanner", *words], capture_output=True, text=True, check=False
    )
    return said.returncode == 0


def render_and_approve(page: Page) -> None:
    page.locator("#render").click()
    expect(page.locator("#rendering")).to_have_text("rendered and verified", timeout=60_000)
    page.locator("#approve").click()
    expect(page.locator("#state")).to_have_text("approved")


def test_a_missed_face_is_drawn_followed_and_one_is_kept_with_a_reason(
    page: Page, review: Review, folder: Folder
) -> None:
    before = manifest_of(folder)
    open_clip(page, review)
    page.get_by_label("Reviewer").fill("R. Clerk")
    area = page.locator("#overlay").bounding_box()
    assert area is not None
    x, y, width, height = (area[k] for k in ("x", "y", "width", "height"))
    page.mouse.move(x + width * 0.7, y + height * 0.6)
    page.mouse.down()
    page.mouse.move(x + width * 0.8, y + height * 0.8, steps=4)
    page.mouse.up()
    expect(page.locator("#box-said")).to_contain_text("64 × 72 pixels at 448, 216")
    page.get_by_role("button", name="Follow forward").click()
    expect(page.locator("#said")).to_contain_text("Followed for 19 frames")
    page.get_by_role("button", name="Store box").click()
    expect(page.locator("#chosen")).to_have_text(f"Track {len(before['tracks']) + 1}")

    page.locator('#tracks button[data-track="1"]').click()
    page.get_by_role("button", name="Keep visible").click()
    expect(page.locator("#wrong")).to_contain_text("Write the reason first")
    page.get_by_label("Reason").fill("Officer on duty")
    page.get_by_role("button", name="Keep visible").click()
    expect(page.locator("#said")).to_contain_text("Track 1 stays visible")
    page.keyboard.press("Escape")

    page.locator("#approve").click()
    expect(page.locator("#wrong")).to_contain_text("edits that were not rendered yet")
    render_and_approve(page)

    kept = [row for row in log_of(page) if row["treatment"] == "left visible"]
    assert [(row["what"], row["basis"], row["by"]) for row in kept] == [
        ("track 1", "Officer on duty", "R. Clerk")
    ]
    after = manifest_of(folder)
    assert after["review"]["approved"] is True
    assert after["review"]["by"] == "R. Clerk"
    assert after["review"]["output_sha256"] == after["output"]["sha256"] != before["output"]["sha256"]
    assert [v["reason"] for v in after["visible"]] == ["Officer on duty"]
    drawn = next(t for t in after["tracks"] if t["id"] == len(before["tracks"]) + 1)
    assert (drawn["first_frame"], drawn["last_frame"]) == (0, 19)
    assert verified(folder)
    page.get_by_role("button", name="Close review").click()
    assert review.end() == 0


def tab_to(page: Page, selector: str) -> None:
    for _ in range(120):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the Tab key never reaches {selector}")


def test_the_same_by_keyboard_alone(page: Page, review: Review, folder: Folder) -> None:
    page.goto(review.address)
    expect(page.locator(".queue")).to_be_visible()
    tab_to(page, '.queue a[href="/clip/0"]')
    page.keyboard.press("Enter")
    shown(page, 0)
    tab_to(page, "#reviewer")
    page.keyboard.type("K. Board")
    tab_to(page, "#play")
    page.keyboard.press(".")
    shown(page, 1)
    page.keyboard.press(",")
    shown(page, 0)
    page.keyboard.press("b")
    expect(page.locator("#box-tools")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("#box-said")).to_have_text("60 × 61 pixels at 320, 150")
    tab_to(page, "#store-box")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("Stored track")
    page.keyboard.press("Control+z")
    expect(page.locator("#said")).to_have_text("Undone.")
    page.keyboard.press("Control+Shift+z")
    expect(page.locator("#said")).to_have_text("Done again.")
    tab_to(page, '#tracks button[data-track="1"]')
    page.keyboard.press("Enter")
    tab_to(page, "#reason")
    page.keyboard.type("Consent on file")
    tab_to(page, '[data-do="keep"]')
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("stays visible")
    tab_to(page, "#render")
    page.keyboard.press("Enter")
    expect(page.locator("#rendering")).to_have_text("rendered and verified", timeout=60_000)
    tab_to(page, "#approve")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("approved")
    made = manifest_of(folder)
    assert made["review"]["by"] == "K. Board"
    assert [v["what"] for v in made["visible"]] == ["track 1"]


def test_what_was_stored_outlives_a_killed_server(page: Page, review: Review, folder: Folder) -> None:
    open_clip(page, review)
    page.keyboard.press("b")
    page.locator("#store-box").click()
    expect(page.locator("#said")).to_contain_text("Stored track")
    page.keyboard.press("b")
    page.keyboard.press("ArrowLeft")
    review.process.kill()
    review.process.wait()
    stored = edits.read(edits.path_for(folder.release / "gate.mp4"))
    assert [type(c).__name__ for c in stored.standing] == ["Draw"]
    page.locator("#store-box").click()
    expect(page.locator("#wrong")).to_contain_text("stored edits are kept")
    again = start(folder)
    try:
        page.goto(again.address)
        expect(page.locator(".state", has_text="in work")).to_have_count(1)
    finally:
        again.stop()


def test_two_people_cannot_overwrite_each_other_unawares(page: Page, review: Review, folder: Folder) -> None:
    open_clip(page, review)
    other = page.context.new_page()
    other.goto(page.url)
    shown(other, 0)
    for each in (page, other):
        each.keyboard.press("b")
        each.locator("#store-box").click()
    expect(page.locator("#said")).to_contain_text("Stored track")
    expect(other.locator("#wrong")).to_contain_text("Someone else changed this clip's edits meanwhile")
    assert len(edits.read(edits.path_for(folder.release / "gate.mp4")).changes) == 1


@pytest.mark.parametrize(
    ("size", "scheme"), [((1920, 1080), "light"), ((820, 1180), "dark"), ((400, 800), "light")]
)
def test_axe_finds_nothing(page: Page, review: Review, size: tuple[int, int], scheme: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    # The page's own policy would (rightly) stop the script that checks it.
    session = page.context.new_cdp_session(page)
    session.send("Page.setBypassCSP", {"enabled": True})
    page.goto(review.address)
    assert violations(page) == []
    page.get_by_role("link", name="gate.mp4").click()
    shown(page, 0)
    page.keyboard.press("b")
    page.locator('#tracks button[data-track="1"]').click()
    for summary in page.locator("summary").all():
        summary.click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def violations(page: Page) -> list[object]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    said = page.evaluate(
        "async (tags) => { const r = await axe.run(document, {runOnly: {type: 'tag', values: tags}});"
        " return {passes: r.passes.length,"
        " wrong: r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 160))])}; }",
        RULES,
    )
    assert said["passes"] > 15
    made: list[object] = said["wrong"]
    return made


def test_a_report_opens_in_the_same_place(page: Page, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(to_json(bad_run()))
    made = serve([str(tmp_path / "run.json")])
    try:
        page.goto(made.address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("body")).to_contain_text("src/match.py")
        places = page.locator(".artifact:visible")
        every = places.count()
        page.get_by_label("Search").fill("src/match.py")
        expect(page.locator('output[name="shown"]')).to_contain_text("findings shown")
        assert 0 < places.count() < every
        page.get_by_label("Search").fill("")
        page.locator('select[name="confidence"]').select_option("low")
        expect(page.locator('[data-c="high"]:visible')).to_have_count(0)
    finally:
        made.stop()


def test_a_name_that_looks_like_a_page_is_text(page: Page, folder: Folder) -> None:
    name = '"><img src=x onerror=alert(1)>.mp4'
    for suffix in ("", ".manifest.json"):
        (folder.release / f"gate.mp4{suffix}").rename(folder.release / f"{name}{suffix}")
    made = start(folder)
    try:
        page.goto(made.address)
        expect(page.get_by_role("link", name=name)).to_be_visible()
        page.get_by_role("link", name=name).click()
        shown(page, 0)
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert page.locator("img[src=x]").count() == 0
    finally:
        made.stop()
