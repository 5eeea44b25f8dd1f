"""Arrows point one way: this reads the imports of every module and holds them against the design."""

import ast
from pathlib import Path

import pytest

import scanner

ROOT = Path(scanner.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

FORBIDDEN = {
    "findings": {"scanner."},
    "rules": {
        "scanner.inspect",
        "scanner.footage",
        "scanner.policy",
        "scanner.report",
        "scanner.engine",
        "scanner.cli",
    },
    "discover": {
        "scanner.inspect",
        "scanner.footage",
        "scanner.policy",
        "scanner.report",
        "scanner.engine",
        "scanner.cli",
    },
    "engine": {"scanner.footage", "scanner.policy", "scanner.report", "scanner.cli"},
    "inspect": {"scanner.policy", "scanner.report", "scanner.engine", "scanner.cli"},
    "footage": {"scanner.inspect", "scanner.policy", "scanner.report", "scanner.engine", "scanner.cli"},
    "policy": {"scanner.inspect", "scanner.footage", "scanner.report", "scanner.engine", "scanner.cli"},
    "disclosures": {
        "scanner.inspect",
        "scanner.footage",
        "scanner.policy",
        "scanner.report",
        "scanner.engine",
        "scanner.cli",
    },
    "report": {"scanner.inspect", "scanner.footage", "scanner.policy", "scanner.engine", "scanner.cli"},
}
EXCEPT = {"findings": {"scanner.findings"}}
# Running the rules' examples needs the real inspectors: the one module of rules that may see them.
ALLOWED_FILES = {("rules/check.py", "scanner.inspect")}
IDENTIFYING = {"dlib", "face_recognition", "face_recognition_models", "insightface", "deepface"}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_only_what_the_design_allows(package: str) -> None:
    for path in (p for p in MODULES if p.relative_to(ROOT).parts[0] == package):
        name = path.relative_to(ROOT).as_posix()
        for module in imports(path):
            for forbidden in FORBIDDEN[package]:
                inside = any(module.startswith(e) for e in EXCEPT.get(package, ()))
                allowed = any(name == f and module.startswith(m) for f, m in ALLOWED_FILES)
                assert inside or allowed or not module.startswith(forbidden), f"{name} imports {module}"


def test_one_package_imports_av() -> None:
    users = {p.parent.name for p in MODULES if any(m.split(".")[0] == "av" for m in imports(p))}
    assert users == {"media"}


def test_no_module_of_ours_imports_what_can_identify_a_person() -> None:
    for path in MODULES:
        assert not IDENTIFYING & {m.split(".")[0] for m in imports(path)}, path


def test_no_module_loads_pickles() -> None:
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        calls = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
        assert not calls & {"pickle.load", "pickle.loads", "eval", "exec", "yaml.load", "yaml.unsafe_load"}, (
            path
        )


def test_no_file_has_more_than_400_lines() -> None:
    long = {
        p.relative_to(ROOT).as_posix(): n
        for p in MODULES
        if (n := len(p.read_text("utf-8").splitlines())) > 400
    }
    assert not long
