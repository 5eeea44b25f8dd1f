"""Targets to artifacts: folders with ignore files, single files, archives without extraction."""
