"""What the fork server imports before it forks: the inspectors and their tables, made once for all workers.

A run with rules of its own makes their tables in each worker.
"""

from scanner.inspect.unit import prepare

prepare("", "auto", "balanced")
