"""Landlock: a process takes from itself the right to write anywhere but where it is told.

Reading stays allowed everywhere: what is read by mistake has no way out but the report. Source: the kernel's
`Documentation/userspace-api/landlock.rst`; the calls have the same numbers on every machine.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from scanner.engine.seccomp import no_new_privileges

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION, _BENEATH = 1, 1

_EXECUTE, _WRITE_FILE = 1 << 0, 1 << 1
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
"""Remove folders and files, make folders, files, links, sockets, pipes and devices."""
_REFER, _TRUNCATE, _IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_TCP = 0b11
"""Bind and connect."""
_SCOPES = 0b11
"""Abstract sockets and signals of processes outside."""


def version() -> int:
    """Give what this kernel knows of Landlock; 0 where it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, _call(_CREATE, None, 0, _VERSION))


def apply(writes: Iterable[Path]) -> None:
    """Deny this thread, and those that it starts, to write anything but below some folders and to /dev/null.

    Where the kernel knows how, TCP is denied as well, and signals to other processes.

    Args:
        writes: Folders that exist.

    Raises:
        OSError: the kernel refuses, or a folder is not there.
    """
    known = version()
    # Files may not be run, not even from below the folders that may be written.
    below = _WRITE_FILE | _REMOVE_AND_MAKE
    below |= (_REFER if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)
    denied = below | _EXECUTE | (_IOCTL_DEVICE if known >= 5 else 0)
    words = [denied, *([_TCP] if known >= 4 else []), *([_SCOPES] if known >= 6 else [])]
    rules = struct.pack(f"={len(words)}Q", *words)
    ruleset = _checked(_call(_CREATE, rules, len(rules), 0), "landlock_create_ruleset")
    try:
        for folder in writes:
            _allow(ruleset, folder, below)
        _allow(ruleset, Path(os.devnull), _WRITE_FILE | (below & _TRUNCATE))
        no_new_privileges()
        _checked(_call(_RESTRICT, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, place)
        _checked(_call(_ADD_RULE, ruleset, _BENEATH, rule, 0), "landlock_add_rule")
    finally:
        os.close(place)


def _checked(result: int, call: str) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), call)
    return result


def _call(number: int, *arguments: bytes | int | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    given = (ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)
    return int(libc.syscall(ctypes.c_long(number), *given))
