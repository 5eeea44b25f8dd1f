"""Inspects the configuration of recorders, cameras and pipelines."""

from scanner.inspect.config.inspector import ConfigInspector

__all__ = ["ConfigInspector"]
