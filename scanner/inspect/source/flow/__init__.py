"""Purpose by data flow: whether what a detector finds is only covered."""

from scanner.inspect.source.flow.telling import covers_of, is_detection, note_of, purpose_in

__all__ = ["covers_of", "is_detection", "note_of", "purpose_in"]
