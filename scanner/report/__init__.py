"""Reports: each a pure function of a run, one writer a format."""

from scanner.report.interface import FORMATS, WRITERS, render

__all__ = ["FORMATS", "WRITERS", "render"]
