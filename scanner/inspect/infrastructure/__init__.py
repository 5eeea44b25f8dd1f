"""Inspects infrastructure as code and container definitions."""
