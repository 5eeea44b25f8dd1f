"""A filter of system calls: no network, no other program, none of what only administrators and exploits need.

Everything else stays allowed, so that a new version of a library does not fail for a call that nobody
listed. A call that is denied fails with EPERM, as without the right to it. Sources: seccomp(2), the kernel's
`Documentation/userspace-api/seccomp_filter.rst`, `struct seccomp_data`; numbers of x86-64 and of arm64 as in
the kernel's own tables.
"""

import ctypes
import platform
import struct
import sys
from errno import ENOSYS, EPERM
from typing import NamedTuple

NETWORK = frozenset({"socket", "connect", "bind", "listen", "accept", "accept4"})
"""What opens a connection, of whatever kind; pairs and pipes between parent and child stay."""
PROGRAMS = frozenset({"execve", "execveat", "fork", "vfork"})
"""What starts another process. `clone` is allowed for threads alone, see `_program`."""
KERNEL = frozenset(
    {
        *("add_key", "keyctl", "request_key", "bpf", "perf_event_open", "userfaultfd"),
        *("io_uring_setup", "io_uring_enter", "io_uring_register"),
        *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"),
        *("mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "mount_setattr"),
        *("fsopen", "fsconfig", "fsmount", "fspick", "unshare", "setns", "open_by_handle_at"),
        *("init_module", "finit_module", "delete_module", "kexec_load", "reboot", "acct"),
        *("swapon", "swapoff", "quotactl", "sethostname", "setdomainname", "clock_settime"),
    }
)
"""What reaches other processes, or widens what an exploit can reach; no decoder needs any of it."""

# fmt: off
_X86_64 = {
    "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "accept4": 288,
    "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "clone": 56, "clone3": 435,
    "add_key": 248, "request_key": 249, "keyctl": 250, "bpf": 321, "perf_event_open": 298,
    "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "pidfd_getfd": 438, "kcmp": 312,
    "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "move_mount": 429, "open_tree": 428,
    "mount_setattr": 442, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "unshare": 272,
    "setns": 308, "open_by_handle_at": 304, "init_module": 175, "finit_module": 313, "delete_module": 176,
    "kexec_load": 246, "reboot": 169, "acct": 163, "swapon": 167, "swapoff": 168, "quotactl": 179,
    "sethostname": 170, "setdomainname": 171, "clock_settime": 227,
}
_ARM64 = {
    "socket": 198, "connect": 203, "accept": 202, "bind": 200, "listen": 201, "accept4": 242,
    "execve": 221, "execveat": 281, "clone": 220, "clone3": 435,
    "add_key": 217, "request_key": 218, "keyctl": 219, "bpf": 280, "perf_event_open": 241,
    "userfaultfd": 282, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_getfd": 438, "kcmp": 272,
    "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "move_mount": 429, "open_tree": 428,
    "mount_setattr": 442, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "unshare": 97,
    "setns": 268, "open_by_handle_at": 265, "init_module": 105, "finit_module": 273, "delete_module": 106,
    "kexec_load": 104, "reboot": 142, "acct": 89, "swapon": 224, "swapoff": 225, "quotactl": 60,
    "sethostname": 161, "setdomainname": 162, "clock_settime": 112,
}
# fmt: on


class Machine(NamedTuple):
    """A processor's family: its audit number, the number of the call `seccomp`, and those of all others."""

    audit: int
    seccomp: int
    calls: dict[str, int]


MACHINES = {"x86_64": Machine(0xC000003E, 317, _X86_64), "aarch64": Machine(0xC00000B7, 277, _ARM64)}

_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NR, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in `struct seccomp_data`; the lower half of an argument comes first on both machines."""
_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_X32 = 0x40000000
_CLONE_THREAD = 0x00010000
_NO_NEW_PRIVS = 38
_SET_FILTER, _ALL_THREADS, _IS_KNOWN = 1, 1, 2


def machine() -> Machine | None:
    """Give this machine's numbers; None where it is not Linux, or another processor."""
    return MACHINES.get(platform.machine()) if sys.platform == "linux" else None


def offered() -> bool:
    """Whether this kernel filters system calls."""
    here = machine()
    return here is not None and _call(here.seccomp, _IS_KNOWN, 0, ctypes.c_uint32(_ERRNO)) == 0


def apply() -> None:
    """Filter the calls of this process, for good.

    Raises:
        OSError: the kernel refuses.
    """
    here = machine()
    if here is None:
        raise OSError(ENOSYS, "no filter of system calls on this machine")
    code = _program(here)
    lines = (ctypes.c_char * len(code)).from_buffer_copy(code)
    filter_ = _Filter(len(code) // 8, ctypes.addressof(lines))
    no_new_privileges()
    if _call(here.seccomp, _SET_FILTER, _ALL_THREADS, filter_):
        raise OSError(ctypes.get_errno(), "seccomp")


def no_new_privileges() -> None:
    """Let nothing that this process starts have more rights than it has; filters demand that.

    Raises:
        OSError: the kernel refuses.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_void_p))


def _call(number: int, operation: int, flags: int, argument: ctypes.Structure | ctypes.c_uint32) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    return int(
        libc.syscall(
            ctypes.c_long(number), ctypes.c_uint(operation), ctypes.c_uint(flags), ctypes.byref(argument)
        )
    )


def _program(here: Machine) -> bytes:
    """Assemble the filter. Each line: operation, lines to skip if true, if not, and a number."""
    denied = sorted(here.calls[name] for name in NETWORK | PROGRAMS | KERNEL if name in here.calls)
    ends = {"kill": _KILL, "unknown": _ERRNO | ENOSYS, "denied": _ERRNO | EPERM, "allow": _ALLOW}
    clone = here.calls["clone"]
    lines: list[tuple[int, str | int, str | int, int]] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 0, "kill", here.audit),
        (_LOAD, 0, 0, _NR),
        (_AT_LEAST, "unknown", 0, _X32),
        # Its flags lie in memory, where no filter can look: libc falls back to `clone`.
        (_EQUAL, "unknown", 0, here.calls["clone3"]),
        *((_EQUAL, "denied", 0, number) for number in denied),
        (_EQUAL, 0, "allow", clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_OF, "allow", "denied", _CLONE_THREAD),
    ]
    at = {name: len(lines) + place for place, name in enumerate(ends)}
    code = b""
    for number, (operation, true, false, value) in enumerate(lines):
        jumps = (at[j] - number - 1 if isinstance(j, str) else j for j in (true, false))
        code += struct.pack("=HBBI", operation, *jumps, value)
    return code + b"".join(struct.pack("=HBBI", _RETURN, 0, 0, value) for value in ends.values())
