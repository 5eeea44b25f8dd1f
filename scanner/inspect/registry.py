"""The inspectors, in the order in which they are asked. A new one is one line here."""

import importlib
from functools import cache

from scanner.footage.options import FootageOptions
from scanner.inspect.interface import Inspector

_INSPECTORS: tuple[str, ...] = (
    "scanner.inspect.source.inspector:SourceInspector",
    "scanner.inspect.packages.inspector:PackageInspector",
    "scanner.inspect.config:ConfigInspector",
    "scanner.inspect.config.pipeline:PipelineInspector",
    "scanner.inspect.infrastructure.dockerfile:DockerfileInspector",
    "scanner.inspect.infrastructure.secret:SecretInspector",
    "scanner.inspect.claims:ClaimInspector",
    "scanner.inspect.model:ModelInspector",
    "scanner.inspect.store:StoreInspector",
    "scanner.inspect.metadata:MetadataInspector",
    "scanner.inspect.footage:FootageInspector",
    "scanner.inspect.record:RecordInspector",
    "scanner.inspect.disguise:DisguiseInspector",
)
"""`module:Class`, each imported when the first worker needs it."""


@cache
def inspectors(footage: str = "auto", preset: str = "balanced") -> tuple[Inspector, ...]:
    """Give one instance of every inspector, with the run's options for the one that has any."""
    made: list[Inspector] = []
    for entry in _INSPECTORS:
        module, name = entry.split(":")
        inspector = getattr(importlib.import_module(module), name)()
        if hasattr(inspector, "options"):
            inspector.options = FootageOptions(depth=footage, preset=preset)
        made.append(inspector)
    return tuple(made)
