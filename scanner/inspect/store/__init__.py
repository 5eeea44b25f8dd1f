"""Stored biometric data: galleries, templates and the folders and tables that hold them.

artifact → vectors with names and neighbours → evidence → sightings (rules). No vector and no name is shown.
"""

from scanner.inspect.store.inspector import StoreInspector

__all__ = ["StoreInspector"]
