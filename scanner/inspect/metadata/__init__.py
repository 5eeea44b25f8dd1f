"""Metadata in media: face regions, detected-face tracks, metadata streams of cameras. A name is never shown.

artifact → container (jpeg, png, ...) → packets → tags seen → sightings (rules)
"""

from scanner.inspect.metadata.inspector import MetadataInspector

__all__ = ["MetadataInspector"]
