"""Which files are worth a parse: a byte filter made of the rules' own words.

Nearly every file of a repository holds no word of any rule; reading bytes past it costs microseconds, a
parse milliseconds. The filter errs on the side of parsing: where escapes could hide a word it lets pass.
"""

import re
from functools import lru_cache
from typing import Any

import numpy as np
import re2

from scanner.inspect.tree import MAX_DEPTH
from scanner.rules import RuleSet
from scanner.rules.model import (
    ActionSignal,
    ConfigSignal,
    ImageSignal,
    ResourceSignal,
    Signal,
    StringSignal,
)

_PLAIN = frozenset({"true", "false", "1", "0", "yes", "no", "on", "off"})
_MARKUP = frozenset({"onvif", "hikvision"})
_HIDDEN = r"\\u00[2-7][0-9a-fA-F]|\\x[2-7][0-9a-fA-F]"
_GAP = r"[^\n]{0,80}"
_SHORT = 7
"""A shorter word is common in prose: it counts where it stands as a key, a value or an item."""


def words_of(signal: Signal) -> tuple[str, ...]:
    """Regular expressions one of which must match a file that shows the signal; none where it is not ours."""
    match signal:
        case ConfigSignal():
            return _of_setting(signal)
        case ImageSignal():
            return tuple(_glob(name) for name in signal.match)
        case ResourceSignal():
            return tuple(_of_resource(m) for m in signal.match)
        case ActionSignal():
            return tuple(_glob(m.split(":", 1)[0] + ":" if ":" in m else m) for m in signal.match)
        case StringSignal():
            return signal.match
        case _:
            return ()


def _of_setting(signal: ConfigSignal) -> tuple[str, ...]:
    keys = [k for k in signal.pointer.split("/") if k.strip("*")]
    last = signal.pointer.split("/")[-1]
    values = [v for v in signal.equals if v not in _PLAIN]
    if len(values) < len(signal.equals) or not values:
        key = max(keys, key=len)
        if len(key) >= _SHORT:
            return (_glob(key),)
        return (rf"(?m:^[ \t]*[\"']?{_literal(key)}[\"']?[ \t]*[:=])|[{{,][ \t]*\"{_literal(key)}\"",)
    if "*" not in last and signal.product not in _MARKUP:
        before = rf"{re2.escape(last)}[\"']?\s*[:=]\s*[\"']?"
        return tuple(
            _glob(v) if len(v) >= _SHORT else before + (_GAP if v[0] == "*" else "") + _glob(v)
            for v in values
        )
    return tuple(_glob(v) if len(v) >= _SHORT or "*" in v else _item(v) for v in values)


def _literal(text: str) -> str:
    return str(re2.escape(text))


def _of_resource(spec: str) -> str:
    """The type alone, as every format writes it; Pulumi and Kubernetes put other words between its parts."""
    name = spec.partition("[")[0].split(":", 1)[1]
    if spec.startswith(("pulumi:", "kubernetes:")):
        return _literal(max(re.split(r"[/:.]+", name)[:2], key=len))
    return _literal(name)


def _glob(text: str) -> str:
    """What a glob asks for on one line, its ends left open."""
    return _GAP.join(re2.escape(part) for part in text.split("*") if part)


def _item(word: str) -> str:
    return rf"(?m:(?:^|[-\[\"',;>\d])[ \t]*{re2.escape(word)}[ \t\r]*(?:$|[\"'\],;<#]))"


class Filter:
    """The words of one set of rules, as one automaton."""

    def __init__(self, rules: RuleSet, kinds: tuple[type, ...]) -> None:
        words = {w for rule in rules for s in rule.signals if isinstance(s, kinds) for w in words_of(s)}
        options = re2.Options()
        options.case_sensitive = False
        options.max_mem = 64 << 20
        options.never_capture = True
        options.log_errors = False
        options.encoding = re2.Options.Encoding.LATIN1
        pattern = "|".join(sorted(words)) or r"\z.\A"
        self._words: Any = re2.compile(pattern.encode(), options)
        self._hidden: Any = re2.compile(_HIDDEN.encode(), options)

    def hits(self, data: bytes) -> bool:
        """Whether the bytes hold a word of any rule, or an escape that could hide one."""
        return self._words.search(data) is not None or self._hidden.search(data) is not None


@lru_cache(maxsize=8)
def filter_of(rules: RuleSet, kinds: tuple[type, ...]) -> Filter:
    """The filter of a set of rules, made once a worker."""
    return Filter(rules, kinds)


def looks_hostile(kind: str, data: bytes) -> bool:
    """Whether a file seems made to exhaust a reader: such a file is read (within limits) even where no
    word asks for it, so that it ends as `not tested` with its reason and not as silently clean."""
    if kind == "xml":
        return _ENTITIES.search(data) is not None
    if kind == "yaml":
        bomb = data.count(b"*") > 32 and data.count(b"&") > 4 and _ALIASES.search(data) is not None
        return bomb or _depth(data) > MAX_DEPTH
    return kind == "json" and _depth(data) > MAX_DEPTH


_ENTITIES = re.compile(rb"""<!ENTITY\s+(?:%\s+)?\S+\s+(?:SYSTEM|PUBLIC|"[^"]*&\w|'[^']*&\w)""")
"""An entity made of others, or of a file elsewhere."""
_ALIASES = re.compile(rb"\*[\w-]+\s*,\s*\*[\w-]+\s*,\s*\*")


def _depth(data: bytes) -> int:
    """The deepest nesting, brackets inside strings counted too."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return 0
    steps = np.zeros(256, dtype=np.int8)
    steps[[0x5B, 0x7B]] = 1
    steps[[0x5D, 0x7D]] = -1
    return int(np.cumsum(steps[np.frombuffer(data, dtype=np.uint8)], dtype=np.int32).max())
