"""Inspectors: each reads one kind of artifact and says which signals it saw."""
