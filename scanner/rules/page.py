"""The catalogue as a page for people, made from the data."""

from collections import defaultdict

from scanner.findings import Capability
from scanner.rules.load import RuleSet
from scanner.rules.model import Read, Reference, Rule, Signal


def kinds_of(rule: Rule) -> list[str]:
    """The kinds of a rule's signals, each once, in the order of the rule."""
    return list(dict.fromkeys(kind_of(s) for s in rule.signals))


def kind_of(signal: Signal) -> str:
    """The word for a signal's kind as it stands in a rule file."""
    return str(type(signal).__struct_config__.tag)


def how_known(reference: Reference) -> str:
    """Whether somebody read it, and when, or it is only recalled."""
    return f"read {reference.seen}" if isinstance(reference, Read) else "recalled, not verified"


def page(rules: RuleSet) -> str:
    """Write the catalogue as Markdown: a table by capability, one rule a row."""
    by_capability: dict[Capability, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_capability[rule.capability].append(rule)
    parts = [
        "# The catalogue of rules",
        "",
        "Made from the rule files by `scanner rules page`; do not edit. "
        f"{len(rules)} rules. `scanner rules show ID` prints one in full, with its references and examples.",
        "",
        _knowledge(rules),
    ]
    for capability in Capability:
        chosen = by_capability.get(capability)
        if not chosen:
            continue
        parts += [
            "",
            f"## {capability.value}",
            "",
            "| rule | shows | signals | why | references |",
            "| --- | --- | --- | --- | --- |",
        ]
        parts += [_row(rule) for rule in chosen]
    return "\n".join(parts) + "\n"


def _row(rule: Rule) -> str:
    signals = ", ".join(f"{kind} {_count(rule, kind)}" for kind in kinds_of(rule))
    cells = (f"`{rule.id}`", rule.title, signals, rule.why, _references(rule))
    return "| " + " | ".join(" ".join(c.split()).replace("|", "\\|") for c in cells) + " |"


def _knowledge(rules: RuleSet) -> str:
    """What the rules rest on, counted: a rule may cite several references."""
    references = [r for rule in rules for r in rule.references]
    read = [r for r in references if isinstance(r, Read)]
    without = sum(not any(isinstance(r, Read) for r in rule.references) for rule in rules)
    recalled = len(references) - len(read)
    return (
        f"References: {len(read)} of {len(references)} were *read* (somebody opened the page, file or list "
        f"on the day that the rule gives), {recalled} are *recalled* (general knowledge that nobody "
        f"verified). {len(rules) - without} rules have a reference that was read, {without} have none. "
        "A reference that was read speaks for the rule; it need not name every signal of it."
    )


def _references(rule: Rule) -> str:
    read = sum(isinstance(r, Read) for r in rule.references)
    counted = ((read, "read"), (len(rule.references) - read, "recalled"))
    return ", ".join(f"{count} {how}" for count, how in counted if count)


def _count(rule: Rule, kind: str) -> int:
    return sum(len(getattr(s, "match", ("",))) for s in rule.signals if kind_of(s) == kind)
