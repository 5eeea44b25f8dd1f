"""The documentation holds: links lead somewhere, commands parse, and each role's page works when followed."""

import re
import shutil
from contextlib import suppress
from pathlib import Path

import click
import msgspec
import pytest
from markdown_it import MarkdownIt

from samples import clips
from scanner.cli import blur, main
from scanner.footage import edits, manifest
from scanner.footage.manifest import Manifest
from tests import command_lines
from tests.footage.conftest import Here

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    p
    for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "decisions", ROOT / "models" / "cards")
    for p in folder.glob("*.md")
)
NAMES = [p.relative_to(ROOT).as_posix() for p in PAGES]
ROLES = ("officer", "clerk", "engineer")
_EXPECT = re.compile(r"\s+# ends with (\d).*$")


def links(text: str) -> list[str]:
    """Give the addresses of links and pictures."""
    found = []
    for block in MarkdownIt().enable("table").parse(text):
        for token in block.children or ():
            found += [str(token.attrs[name]) for name in ("href", "src") if name in token.attrs]
    return found


def anchors(text: str) -> set[str]:
    """Give the names of headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


def broken(page: Path, text: str) -> list[str]:
    """Give the links of a page that lead nowhere; addresses of the web are not asked."""
    bad = []
    for link in links(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            bad.append(link)
    return bad


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    assert broken(ROOT / name, (ROOT / name).read_text("utf-8")) == []


def test_a_link_that_leads_nowhere_would_be_seen() -> None:
    text = "[a](no.md) ![b](img/no.png) [c](cli.md#nothing) [d](cli.md#exit-codes) [e](https://example.org/)"
    assert broken(ROOT / "docs" / "x.md", text) == ["no.md", "img/no.png", "cli.md#nothing"]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_in_a_page_parses(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for line in command_lines.in_page((ROOT / name).read_text("utf-8")):
        for call in command_lines.calls(_EXPECT.sub("", line)):
            with suppress(click.exceptions.Exit):
                command_lines.parse(call, tmp_path)


def test_every_make_target_in_a_page_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)`", page.read_text("utf-8")):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{page.name}: make {target}"


def test_the_footage_page_names_every_field_of_a_manifest_and_every_option_of_blur() -> None:
    text = (ROOT / "docs" / "footage.md").read_text("utf-8")
    fields = {f.name for f in msgspec.structs.fields(Manifest)} - {"schema_version", "frames_examined"}
    fields -= {"audio_kept"}
    assert {f for f in fields if f"`{f}`" not in text} == set()
    options = {o for p in blur.command.params if isinstance(p, click.Option) for o in p.opts if o[:2] == "--"}
    assert {o for o in options - {"--quiet", "--verbose"} if o not in text} == {"--output"}


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the pages speak of: a pipeline, recorder settings, exports, a policy, a ledger."""
    folder = tmp_path_factory.mktemp("agency")
    shutil.copytree(ROOT / "samples" / "pipelines" / "noncompliant", folder / "pipeline")
    shutil.copytree(ROOT / "samples" / "pipelines" / "compliant", folder / "configs")
    (folder / "exports").mkdir()
    clips.write(folder / "exports" / "gate.mp4", clips.cctv(320, 180), clips.steady_times(1.5, 10))
    shutil.copy(ROOT / "samples" / "agency" / "policy.md", folder / "policy.md")
    shutil.copy(ROOT / "samples" / "disclosures" / "ledger.csv", folder / "ledger.csv")
    shutil.make_archive(str(folder / "pipeline"), "gztar", folder, "pipeline")
    return folder


def review(folder: Path) -> None:
    """Leave the edit file that a person leaves who agrees with everything."""
    output = folder / "release" / "gate.mp4"
    made = manifest.read(manifest.path_for(output))
    edits.write(edits.path_for(output), edits.Edits(input=made.input, tracks=made.tracks))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_s_page_works_when_it_is_followed(
    role: str,
    agency: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every command, in order, in one folder; `# ends with 1` behind one says with which code it ends."""
    folder = tmp_path / role
    shutil.copytree(agency, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SCANNER_CACHE", str(tmp_path / "cache.sqlite"))
    monkeypatch.setattr(blur, "worker", Here)
    ran = 0
    for line in command_lines.in_page((ROOT / "docs" / f"{role}.md").read_text("utf-8")):
        expected = int(found[1]) if (found := _EXPECT.search(line)) else 0
        for call in command_lines.calls(_EXPECT.sub("", line)):
            if call[0] == "review":
                if role == "clerk":
                    review(folder)
                continue
            with pytest.raises(SystemExit) as ended:
                main(call)
            said = capsys.readouterr()
            assert int(ended.value.code or 0) == expected, (line, said.out[-600:], said.err[-600:])
            ran += 1
    assert ran >= 6
