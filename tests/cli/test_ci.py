"""The gate in CI: the steps of the GitHub Action, the GitLab job and the pre-commit hook, run as given."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BAD = "import face_recognition\nknown = face_recognition.face_encodings(picture)\n"
QUICK = "--footage\noff\n--jobs\n0"
"""In this process: a pool of workers for two files would only cost time."""


def git(folder: Path, *words: str) -> str:
    base = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(folder)]
    return subprocess.run([*base, *words], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of two commits: the first holds recognition, the second does not add any."""
    folder = tmp_path / "a checkout"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "src" / "old.py").write_text(BAD)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    (folder / "src" / "clean.py").write_text("print('hello')\n")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "two")
    return folder


def shell(script: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    whole = {**os.environ, "PATH": path, "SCANNER_CACHE": str(cwd.parent / "cache"), "NO_COLOR": "1", **env}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=cwd, env=whole, capture_output=True, text=True, check=False, timeout=120
    )


def action(cwd: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str], str]:
    """Run the Action's gate as a runner does: inputs go into `env` where the step says so."""
    described: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    step = next(s for s in described["runs"]["steps"] if s.get("id") == "gate")
    inputs = {"options": QUICK, **inputs}
    given = {name: inputs.get(name, str(i.get("default", ""))) for name, i in described["inputs"].items()}

    def filled(text: str) -> str:
        return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: given[m[1]], text)

    env = {name: filled(text) for name, text in step["env"].items()}
    assert "${{" not in step["run"], "an input in a command is a command"
    output, summary = cwd.parent / "output", cwd.parent / "summary"
    output.touch()
    done = shell(
        step["run"],
        cwd,
        GITHUB_ACTION_PATH=str(ROOT),
        GITHUB_OUTPUT=str(output),
        GITHUB_STEP_SUMMARY=str(summary),
        **env,
    )
    pairs = dict(line.split("=", 1) for line in output.read_text().splitlines())
    return done, pairs, summary.read_text() if summary.exists() else ""


def test_the_action_closes_on_recognition_and_leaves_its_reports(checkout: Path) -> None:
    done, output, summary = action(checkout)
    assert done.returncode == 1, done.stderr
    assert output == {"exit-code": "1", "folder": "scanner-out"}
    assert summary.startswith("## Biometric processing: gate closed")
    made = {p.name for p in (checkout / "scanner-out").iterdir()}
    assert made == {"run.json", "scanner.sarif", "junit.xml", "report.html", "summary.md"}


def test_since_a_ref_only_what_is_new_closes_the_gate(checkout: Path) -> None:
    done, output, _ = action(checkout, since="main~1")
    assert (done.returncode, output["exit-code"]) == (0, "0"), done.stderr
    run = json.loads((checkout / "scanner-out" / "run.json").read_text())
    assert {f["status"] for f in run["findings"]} == {"baseline"}
    (checkout / "src" / "new.py").write_text(BAD)
    done, _, _ = action(checkout, since="main~1")
    assert done.returncode == 1, done.stderr
    run = json.loads((checkout / "scanner-out" / "run.json").read_text())
    assert "new" in {f["status"] for f in run["findings"]}
    assert git(checkout, "worktree", "list").count("\n") == 0, "no work tree is left behind"


def test_a_commit_that_a_shallow_clone_lacks_is_fetched(checkout: Path, tmp_path: Path) -> None:
    first = git(checkout, "rev-parse", "main~1")
    git(checkout, "config", "uploadpack.allowAnySHA1InWant", "true")
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", checkout.as_uri(), str(shallow)], check=True)
    done, _, _ = action(shallow, since=first)
    assert done.returncode == 0, done.stderr


def test_a_folder_that_is_new_since_the_ref_is_held_against_nothing(checkout: Path) -> None:
    (checkout / "fresh").mkdir()
    (checkout / "fresh" / "new.py").write_text(BAD)
    done, _, _ = action(checkout, since="main~1", targets="fresh")
    assert done.returncode == 1, done.stderr


def test_the_options_of_the_action_leave_footage_out() -> None:
    described: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    assert described["inputs"]["options"]["default"].split() == ["--footage", "off"]


def test_no_input_becomes_a_command(checkout: Path) -> None:
    names = ["$(touch hit)", "; touch hit", "`touch hit`", "a b*c"]
    for name in names:
        (checkout / name).mkdir()
        (checkout / name / "x.py").write_text(BAD)
    done, _, _ = action(checkout, targets="\n".join(names))
    assert done.returncode == 1, done.stderr
    run = json.loads((checkout / "scanner-out" / "run.json").read_text())
    assert [i["target"] for i in run["run"]["inputs"]] == names
    for name in names:
        assert action(checkout, since=name)[0].returncode not in (0, 1, 3)
    assert not (checkout / "hit").exists()


def test_an_option_for_git_is_no_ref(checkout: Path) -> None:
    done, _, _ = action(checkout, since="--upload-pack=touch hit")
    assert done.returncode == 2
    assert "is no git ref" in done.stderr


def test_the_gitlab_job_gates_on_what_a_merge_request_brings(checkout: Path, tmp_path: Path) -> None:
    job: dict[str, Any] = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text())["scanner"]
    home = tmp_path / "home"
    home.mkdir()
    (home / "source").symlink_to(ROOT)
    script = "\n".join([f"scanner_home={shlex.quote(str(home))}", *job["script"]])
    variables = {"SCANNER_OPTIONS": QUICK} | {k: str(v) for k, v in job["variables"].items()}
    first = git(checkout, "rev-parse", "main~1")
    assert shell(script, checkout, **variables).returncode == 1
    done = shell(script, checkout, CI_MERGE_REQUEST_DIFF_BASE_SHA=first, **variables)
    assert done.returncode == 0, done.stderr
    for path in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (checkout / path).exists()
    assert any("ci/install.sh" in line for line in job["before_script"])


def test_the_pre_commit_hook_says_why_it_closes(checkout: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    command = f"{hook['entry']} {shlex.join(hook['args'])}"
    done = shell(command, checkout)
    assert done.returncode == 1, done.stderr
    assert "gate closed" in done.stdout
    (checkout / "src" / "old.py").unlink()
    assert shell(command, checkout).returncode == 0


def test_the_pins_of_the_action_are_those_the_tests_ran_with() -> None:
    def pins(path: Path) -> dict[str, set[str]]:
        parts = re.split(r"^(?=[a-z0-9])", path.read_text(), flags=re.MULTILINE)
        return {p.split()[0]: set(re.findall(r"sha256:\w+", p)) for p in parts if "==" in p}

    every, ours = pins(ROOT / "requirements.lock"), pins(ROOT / "ci" / "requirements.lock")
    assert len(ours) > 40
    assert {n: h for n, h in ours.items() if every.get(n) != h} == {}, "renew it with: make lock"
