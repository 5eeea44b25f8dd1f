"""What workers send is read as data: nothing in it can name code of the main process.

Pebble sends results through a pipe as pickles. A decoder that was taken over by a hostile file could write
one that runs a program in the main process, which nothing confines. So the main process's end of the pipe
looks up no name but those of our own frozen types, of Pebble's envelopes, and of exceptions.
"""

import builtins
import dataclasses
import io
import os
import pickle
import sys
from enum import Enum
from multiprocessing import reduction
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Any

import msgspec

_ENVELOPES = frozenset(
    {
        ("msgspec._utils", "rebuild"),  # makes a keyword-only struct of a class, which is looked up here, too
        ("pebble.pool.process", "TaskResult"),
        ("pebble.pool.process", "TaskProblem"),
        ("pebble.pool.process", "Acknowledgement"),
        ("pebble.common.types", "Result"),
        ("pebble.common.types", "ResultStatus"),
        ("pebble.common.types", "RemoteException.rebuild_exception"),
    }
)
_OURS = "scanner."


class ForeignError(pickle.PicklingError):
    """What Pebble takes for a worker that cannot be understood: it closes the pool."""


class _Reader(pickle.Unpickler):
    """Reads a pickle that names nothing but types of ours without code."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ENVELOPES:
            return super().find_class(module, name)
        if (module, name) == ("builtins", "getattr"):
            return _member
        if module == "builtins":
            found = getattr(builtins, name, None)
            if isinstance(found, type) and issubclass(found, BaseException):
                return found
        # Only of what is loaded: a name must not import a module either.
        if module.startswith(_OURS) and module in sys.modules and "." not in name:
            found = getattr(sys.modules[module], name, None)
            if isinstance(found, type) and _is_data(found):
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")


def _member(kind: Any, name: Any) -> Enum:
    """Give an enumeration's member: early Pythons 3.11 pickle it as `getattr` of its class and name."""
    if isinstance(kind, type) and issubclass(kind, Enum) and isinstance(name, str):
        return kind[name]
    raise pickle.UnpicklingError(f"getattr of {kind!r}")


def _is_data(kind: type) -> bool:
    return dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct | Enum)


class Guarded(Connection):
    """The end at which the main process hears its workers."""

    def recv(self) -> Any:
        """Give what was sent.

        Raises:
            ForeignError: it is not what results are made of.
        """
        sent = self.recv_bytes()
        try:
            return _Reader(io.BytesIO(sent)).load()
        except Exception as error:
            raise ForeignError(f"a worker sent what is no result ({error})") from error

    def __reduce__(self) -> tuple[Any, ...]:
        # A worker gets it too, only to close it: there it is an ordinary end.
        return _rebuilt, (reduction.DupFd(self.fileno()),)


def _rebuilt(copy: Any) -> Connection:
    return Connection(copy.detach(), writable=False)


class Context(ForkServerContext):
    """A fork server whose pipes are guarded at the end that hears."""

    def Pipe(self, duplex: bool = True) -> tuple[Any, Any]:  # noqa: N802, FBT001, FBT002 - as in the base
        """Give the end that hears, and the end that speaks."""
        hears, speaks = super().Pipe(duplex)
        return Guarded(os.dup(hears.fileno()), writable=duplex), speaks
