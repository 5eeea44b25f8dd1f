"""Enumerations as Python 3.11.2 pickles them: by `getattr`, the class and the name (3.11.7: by the value)."""

import enum
import pickle
from enum import Enum
from typing import Any

import pytest

from scanner.engine.border import Context, ForeignError
from scanner.engine.interface import Ended
from scanner.findings import Capability, Confidence, Outcome
from scanner.inspect.task import Inspected, Record, Unit


def heard(sent: bytes) -> Any:
    hears, speaks = Context().Pipe(duplex=False)
    speaks.send_bytes(sent)
    return hears.recv()


def by_name(member: Enum, protocol: int) -> tuple[Any, ...]:
    """Reduce as `Enum` does in Python 3.11.2."""
    return getattr, (type(member), member.name)


def test_results_pass_as_an_early_python_sends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    record = Record("a/b", "code", 3, "ab", Outcome.FAILED, "why", ("source",))
    sent = [
        Ended(Unit("a/b", "/a/b"), Inspected((record,), ()), ""),
        [*Outcome, *Capability, *Confidence],
    ]
    for kind in (enum.Enum, enum.StrEnum, Outcome, Capability, Confidence):
        monkeypatch.setattr(kind, "__reduce_ex__", by_name, raising=False)
    early = pickle.dumps(sent)
    assert b"getattr" in early
    assert heard(early) == sent


@pytest.mark.parametrize(
    "hostile",
    [
        (Outcome, "__class__"),
        (Outcome, "mro"),
        (Record, "__init__"),
        (ValueError, "with_traceback"),
        (Outcome, 1),
        (Outcome.FAILED, "upper"),
    ],
    ids=repr,
)
def test_by_that_way_nothing_but_a_member_can_be_named(hostile: tuple[Any, str]) -> None:
    class Names:
        def __reduce__(self) -> Any:
            return getattr, hostile

    with pytest.raises(ForeignError):
        heard(pickle.dumps(Names()))
