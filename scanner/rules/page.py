"""The catalogue as a page for people, made from the data."""

from collections import defaultdict

from scanner.findings import Capability
from scanner.rules.load import RuleSet
from scanner.rules.model import Rule, Signal


def kinds_of(rule: Rule) -> list[str]:
    """The kinds of a rule's signals, each once, in the order of the rule."""
    return list(dict.fromkeys(kind_of(s) for s in rule.signals))


def kind_of(signal: Signal) -> str:
    """The word for a signal's kind as it stands in a rule file."""
    return str(type(signal).__struct_config__.tag)


def page(rules: RuleSet) -> str:
    """Write the catalogue as Markdown: a table by capability, one rule a row."""
    by_capability: dict[Capability, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_capability[rule.capability].append(rule)
    parts = [
        "# The catalogue of rules",
        "",
        "Made from the rule files by `scanner rules page`; do not edit. "
        f"{len(rules)} rules. `scanner rules show ID` prints one in full, with its examples.",
    ]
    for capability in Capability:
        chosen = by_capability.get(capability)
        if not chosen:
            continue
        parts += [
            "",
            f"## {capability.value}",
            "",
            "| rule | shows | signals | why |",
            "| --- | --- | --- | --- |",
        ]
        parts += [_row(rule) for rule in chosen]
    return "\n".join(parts) + "\n"


def _row(rule: Rule) -> str:
    signals = ", ".join(f"{kind} {_count(rule, kind)}" for kind in kinds_of(rule))
    cells = (f"`{rule.id}`", rule.title, signals, rule.why)
    return "| " + " | ".join(" ".join(c.split()).replace("|", "\\|") for c in cells) + " |"


def _count(rule: Rule, kind: str) -> int:
    return sum(len(getattr(s, "match", ("",))) for s in rule.signals if kind_of(s) == kind)
