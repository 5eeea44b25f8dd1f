"""Runs the examples of rules through the real inspectors: what must match does, what must not does not."""

import base64
from dataclasses import dataclass

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Finding
from scanner.inspect.gather import gather
from scanner.inspect.interface import Sighting
from scanner.inspect.registry import inspectors
from scanner.rules.load import RuleSet
from scanner.rules.model import Example, Rule


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that did not do what it must.

    Attributes:
        rule: The rule's id.
        path: The example's path.
        reason: What was wrong, as a sentence.
    """

    rule: str
    path: str
    reason: str


def check_rules(rules: RuleSet) -> tuple[Failure, ...]:
    """Run every example of every rule; an empty answer means that all hold."""
    return tuple(failure for rule in rules for failure in check_rule(rule, rules))


def check_rule(rule: Rule, rules: RuleSet) -> tuple[Failure, ...]:
    """Run the examples of one rule, with all rules loaded, as in a scan."""
    failures = [
        Failure(rule.id, example.path, f"{example.path} should match and does not.")
        for example in rule.examples.match
        if not _found(rule, example, rules)
    ]
    for example in rule.examples.no_match:
        found = _found(rule, example, rules)
        if found:
            seen = ", ".join(sorted({e.subject for f in found for e in f.evidence}))
            failures.append(
                Failure(rule.id, example.path, f"{example.path} should not match, but shows {seen}.")
            )
    return tuple(failures)


def _found(rule: Rule, example: Example, rules: RuleSet) -> list[Finding]:
    return [finding for finding in inspect_example(example, rules) if finding.rule == rule.id]


def inspect_example(example: Example, rules: RuleSet) -> list[Finding]:
    """Give what the inspectors find in an example; one that cannot be read shows nothing."""
    data = base64.b64decode(example.base64) if example.base64 else example.text.encode()
    artifact = Artifact(example.path, data=data)
    sightings: list[Sighting] = []
    for inspector in inspectors():
        if inspector.accepts(artifact):
            try:
                seen = inspector.inspect(artifact, rules)
                sightings.extend(s for s in seen if isinstance(s, Sighting))
            except UnreadableError:
                continue
    return gather(artifact, sightings)
