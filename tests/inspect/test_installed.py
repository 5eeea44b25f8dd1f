"""Records of installed packages where the command line's table does not reach: places, damage, ceilings."""

import sqlite3
from pathlib import Path

import pytest

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError, UnreadableError
from scanner.findings import Lines
from scanner.inspect.packages import installed
from scanner.inspect.packages.inspector import PackageInspector
from scanner.rules import load_rules


def subjects(artifact: Artifact) -> set[str]:
    inspector = PackageInspector()
    found = inspector.inspect(artifact, load_rules()) if inspector.accepts(artifact) else ()
    return {s.subject for s in found}


def database(path: Path, *names: str) -> Path:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE 'Name' (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)")
        db.executemany("INSERT INTO Name VALUES (?, 1, 0)", [(n,) for n in names])
    db.close()
    return path


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("var/lib/dpkg/status.d/howdy", "Package: howdy\nVersion: 1\n", {"pkg:deb/debian/howdy"}),
        ("image.tar!/var/lib/dpkg/status", "Package: howdy\nVersion: 1\n", {"pkg:deb/debian/howdy"}),
        ("src/status", "Package: howdy\nVersion: 1\n", set()),
        ("usr/lib/apk/db/installed", "P:dlib\nV:1\n", {"pkg:apk/alpine/dlib"}),
        ("x.egg-info/PKG-INFO", "Metadata-Version: 2.1\nName: deepface\n\nx\n", {"pkg:pypi/deepface"}),
        ("METADATA", "Metadata-Version: 2.1\nName: deepface\n\nx\n", set()),
        (
            "a/node_modules/b/node_modules/face-api.js/package.json",
            '{"name": "face-api.js"}',
            {"pkg:npm/face-api.js"},
        ),
        ("node_modules/a/package.json", '{"name": "a", "devDependencies": {"face-api.js": "1"}}', set()),
        (
            "node_modules/a/lib/package.json",
            '{"dependencies": {"face-api.js": "1"}}',
            {"pkg:npm/face-api.js"},
        ),
    ],
)
def test_a_record_counts_where_it_lies(path: str, text: str, expected: set[str]) -> None:
    assert subjects(Artifact(path, data=text.encode())) == expected


def test_the_line_is_that_of_the_package() -> None:
    text = "Package: a\nStatus: install ok installed\n\nPackage: howdy\nStatus: install ok installed\n"
    artifact = Artifact("var/lib/dpkg/status", data=text.encode())
    (found,) = PackageInspector().inspect(artifact, load_rules())
    assert found.location == Lines(start_line=4, end_line=4)


def test_the_database_of_rpm_is_not_touched(tmp_path: Path) -> None:
    path = database(tmp_path / "rpmdb.sqlite", "bash", "python3-deepface", "dlib-devel")
    before = path.read_bytes()
    assert subjects(Artifact("rpmdb.sqlite", local=path)) == {
        "pkg:rpm/python3-deepface",
        "pkg:rpm/dlib-devel",
    }
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["rpmdb.sqlite"]


def test_a_damaged_database_of_rpm_is_not_tested(tmp_path: Path) -> None:
    whole = database(tmp_path / "a.sqlite", "python3-deepface").read_bytes()
    with pytest.raises(UnreadableError, match=r"rpmdb\.sqlite"):
        subjects(Artifact("rpmdb.sqlite", data=whole[:100] + b"\xff" * (len(whole) - 100) + b"deepface"))


def test_a_database_of_too_many_packages_is_not_tested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = database(tmp_path / "rpmdb.sqlite", "bash", "zlib", "deepface")
    monkeypatch.setattr(installed, "MAX_PACKAGES", 2)
    with pytest.raises(LimitError, match="more than 2"):
        subjects(Artifact("rpmdb.sqlite", local=path))


@pytest.mark.parametrize(
    ("path", "head", "form"),
    [
        ("image!/var/lib/rpm/Packages", bytes(12) + b"\x61\x15\6\0", "Berkeley DB"),
        ("usr/lib/sysimage/rpm/Packages.db", b"RpmP", "ndb"),
    ],
)
def test_other_formats_of_rpm_are_not_tested_and_say_the_remedy(path: str, head: bytes, form: str) -> None:
    artifact = Artifact(path, data=head + bytes(4096))
    with pytest.raises(UnreadableError, match=f"{form}.*rebuilddb"):
        subjects(artifact)
    assert not subjects(Artifact("src/Packages", data=head + bytes(4096)))
