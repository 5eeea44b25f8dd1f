"""The inspectors, in the order in which they are asked. A new one is one line here."""

import importlib
from functools import cache

from scanner.inspect.interface import Inspector

_INSPECTORS: tuple[str, ...] = ()
"""`module:Class`, each imported when the first worker needs it."""


@cache
def inspectors() -> tuple[Inspector, ...]:
    """Give one instance of every inspector."""
    made: list[Inspector] = []
    for entry in _INSPECTORS:
        module, name = entry.split(":")
        made.append(getattr(importlib.import_module(module), name)())
    return tuple(made)
