"""Names that leave this machine are alike on Windows, macOS and Linux; what only POSIX has is not needed."""

import ast
from pathlib import Path, PureWindowsPath

import scanner
from scanner.footage import edits, manifest

ROOT = Path(scanner.__file__).parent
MODULES = {p.relative_to(ROOT).as_posix(): ast.parse(p.read_text("utf-8")) for p in ROOT.rglob("*.py")}
STAY_HERE = {"footage/jobs.py", "cli/init.py"}
"""Where a relative path is opened, or shown to the person at this machine."""
POSIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"}


def test_a_relative_path_becomes_a_name_with_slashes() -> None:
    for name, tree in MODULES.items():
        named = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in ("as_posix", "parts", "name")
        }
        for node in ast.walk(tree):
            relative = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".relative_to")
            assert not relative or id(node) in named or name in STAY_HERE, f"{name}: {ast.unparse(node)}"


def test_no_module_needs_what_only_posix_has_when_it_is_imported() -> None:
    for name, tree in MODULES.items():
        for node in tree.body:  # the outermost level alone: what is behind a condition or in a function may
            if isinstance(node, ast.Import):
                assert not POSIX & {a.name for a in node.names}, name
            if isinstance(node, ast.ImportFrom):
                assert node.module not in POSIX, name


def test_what_lies_beside_a_file_lies_beside_it_on_windows_too() -> None:
    clip = PureWindowsPath(r"C:\Fälle\2026-11 Gate\gate.mp4")
    assert str(manifest.path_for(clip)) == r"C:\Fälle\2026-11 Gate\gate.mp4.manifest.json"  # type: ignore[arg-type]
    assert str(edits.path_for(clip)) == r"C:\Fälle\2026-11 Gate\gate.mp4.edits.json"  # type: ignore[arg-type]
    share = PureWindowsPath(r"\\server\cases\a.mp4")
    assert manifest.path_for(share).parent == share.parent  # type: ignore[arg-type]
