"""The inspector of model files: digest before structure, structure before name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from scanner.discover.artifact import Artifact
from scanner.findings import Capability, Confidence, Whole
from scanner.inspect.interface import Sighting
from scanner.inspect.model.known import known_of, pointer
from scanner.inspect.model.network import Judgement
from scanner.inspect.model.readers import SUFFIXES, reader_of, suffix_of
from scanner.inspect.model.role import judge
from scanner.inspect.model.words import says_plates
from scanner.inspect.reading import reading
from scanner.rules import RuleSet
from scanner.rules.model import ModelSignal

_POINTER_MARK = b"version https://git-lfs"
_PARENTS = 2
"""How many folders above a file say what it is (`antelopev2/glintr100.onnx`)."""


@dataclass(frozen=True, slots=True)
class ModelInspector:
    """Says what a model file is for, with the reason."""

    name: str = "model"

    def accepts(self, artifact: Artifact) -> bool:
        """Whether it may be a model: its content, its suffix, or a pointer to one."""
        if artifact.kind == "empty":
            return False
        if suffix_of(artifact) in SUFFIXES:
            return True
        return artifact.head.startswith(_POINTER_MARK) or reader_of(artifact) is not None

    def inspect(self, artifact: Artifact, rules: RuleSet) -> Iterable[Sighting]:
        """Give one sighting a capability, from the strongest evidence there is.

        Raises:
            UnreadableError: the file is a model, and damaged.
        """
        by_digest = list(_by_digest(artifact, rules))
        judged = _judge(artifact)
        by_role = list(_by_role(judged, rules))
        # A structure that could be read outweighs what the file is called.
        by_name = [] if any(j.confidence is not Confidence.LOW for j in judged) else _by_name(artifact, rules)
        best: dict[Capability, list[Sighting]] = {}
        for group in (by_digest, by_role, by_name):
            for capability in dict.fromkeys(s.rule.capability for s in group):
                members = [s for s in group if s.rule.capability is capability]
                if _rank(members) > _rank(best.get(capability, [])):
                    best[capability] = members
        for members in best.values():
            yield from members


def _rank(sightings: list[Sighting]) -> int:
    return max((s.confidence.rank for s in sightings), default=-1)


def _by_digest(artifact: Artifact, rules: RuleSet) -> Iterator[Sighting]:
    for known, remark in known_of(artifact, rules):
        yield Sighting(
            rule=known.rule,
            subject=f"weights {known.name}",
            signal="model",
            location=Whole(),
            confidence=known.signal.confidence,
            excerpt=f"{known.algorithm} {known.digest}",
            note=remark,
        )


def _judge(artifact: Artifact) -> tuple[Judgement, ...]:
    reader = reader_of(artifact)
    if reader is None:
        return ()
    with reading(artifact) as data:
        network = reader(data)
    if network is None:
        return ()
    path = artifact.path.replace("!/", "/").lower().split("/")
    return judge(network, " ".join(path[-1 - _PARENTS :]))


def _by_role(judged: tuple[Judgement, ...], rules: RuleSet) -> Iterator[Sighting]:
    for judgement in judged:
        for rule, signal in rules.signals(ModelSignal):
            if f"role:{judgement.role}" in signal.match:
                yield Sighting(
                    rule=rule,
                    subject=judgement.role,
                    signal="model",
                    location=Whole(),
                    confidence=min(judgement.confidence, signal.confidence, key=lambda c: c.rank),
                    note=judgement.reason,
                )


def _by_name(artifact: Artifact, rules: RuleSet) -> list[Sighting]:
    if suffix_of(artifact) not in SUFFIXES and not pointer(artifact.head):
        return []
    lower = artifact.name.lower()
    if says_plates(lower):
        # Finders of number plates borrow the names of finders of faces.
        return []
    path = artifact.path.replace("!/", "/").lower()
    found = []
    for rule, signal in rules.signals(ModelSignal):
        for match in signal.match:
            kind, _, pattern = match.partition(":")
            if kind == "name" and fnmatchcase(path if "/" in pattern else lower, pattern):
                found.append(
                    Sighting(
                        rule=rule,
                        subject=f"named {pattern}",
                        signal="model",
                        location=Whole(),
                        confidence=signal.confidence,
                        note="the name alone says so; the content was not recognised",
                    )
                )
    strongest = max((s.confidence.rank for s in found), default=0)
    return [s for s in found if s.confidence.rank == strongest][:1]
