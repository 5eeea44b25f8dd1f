"""Model files, known by what they are: never executed, never unpickled, read by their structure alone.

artifact → network (a reader a format) → judgements (roles) → sightings (rules)
"""

from scanner.inspect.model.inspector import ModelInspector

__all__ = ["ModelInspector"]
