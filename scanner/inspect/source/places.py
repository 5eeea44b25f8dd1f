"""Where bytes of a piece of code stand, for findings and in words."""

import re
from bisect import bisect_right

from scanner.findings import Lines, Location, Pointer
from scanner.inspect.source.pieces import Piece

EXCERPT = 200


class Places:
    """The lines of one piece."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.breaks = [m.start() for m in re.finditer(rb"\n", piece.data)]

    def location(self, start: int, end: int) -> Location:
        """The lines of a range of bytes."""
        return self.piece.place(self._line(start), self._line(max(end - 1, start)))

    def words(self, at: int) -> str:
        """The line of a byte, in words: `line 12`, or in a notebook `line 3 of /cells/2/source`."""
        match self.location(at, at):
            case Lines(start_line=line):
                return f"line {line}"
            case Pointer(pointer=pointer, start_line=line):
                return f"line {line} of {pointer}"
            case _:
                return "the file"

    def excerpt(self, start: int) -> str:
        """Give the line of a byte, or as much of a long one as stands around it."""
        data = self.piece.data
        # Never further than an excerpt is long: a line of ten megabytes may hold a hundred thousand hits.
        floor = max(0, start - EXCERPT // 2)
        begin = max(floor, data.rfind(b"\n", floor, start) + 1)
        end = data.find(b"\n", start, begin + EXCERPT)
        return data[begin : end if end >= 0 else begin + EXCERPT].decode("utf-8", "replace")

    def _line(self, at: int) -> int:
        return bisect_right(self.breaks, at - 1) + 1
