"""What pictures and clips show: visible faces, and traces of processing that are drawn into the picture.

artifact → clip (watch) → appearances, facts → sightings (rules)
"""

from scanner.inspect.footage.inspector import FootageInspector

__all__ = ["FootageInspector"]
