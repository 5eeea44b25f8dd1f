"""Many expressions as one automaton over a file's bytes: what every filter of the inspectors is made of."""

from collections.abc import Iterable
from typing import Any

import re2

_MEMORY = 256 << 20
"""Of states; with less, the large sets of rules would fall back to slower ways of matching."""


def automaton(expressions: Iterable[str], *, any_case: bool = False) -> Any:
    """Compile expressions (RE2) into one that matches where any of them does; none match nowhere.

    Bytes are taken as they come: a file need not be valid UTF-8 to be filtered. Groups capture nothing.
    """
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.case_sensitive = not any_case
    options.never_capture = True
    options.max_mem = _MEMORY
    return re2.compile("|".join(f"(?:{e})" for e in expressions).encode() or rb"\z.\A", options)
