"""What the fork server imports before it forks: the inspectors and their tables, made once for all workers.

A run with rules of its own makes their tables in each worker.
"""

from contextlib import suppress

from scanner.inspect.unit import prepare

with suppress(Exception):  # it would take the fork server along; a worker meets it again, and says it
    prepare("", "auto", "balanced")
