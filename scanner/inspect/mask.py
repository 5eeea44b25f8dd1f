"""Masks secrets in evidence lines: a report must not leak what it quotes."""

import re2

_MASK = "•••"

_PATTERNS = tuple(
    (re2.compile(pattern), replacement)
    for pattern, replacement in (
        # user:password@ in an address, as every RTSP camera has it; to the last @, which a password may hold
        (r"([a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@'\"]*):[^\s/'\"]+@", rf"\1:{_MASK}@"),
        # key = value, where the key says that the value is a secret
        (
            r"(?i)(['\"]?[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|credential|private[_-]?key|pwd|(?:subscription|account|signing|encryption|stripe|client|auth|shared|license)[_-]?key)[\w.-]*['\"]?\s*[:=]\s*['\"]?)[^\s'\",;)}]{3,}",
            rf"\1{_MASK}",
        ),
        (r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?(?:bearer|basic)\s+)[^\s'\"]+", rf"\1{_MASK}"),
        (r"\b(AKIA|ASIA)[A-Z0-9]{16}\b", rf"\1{_MASK}"),
        (
            r"\b(gh[pousr]_|github_pat_|glpat-|xox[abepr]-|sk-|[sr]k_(?:live|test)_|hf_|npm_|pypi-|SG\.|ya29\.)[A-Za-z0-9._-]{16,}",
            rf"\1{_MASK}",
        ),
        (r"\bAIza[A-Za-z0-9_-]{30,}", f"AIza{_MASK}"),
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*", f"-----BEGIN PRIVATE KEY----- {_MASK}"),
        (r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*", _MASK),
    )
)


def mask(text: str) -> str:
    """Replace passwords, keys and tokens by `•••`; the key's name stays, so that the line can be found."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text
