"""Footage: decode, detect, track, redact, encode, verify."""
