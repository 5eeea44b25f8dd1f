"""The short answer of a run."""

import msgspec

from scanner.findings import Capability, Confidence, Status
from scanner.report.answers import answers, said_in_short
from scanner.report.markdown import render
from tests.example_runs import bad_run, clean_run


def test_recognition_comes_first_with_what_it_is_done_through_and_where() -> None:
    first = next(iter(answers(bad_run())))
    assert first.capability is Capability.FACE_RECOGNITION
    assert first.first == "config/frigate.yml:42"
    assert said_in_short(bad_run())[0].startswith(
        "recognises faces: yes, through A face recognition library is used"
    )


def test_a_run_without_findings_says_that_there_is_no_sign() -> None:
    assert said_in_short(clean_run()) == ["recognises faces: no sign of it in what was inspected"]


def test_hints_alone_are_no_answer_but_keep_it_from_saying_no() -> None:
    run = bad_run()
    hints = tuple(msgspec.structs.replace(f, confidence=Confidence.LOW) for f in run.findings)
    assert said_in_short(msgspec.structs.replace(run, findings=hints)) == []


def test_files_are_counted_once_and_what_is_waived_says_so() -> None:
    run = bad_run()
    one = next(f for f in run.findings if f.capability is Capability.FACE_RECOGNITION)
    twice = (one, msgspec.structs.replace(one, id="other", status=Status.NEW))
    assert next(iter(answers(msgspec.structs.replace(run, findings=twice)))).files == 1
    waived = tuple(msgspec.structs.replace(f, status=Status.WAIVED) for f in twice)
    assert "recognises faces (waived): yes" in said_in_short(msgspec.structs.replace(run, findings=waived))[0]


def test_a_comment_on_a_pull_request_begins_with_it() -> None:
    text = render(bad_run()).decode()
    assert text.index("recognises faces") < text.index("| Result |")
