"""What the catalogue rests on is said as it is, and a long general list of labels is no more than a hint."""

import msgspec
import pytest

from scanner.findings import Confidence
from scanner.rules import load_rules
from scanner.rules.load import RuleSet
from scanner.rules.model import Read, Recalled
from scanner.rules.page import how_known, page
from tests.inspect.config_helpers import look

RULES = load_rules()


def test_the_page_counts_read_and_recalled_references_apart() -> None:
    read = [r for rule in RULES for r in rule.references if isinstance(r, Read)]
    recalled = [r for rule in RULES for r in rule.references if isinstance(r, Recalled)]
    text = page(RULES)
    assert f"{len(read)} of {len(read) + len(recalled)} were *read*" in text
    assert f"{len(recalled)} are *recalled*" in text


def test_a_rule_that_rests_on_recollection_alone_is_counted_as_such() -> None:
    unread = msgspec.structs.replace(RULES.rules[0], references=(Recalled("as I remember it"),))
    assert "0 rules have a reference that was read, 1 have none" in page(RuleSet([unread]))


def test_no_rule_of_ours_rests_on_recollection_alone() -> None:
    assert [r.id for r in RULES if not any(isinstance(x, Read) for x in r.references)] == []


def test_only_what_was_read_shows_a_day() -> None:
    for reference in (x for rule in RULES for x in rule.references):
        if isinstance(reference, Read):
            assert how_known(reference) == f"read {reference.seen.isoformat()}"
        else:
            assert how_known(reference) == "recalled, not verified"


@pytest.mark.parametrize(
    ("others", "confidence"), [(1, "medium"), (99, "medium"), (100, "low"), (600, "low")]
)
def test_face_among_a_hundred_labels_says_more_than_among_six_hundred(others: int, confidence: str) -> None:
    labels = "Human face\n" + "".join(f"thing {i}x\n" for i in range(others))
    found = [f for f in look("detector.names", labels) if f.rule == "labels-face"]
    assert [f.confidence for f in found] == [Confidence(confidence)]
