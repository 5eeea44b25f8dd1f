"""Judges what a network is for, from its structure. Shape first; words raise or lower, never decide alone."""

from collections.abc import Callable

from scanner.findings import Confidence
from scanner.inspect.model import role_checkpoint, role_detector, role_embedding, role_labels
from scanner.inspect.model.network import Judgement, Network


def judge(network: Network, name: str) -> tuple[Judgement, ...]:
    """Give every role that a network's structure shows, at most one judgement a role.

    Args:
        network: The structure.
        name: The file's name and those of the folders above it, lower case; outside evidence, which
            weighs less than the words that stand in the file.
    """
    best: dict[str, Judgement] = {}
    for look in _LOOKS:
        for found in look(network, name):
            if found.role not in best or found.confidence.rank > best[found.role].confidence.rank:
                best[found.role] = found
    firm = [j for j in best.values() if j.confidence is not Confidence.LOW]
    return tuple(sorted(firm or best.values(), key=lambda j: (-j.confidence.rank, j.role)))


_LOOKS: tuple[Callable[[Network, str], tuple[Judgement, ...]], ...] = (
    role_embedding.look,
    role_detector.look,
    role_labels.look,
    role_checkpoint.look,
)
