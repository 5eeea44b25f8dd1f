"""Parses code, but for code that was made to be slow to parse.

A parser that keeps several readings of a text alive takes time and memory that grow with the square of how
deep brackets are nested: 12 kB of TypeScript, 3,000 deep, took 2 GB in one step that cannot be interrupted.
Another goes round in circles: 2 kB of Kotlin took 20 s and 2.8 GB, and no end. Both were found by fuzzing
(tree-sitter 0.26). Of 46,000 files of a dozen languages on a developer's machine none was deeper than 352,
and of 10,000 none took more than 27 steps a kilobyte.
"""

import numpy as np
from tree_sitter import Tree

from scanner.errors import LimitError
from scanner.inspect.source.languages import Syntax

MAX_DEPTH = 1000
"""How deep brackets may be nested; those in texts and comments count as well."""
MAX_STEPS, BYTES_A_STEP = 2000, 16
"""How many times a parser reports back: so often at least, and once more for so many bytes."""
_PIECE = 2**16
_BRACKETS = np.zeros(256, np.int8)
_BRACKETS[list(b"([{")], _BRACKETS[list(b")]}")] = 1, -1


def parse(syntax: Syntax, data: bytes) -> Tree:
    """Parse code.

    Raises:
        LimitError: its brackets are nested too deep, or the parser does not come to an end.
    """
    if depth(data) > MAX_DEPTH:
        raise LimitError(f"its brackets are nested deeper than {MAX_DEPTH}, and it was not parsed.")
    left = MAX_STEPS + len(data) // BYTES_A_STEP

    def enough(_at: int, _damaged: bool) -> bool:  # noqa: FBT001 - as the parser calls it
        nonlocal left
        left -= 1
        return left < 0

    parser = syntax.parser()
    try:
        # Only a text that comes in pieces can be given up.
        tree = parser.parse(lambda at, _: data[at : at + _PIECE], progress_callback=enough)
    except ValueError as error:
        raise LimitError("its parser does not come to an end with it, and was stopped.") from error
    # Once more with the whole, so that a node has its text: nothing changed, and nothing is parsed again.
    return parser.parse(data, old_tree=tree)


def depth(data: bytes) -> int:
    """How deep brackets of any kind are nested at most."""
    steps = _BRACKETS[np.frombuffer(data, np.uint8)]
    return int(steps.cumsum(dtype=np.int32).max(initial=0))
