"""The verdict on one file: every face that is found is covered, and serves nothing else; or not, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from scanner.inspect.source.flow import javascript, python
from scanner.inspect.source.flow.follow import Follower
from scanner.inspect.source.flow.ir import Module
from scanner.inspect.source.flow.state import Seeds, TooMuchError, Trace
from scanner.inspect.source.flow.value import Origin, Path, always

_LOWERED: dict[str, Callable[[Node], Module]] = {
    "python": python.lower,
    "javascript": javascript.lower,
    "typescript": javascript.lower,
    "tsx": javascript.lower,
}


@dataclass(frozen=True, slots=True)
class Purpose:
    """What becomes of the faces that a file finds. Places are bytes of the file.

    Attributes:
        covers: Where faces are found, and where these are covered.
        against: The first use that speaks against redaction, in words; empty: all of them only cover.
        place: Where that use is; -1: it is the file as a whole.
    """

    covers: tuple[tuple[int, int], ...] = ()
    against: str = ""
    place: int = -1

    @property
    def redacts(self) -> bool:
        """Whether faces are found only to be covered."""
        return bool(self.covers) and not self.against


def purpose_of(language: str, root: Node, seeds: Seeds, modules: Mapping[str, str]) -> Purpose | None:
    """Follow what is found at the seeds; None for a language whose flow is not followed.

    It fails closed: what is not understood speaks against redaction.

    Args:
        root: The file's syntax tree.
        seeds: Where the rules saw a detector.
        modules: Which module a local name stands for.
    """
    lower = _LOWERED.get(language)
    if lower is None:
        return None
    if root.has_error:
        return Purpose(against="the file cannot be parsed whole")
    try:
        trace = Follower(lower(root), seeds, modules).run()
    except TooMuchError:
        return Purpose(against="the file has more ways through it than are followed")
    except RecursionError:
        return Purpose(against="the file is nested too deep to be followed")
    return _verdict(trace)


def _verdict(trace: Trace) -> Purpose:
    covers = tuple(sorted({(origin.at, at) for origin, at, _ in trace.covers}))
    if trace.against:
        place, what = min(trace.against)
        return Purpose(covers, what, place)
    paths: dict[Origin, list[Path]] = {origin: [] for origin in trace.origins}
    for origin, _, path in trace.covers:
        paths.setdefault(origin, []).append(path)
    for origin, taken in paths.items():
        if not taken:
            return Purpose(covers, "finds faces that nothing covers", origin.at)
        if not always(taken):
            guard = min(path[0].at for path in taken if path)
            return Purpose(covers, "covers what was found under a condition only", guard)
    return Purpose(covers)
