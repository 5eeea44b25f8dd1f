"""What a tree declares to run: images, cloud resources, permissions. Works on any format read as a tree."""

from collections.abc import Iterator
from typing import Protocol

from scanner.findings import Confidence, Location
from scanner.inspect.infrastructure import images, policies, resources
from scanner.inspect.interface import Sighting
from scanner.inspect.tree import Node, Path
from scanner.rules import Rule, RuleSet


class Placer(Protocol):
    """Says where a node stands in its artifact."""

    def location(self, node: Node, path: Path) -> Location:
        """The place of a node that lies at `path`."""
        ...

    def excerpt(self, node: Node) -> str:
        """The source line of a node."""
        ...


def declared_in(root: Node, rules: RuleSet, place: Placer) -> Iterator[Sighting]:
    """Give every image, resource and permission of a tree."""
    parents: list[tuple[Path, Node, Node | None]] = [((), root, None)]
    while parents:
        path, node, parent = parents.pop()
        if node.text is None:
            yield from _of_branch(path, node, rules, place)
        else:
            yield from _of_scalar(path, node, parent, rules, place)
        parents.extend(((*path, key), value, node) for key, value in reversed(node.items))


def _of_branch(path: Path, node: Node, rules: RuleSet, place: Placer) -> Iterator[Sighting]:
    for rule, signal, subject, at, note in (
        *policies.allowed(node, rules),
        *policies.by_name(path, node, rules),
    ):
        yield _sighting(place, path, at, rule, subject, "action", signal.confidence, note)
    for found, declared, name, at in resources.matches(path, node, rules):
        yield _sighting(place, path, at, found, name, "resource", declared.confidence, "a resource")


def _of_scalar(
    path: Path, node: Node, parent: Node | None, rules: RuleSet, place: Placer
) -> Iterator[Sighting]:
    text = node.text or ""
    for rule, signal, subject, at, note in policies.by_name(path, node, rules):
        yield _sighting(place, path, at, rule, subject, "action", signal.confidence, note)
    if images.is_image_key(path, parent):
        for known, image, repository in images.matches(text, rules):
            yield _sighting(place, path, node, known, repository, "image", image.confidence, "an image")
    elif " " in text:
        for offset, word in images.in_command(text):
            at = Node(node.text_line + offset, word)
            for known, image, repository in images.matches(word, rules):
                yield _sighting(
                    place, path, at, known, repository, "image", image.confidence, "an image in a command"
                )


def _sighting(
    place: Placer,
    path: Path,
    node: Node,
    rule: Rule,
    subject: str,
    signal: str,
    confidence: Confidence,
    note: str,
) -> Sighting:
    return Sighting(
        rule=rule,
        subject=subject,
        signal=signal,
        location=place.location(node, path),
        confidence=confidence,
        excerpt=place.excerpt(node),
        note=note,
    )
