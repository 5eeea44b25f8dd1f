"""Cloud resources: their types as Terraform, CloudFormation, ARM, Pulumi and Kubernetes name them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from scanner.inspect.tree import Node, Path
from scanner.rules import Rule, RuleSet
from scanner.rules.model import ResourceSignal

_SPEC = re.compile(r"(?P<type>[^\[]+)(?:\[(?P<key>\w+)=(?P<value>[^\]]+)\])?\Z")
_TERRAFORM = re.compile(r"[a-z]+_[a-z0-9_]+\Z")
_PULUMI = re.compile(r"([\w-]+):([\w.-]+)(?:/[\w.]+)?:(\w+)\Z")
_ARM = re.compile(r"(microsoft\.\w+(?:/\w+)+)(?:@[\w-]+)?\Z", re.IGNORECASE)
_DEPTH = 5
"""How far below a resource a property that tells its kind may lie (`change/after/kind`)."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    rule: Rule
    signal: ResourceSignal
    key: str
    value: str


@lru_cache(maxsize=8)
def _wanted(rules: RuleSet) -> dict[str, tuple[_Wanted, ...]]:
    found: dict[str, tuple[_Wanted, ...]] = {}
    for rule, signal in rules.signals(ResourceSignal):
        for spec in signal.match:
            parts = _SPEC.match(spec)
            if parts is not None:
                wanted = _Wanted(rule, signal, parts["key"] or "", (parts["value"] or "").casefold())
                found[parts["type"].casefold()] = (*found.get(parts["type"].casefold(), ()), wanted)
    return found


def matches(path: Path, node: Node, rules: RuleSet) -> Iterator[tuple[Rule, ResourceSignal, str, Node]]:
    """The resources that a mapping declares: rule, signal, the type as subject, and the node to point at."""
    known = _wanted(rules)
    for name, at, body in _types(path, node):
        for wanted in known.get(name.casefold(), ()):
            if not wanted.key:
                yield wanted.rule, wanted.signal, name, at
            elif _has(body, wanted.key, wanted.value):
                yield wanted.rule, wanted.signal, f"{name}[{wanted.key}={wanted.value}]", at


def _types(path: Path, node: Node) -> Iterator[tuple[str, Node, Node]]:
    """What a mapping calls itself: the full type, the node that says so, and the body with properties."""
    if path and path[-1].casefold() in ("resource", "data"):
        for name, value in node.items:
            if _TERRAFORM.match(name):
                for _, body in value.items:
                    yield f"terraform:{name}", body, body
    of_type = node.get("type")
    if of_type is not None and of_type.text:
        text = of_type.text.strip()
        if text.startswith("AWS::"):
            yield f"cloudformation:{text}", of_type, node
        elif arm := _ARM.match(text):
            yield f"arm:{arm[1]}", of_type, node
        elif pulumi := _PULUMI.match(text):
            yield f"pulumi:{pulumi[1]}:{pulumi[2]}:{pulumi[3]}", of_type, node
        elif _TERRAFORM.match(text) and node.keys() & {"mode", "provider", "provider_name", "address"}:
            yield f"terraform:{text}", of_type, node
    version, kind = node.scalar("apiVersion"), node.get("kind")
    if "/" in version and kind is not None and kind.text:
        yield f"kubernetes:{version.split('/', 1)[0]}/{kind.text}", kind, node


def _has(body: Node, key: str, value: str) -> bool:
    return any(
        len(path) <= _DEPTH
        and path[-1:] != ()
        and path[-1].casefold() == key
        and (node.text or "").strip().casefold() == value
        for path, node in body.walk()
    )
