"""Rules of the user's own: the same schema, one clear sentence for each mistake."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from scanner.cli.rules import command
from scanner.errors import UsageError
from scanner.rules import load_rules
from scanner.rules.check import check_rules
from scanner.rules.load import RuleSet

RULE = """
[[rule]]
id = "door-camera"
title = "The door's own recogniser"
capability = "face-recognition"
why = "The vendor's library names the people at the door."
signals = [{ kind = "import", language = "python", match = ["doorcam.names"] }]
references = [{ source = "the vendor's manual", known = "read", seen = "2026-11-24" }]
[rule.examples]
match = [{ path = "a.py", text = "from doorcam import names\\n" }]
no_match = [{ path = "a.py", text = "from doorcam import light\\n" }]
"""


def write(folder: Path, text: str) -> Path:
    (folder / "own.toml").write_text(text, encoding="utf-8")
    return folder


def own(folder: Path) -> RuleSet:
    rules = load_rules(folder)
    return RuleSet([rules.by_id["door-camera"]])


def test_a_rule_of_the_users_own_works_like_a_shipped_one(tmp_path: Path) -> None:
    assert check_rules(own(write(tmp_path, RULE))) == ()


def test_an_example_that_does_not_hold_is_named(tmp_path: Path) -> None:
    wrong = RULE.replace("import light", "import names as light").replace("a.py", "b.py", 1)
    failures = check_rules(own(write(tmp_path, wrong)))
    assert [f.path for f in failures] == ["a.py"]
    assert "doorcam.names" in failures[0].reason


MISTAKES = {
    "no toml": ("[[rule", "is not a rule file"),
    "unknown key": (RULE.replace("title", "titel"), "titel"),
    "unknown kind": (RULE.replace('"import"', '"imports"'), "imports"),
    "unknown capability": (RULE.replace("face-recognition", "mind-reading"), "mind-reading"),
    "bad id": (RULE.replace("door-camera", "Door Camera"), "id of lower-case words"),
    "no day": (RULE.replace("2026-11-24", "today"), "seen"),
    "no such day": (RULE.replace("2026-11-24", "2026-02-30"), "seen"),
    "read without a day": (RULE.replace(', seen = "2026-11-24"', ""), "missing required field `seen`"),
    "recalled with a day": (RULE.replace('"read"', '"recalled"'), "unknown field `seen`"),
    "known in another way": (RULE.replace('"read"', '"heard"'), "heard"),
    "not said how it is known": (RULE.replace('known = "read", ', ""), "known"),
    "no source": (RULE.replace("the vendor's manual", " "), "each with its source"),
    "no references": (re.sub(r"references = .*", "references = []", RULE), "needs references"),
    "no counter-example": (RULE[: RULE.index("no_match")] + "no_match = []\n", "must not"),
    "twice": (RULE + RULE, "stands twice"),
    "shipped id": (RULE.replace("door-camera", "insightface"), "stands twice"),
    "no signals": (
        RULE.replace('[{ kind = "import", language = "python", match = ["doorcam.names"] }]', "[]"),
        "no signals",
    ),
}


@pytest.mark.parametrize(("text", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_clear_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_rules(write(tmp_path, text))


def test_an_empty_folder_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no rule files"):
        load_rules(tmp_path)


def test_the_digest_changes_with_the_rules(tmp_path: Path) -> None:
    assert load_rules().digest == load_rules().digest
    assert load_rules(write(tmp_path, RULE)).digest != load_rules().digest


def test_list_show_and_test_through_the_command_line(tmp_path: Path) -> None:
    folder = str(write(tmp_path, RULE))
    runner = CliRunner()
    listed = runner.invoke(command, ["list", "--rules", folder])
    assert "door-camera" in listed.output
    assert "insightface" in listed.output
    shown = runner.invoke(command, ["show", "door-camera", "--rules", folder]).output
    assert all(
        part in shown
        for part in (
            "doorcam.names",
            "vendor's manual (read 2026-11-24)",
            "must match: a.py",
            "must not match",
        )
    )
    tested = runner.invoke(command, ["test", "door-camera", "--rules", folder], standalone_mode=False)
    assert (tested.return_value, tested.output) == (0, "1 rules, 2 examples, 0 failures\n")


def test_a_failing_example_closes_the_gate(tmp_path: Path) -> None:
    folder = str(write(tmp_path, RULE.replace("import names", "import nothing")))
    result = CliRunner().invoke(command, ["test", "door-camera", "--rules", folder], standalone_mode=False)
    assert result.return_value == 1
    assert "should match and does not" in result.output


def test_an_unknown_rule_is_a_usage_error() -> None:
    result = CliRunner().invoke(command, ["show", "nonsense"], standalone_mode=False)
    assert isinstance(result.exception, UsageError)
    assert "nonsense" in str(result.exception)
