"""Damages files as hostile ones are damaged: where lengths, counts, names and nesting stand.

Every mutator is a function of a content and of chance; the same seed gives the same file.
"""

import bz2
import gzip
import io
import lzma
import random
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.cli.mutants import Sample, damaged
from tests.fuzz.corpus import with_true_sums

Mutator = Callable[[bytes, random.Random], bytes]

MAX_BYTES = 2**18
"""Mutants are cut to this: many small files find more than a few large ones."""
_NUMBERS = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**63 - 1,
    2**64 - 1,
)
_WORDS = tuple(
    word.encode()
    for word in (
        *(
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            '"',
            "'",
            '"""',
            "`",
            "${",
            "{{",
            "<",
            ">",
            "</",
            "<!--",
            "<![CDATA[",
        ),
        *(
            "&a",
            "*a",
            "<<: *a",
            "!!python/object:os.system",
            "---\n",
            "\n",
            "\r",
            "\r\n",
            "\t",
            "\\",
            "\\u0000",
        ),
        *(
            "\0",
            "\ufeff",
            "\u202e",
            "\ud7ff",
            "\x1b[2J",
            "é" * 9,
            "#",
            "//",
            "/*",
            "*/",
            ":",
            ": ",
            "- ",
            ",",
        ),
        *(
            "=",
            "null",
            "NaN",
            "1e999",
            "-0",
            "0x",
            "9" * 400,
            "true",
            "face_recognition",
            "import ",
            "lambda: 0",
        ),
        *("from . import *", "def f(a, *, b=1):\n", "class A(A): pass\n", "@", "async ", "$ref", "__proto__"),
        *(
            "match x:\n case [*_]: pass\n",
            "%s%n",
            "../" * 20,
            "rtsp://u:p@h/",
            "=cmd|'/c calc'!A1",
            "<script>",
        ),
    )
)
_DEEP = (
    b"[",
    b"{",
    b"(",
    b"<a>",
    b'{"a":',
    b"- ",
    b"!",
    b"not ",
    b"-",
    b"a.",
    b"f(",
    b"x if y else ",
    b"&a [",
)


def bitwise(content: bytes, chance: random.Random) -> bytes:
    """Flip, overwrite, cut and double a few bytes."""
    return damaged(content, chance)


def numbers(content: bytes, chance: random.Random) -> bytes:
    """Overwrite some numbers of 1 to 8 bytes by those at which readers go wrong, or move them by one."""
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 3))):
        width, order = chance.choice((1, 2, 4, 4, 8)), chance.choice(("little", "big"))
        if len(out) < width:
            break
        at = chance.randrange(min(len(out), chance.choice((64, 512, len(out)))) - width + 1 or 1)
        now = int.from_bytes(out[at : at + width], order)
        wanted = chance.choice((*_NUMBERS, now + 1, now - 1, now * 2, len(out), len(out) - at))
        out[at : at + width] = (wanted % 256**width).to_bytes(width, order)
    return bytes(out)


def lengths(content: bytes, chance: random.Random) -> bytes:
    """Find four bytes that look like the length of what follows, and make them wrong."""
    places = [
        at
        for at in range(min(len(content), 4096) - 4)
        if 0 < struct.unpack_from(">I", content, at)[0] <= len(content)
        or 0 < struct.unpack_from("<I", content, at)[0] <= len(content)
    ]
    if not places:
        return numbers(content, chance)
    out, at = bytearray(content), chance.choice(places)
    out[at : at + 4] = struct.pack(chance.choice(("<I", ">I")), chance.choice(_NUMBERS) % 2**32)
    return bytes(out)


def pieces(content: bytes, chance: random.Random) -> bytes:
    """Cut the content into blocks and drop, double, swap or repeat some."""
    size = chance.choice((1, 4, 16, 64, 512, 1024))
    blocks = [content[i : i + size] for i in range(0, len(content), size)]
    for _ in range(chance.choice((1, 2, 5))):
        if not blocks:
            break
        a, b = chance.randrange(len(blocks)), chance.randrange(len(blocks))
        match chance.randrange(4):
            case 0:
                del blocks[a]
            case 1:
                blocks.insert(b, blocks[a])
            case 2:
                blocks[a], blocks[b] = blocks[b], blocks[a]
            case _:
                blocks[a] = (blocks[a] * chance.choice((2, 20, 200)))[:MAX_BYTES]
    return b"".join(blocks)


def words(content: bytes, chance: random.Random) -> bytes:
    """Put words that mean something to parsers between, or in place of, the words that are there."""
    tokens = re.findall(rb"\w+|\s+|[^\w\s]", content[:MAX_BYTES])
    for _ in range(chance.choice((1, 2, 4, 8))):
        if not tokens:
            break
        at = chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0:
                tokens[at] = chance.choice(_WORDS)
            case 1:
                tokens.insert(at, chance.choice(_WORDS))
            case 2:
                tokens[at] = chance.choice(tokens)
            case _:
                del tokens[at : at + chance.choice((1, 3, 20))]
    return b"".join(tokens)


def deep(content: bytes, chance: random.Random) -> bytes:
    """Nest something some hundred or thousand times in the middle."""
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.choice(_DEEP) * chance.choice((60, 300, 3000)) + content[at:]


def wide(content: bytes, chance: random.Random) -> bytes:
    """Repeat a line, or the whole, many times."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    at = chance.randrange(len(lines))
    lines[at] *= max(1, min(chance.choice((50, 500, 5000)), MAX_BYTES // (len(lines[at]) or 1)))
    return b"".join(lines)


def repacked(content: bytes, chance: random.Random) -> bytes:
    """Put a damaged content into a sound archive of its own name's kind, so that it is reached."""
    inner = damaged(content, chance)
    match chance.randrange(4):
        case 0:
            return gzip.compress(inner, 1, mtime=0)
        case 1:
            return bz2.compress(inner, 1)
        case 2:
            return lzma.compress(inner, preset=0)
        case _:
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as packed:
                packed.writestr(zipfile.ZipInfo("../\x1b[31m" * chance.randrange(2) + "a/b.yaml"), inner)
                packed.writestr(zipfile.ZipInfo("c.yaml"), content)
            return out.getvalue()


MUTATORS: tuple[Mutator, ...] = (
    bitwise, bitwise, numbers, numbers, lengths, pieces, words, words, deep, wide, repacked,
)  # fmt: skip


def mutant(seeds: tuple[Sample, ...], chance: random.Random) -> tuple[Sample, str]:
    """Make one mutant; give it with the names of what was done to it."""
    name, content = chance.choice(seeds)
    done = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        mutator = chance.choice(MUTATORS)
        content = mutator(content, chance)[:MAX_BYTES]
        done.append(mutator.__name__)
    if chance.random() < 0.05:  # cross it with another
        other = chance.choice(seeds)[1]
        content = content[: chance.randrange(len(content) + 1)] + other[chance.randrange(len(other) + 1) :]
        done.append("crossed")
    if chance.random() < 0.05:  # another format's name
        name = chance.choice(seeds)[0]
        done.append("renamed")
    return (name, with_true_sums(content)[:MAX_BYTES]), "+".join(done)


def mutants(target: Path, count: int, chance: random.Random, seeds: tuple[Sample, ...]) -> list[str]:
    """Write mutants, each in a folder of its own, and give their paths below `target`."""
    names = []
    for number in range(count):
        (path, content), done = mutant(seeds, chance)
        name = f"m{number:05}-{done}/{path}"
        (target / name).parent.mkdir(parents=True)
        (target / name).write_bytes(content)
        names.append(name)
    return names
