"""The shipped catalogue: every rule has examples that hold, and the page in docs is current."""

from collections import Counter
from pathlib import Path

import pytest
import re2

from scanner.rules import Rule, load_rules
from scanner.rules.check import check_rule
from scanner.rules.model import (
    CallSignal,
    ConfigSignal,
    ImportSignal,
    NameSignal,
    PackageSignal,
    StringSignal,
)
from scanner.rules.page import page

RULES = load_rules()
DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda r: r.id)
def test_every_example_of_a_rule_does_what_it_must(rule: Rule) -> None:
    assert check_rule(rule, RULES) == ()


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda r: r.id)
def test_a_rule_says_why_in_a_sentence_and_shows_both_sorts_of_examples(rule: Rule) -> None:
    assert rule.why.strip().endswith(".")
    assert len(rule.why.split()) >= 5
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.examples.match
    assert rule.examples.no_match


def test_package_urls_are_written_as_the_ecosystem_does() -> None:
    for rule, signal in RULES.signals(PackageSignal):
        for purl in signal.match:
            kind, _, name = purl.removeprefix("pkg:").partition("/")
            assert purl.startswith("pkg:"), (rule.id, purl)
            assert kind, (rule.id, purl)
            assert name, (rule.id, purl)
            assert "@" not in name, (rule.id, purl)
            if kind == "pypi":
                assert name == name.lower().replace("_", "-"), (rule.id, purl)


def test_patterns_of_strings_compile_and_never_match_nothing() -> None:
    for rule, signal in RULES.signals(StringSignal):
        for pattern in signal.match:
            assert not re2.compile(pattern).search(""), (rule.id, pattern)


def test_names_and_calls_have_a_part_to_filter_by() -> None:
    for rule, call in RULES.signals(CallSignal):
        for name in call.match:
            assert len(name.rsplit(".", 1)[-1].strip("*")) >= 3, (rule.id, name)
    for rule, imported in RULES.signals(ImportSignal):
        for name in imported.match:
            assert len(name) >= 3, (rule.id, name)
    for rule, named in RULES.signals(NameSignal):
        for phrase in named.match:
            assert phrase == phrase.lower().strip(), (rule.id, phrase)
            assert len(phrase.replace(" ", "")) >= 5, (rule.id, phrase)


def test_values_of_settings_are_in_lower_case_since_a_value_is_folded_before_it_is_compared() -> None:
    for rule, signal in RULES.signals(ConfigSignal):
        for value in signal.equals + signal.disabled:
            assert value == value.casefold(), (rule.id, value)


def test_no_signal_is_written_twice_in_a_rule() -> None:
    for rule in RULES:
        for kind in (PackageSignal, NameSignal, StringSignal):
            found = (s for s in rule.signals if isinstance(s, kind))
            names = Counter((getattr(s, "language", ""), n) for s in found for n in s.match)
            assert [n for n, count in names.items() if count > 1] == [], rule.id


def test_the_catalogue_page_is_current() -> None:
    assert (DOCS / "catalogue.md").read_text(encoding="utf-8") == page(RULES), (
        "run: scanner rules page > docs/catalogue.md"
    )
