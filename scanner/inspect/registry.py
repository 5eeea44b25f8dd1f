"""The inspectors, in the order in which they are asked. A new one is one line here."""

import importlib
from functools import cache

from scanner.inspect.interface import Inspector

_INSPECTORS: tuple[str, ...] = (
    "scanner.inspect.source.inspector:SourceInspector",
    "scanner.inspect.packages.inspector:PackageInspector",
    "scanner.inspect.config:ConfigInspector",
    "scanner.inspect.config.pipeline:PipelineInspector",
    "scanner.inspect.infrastructure.dockerfile:DockerfileInspector",
    "scanner.inspect.model:ModelInspector",
    "scanner.inspect.store:StoreInspector",
    "scanner.inspect.metadata:MetadataInspector",
    "scanner.inspect.footage:FootageInspector",
)
"""`module:Class`, each imported when the first worker needs it."""


@cache
def inspectors() -> tuple[Inspector, ...]:
    """Give one instance of every inspector."""
    made: list[Inspector] = []
    for entry in _INSPECTORS:
        module, name = entry.split(":")
        made.append(getattr(importlib.import_module(module), name)())
    return tuple(made)


def configure(*, footage: str, preset: str) -> None:
    """Hand the run's options to the inspector that has any."""
    for inspector in inspectors():
        if inspector.name == "footage":
            from scanner.footage.options import FootageOptions  # noqa: PLC0415 - only where it is used

            inspector.options = FootageOptions(depth=footage, preset=preset)  # type: ignore[attr-defined]
