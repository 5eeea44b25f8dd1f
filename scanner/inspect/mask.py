"""Masks secrets in evidence lines: a report must not leak what it quotes."""

import re2

_MASK = "•••"

_PATTERNS = tuple(
    (re2.compile(pattern), replacement)
    for pattern, replacement in (
        # user:password@ in an address, as every RTSP camera has it
        (r"([a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@'\"]*):[^\s@/'\"]+@", rf"\1:{_MASK}@"),
        # key = value, where the key says that the value is a secret
        (
            r"(?i)(['\"]?[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|credential|private[_-]?key|subscription[_-]?key)[\w.-]*['\"]?\s*[:=]\s*['\"]?)[^\s'\",;)}]{3,}",
            rf"\1{_MASK}",
        ),
        (r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?(?:bearer|basic)\s+)[^\s'\"]+", rf"\1{_MASK}"),
        (r"\b(AKIA|ASIA)[A-Z0-9]{16}\b", rf"\1{_MASK}"),
        (r"\b(gh[pousr]_|glpat-|xox[abpr]-|sk-)[A-Za-z0-9_-]{16,}", rf"\1{_MASK}"),
        (r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*", _MASK),
    )
)


def mask(text: str) -> str:
    """Replace passwords, keys and tokens by `•••`; the key's name stays, so that the line can be found."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
