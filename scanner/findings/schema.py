"""JSON Schemas (2020-12) of our types."""

import inspect
from typing import Any

import msgspec


def schema_of(kind: object, *, address: str, title: str) -> dict[str, Any]:
    """Describe a type; the same on every Python.

    Args:
        kind: A type, or a list of one.
        address: The schema's `$id`.
        title: What it is called.
    """
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address, "title": title}
    return {**head, **_dedented(msgspec.json.schema(kind))}


def _dedented(part: Any) -> Any:
    """Docstrings without the indentation that Python before 3.13 leaves in them."""
    if isinstance(part, dict):
        return {
            k: inspect.cleandoc(v) if k == "description" and isinstance(v, str) else _dedented(v)
            for k, v in part.items()
        }
    return [_dedented(p) for p in part] if isinstance(part, list) else part
