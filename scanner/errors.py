"""Every error a caller can name.

    ScannerError                 one sentence that names the file, and a remedy
    ├── UsageError               the command or a file of the user's is wrong (exit 2)
    ├── UnreadableError          this input could not be read: `not tested` (exit 3)
    │   └── LimitError           a ceiling of size, depth, time or memory was hit
    ├── EngineError              the processes that do the work cannot be had (exit 3)
    ├── WriteError               an output could not be written: no room, no right (exit 3)
    └── RedactionError           a redaction that could not be completed or verified (exit 1 or 3)

Exit codes are the same for every verb: see `Exit`.
"""

from enum import IntEnum


class Exit(IntEnum):
    """What the process says to the shell."""

    OPEN = 0
    """Done, and the gate is open."""
    CLOSED = 1
    """The gate is closed: a control is not satisfied, or a redaction failed verification."""
    USAGE = 2
    """The command line, or a file the user wrote for scanner, is wrong."""
    INCOMPLETE = 3
    """Some input could not be read or processed; it is listed."""


class ScannerError(Exception):
    """A problem the user can act on.

    Args:
        message: One sentence that names the file or the value.
        remedy: What to do about it, as a sentence.
    """

    exit = Exit.USAGE

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UsageError(ScannerError):
    """The command line, or a file the user wrote for scanner, is wrong."""


class UnreadableError(ScannerError):
    """An input could not be read; it is `not tested`, never `satisfied`."""

    exit = Exit.INCOMPLETE


class LimitError(UnreadableError):
    """A ceiling was hit: size, depth, ratio, time or memory."""


class EngineError(ScannerError):
    """The processes that do the work cannot be started or kept."""

    exit = Exit.INCOMPLETE


class WriteError(ScannerError):
    """An output could not be written; nothing stands under its name."""

    exit = Exit.INCOMPLETE


class RedactionError(ScannerError):
    """A redaction was not completed or did not pass its own verification."""

    exit = Exit.CLOSED
