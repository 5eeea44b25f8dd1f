"""Samples of every format, each damaged a little: bits flipped, pieces cut out, doubled or overwritten."""

import bz2
import gzip
import lzma
import random
import sys
import tarfile
from pathlib import Path

from tests.cli import hostile_files as make
from tests.cli.pipelines import Row
from tests.cli.test_pipelines_code import ROWS as CODE
from tests.cli.test_pipelines_config import ROWS as CONFIG
from tests.cli.test_pipelines_data import ROWS as DATA
from tests.cli.test_pipelines_models import MODELS

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Sample = tuple[str, bytes]


def samples() -> list[Sample]:
    """Path and content of every file of the tables of pipelines, and archives of some of them."""
    found = [file for row in (*CODE, *CONFIG, *DATA, *MODELS) for file in _files(row)]
    few = {name.rsplit("/", 1)[-1]: content for name, content in found[:: len(found) // 12]}
    tar = make.tar_of(*((name, tarfile.REGTYPE, content) for name, content in few.items()))
    packed = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd.compress}
    archives = [
        ("a.zip", make.zipped(few)),
        ("a.tar", tar),
        *((f"a.tar.{s}", p(tar)) for s, p in packed.items()),
    ]
    return [*found, *archives * 4]


def _files(row: Row) -> list[Sample]:
    if isinstance(row.content, str | bytes):
        return [(row.path, row.content.encode() if isinstance(row.content, str) else row.content)]
    return [(f"{row.path}/{name}" if row.path else name, content) for name, content in row.content.items()]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Give a content with one to some dozen changes."""
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if not out:
            break
        # Heads say how the rest is read: half of the changes fall there.
        at = chance.randrange(min(len(out), 256) if chance.random() < 0.5 else len(out))
        length = chance.choice((1, 2, 4, 8, 64))
        match chance.randrange(6):
            case 0 | 1 | 2:
                out[at] ^= 1 << chance.randrange(8)
            case 3:
                out[at : at + length] = chance.choice((b"\0", b"\xff", b"\x7f", b"\x80")) * length
            case 4:
                del out[at : at + length]
            case _:
                out[at:at] = out[at : at + length] * chance.choice((1, 3, 50))
    if chance.random() < 0.1:
        del out[chance.randrange(len(out) + 1) :]
    return bytes(out)


def mutants(target: Path, count: int, seed: int) -> list[str]:
    """Write damaged files, each in a folder of its own, and give their paths below `target`."""
    chance = random.Random(seed)
    seeds = samples()
    names = []
    for number in range(count):
        path, content = (
            seeds[chance.randrange(len(seeds))] if count < len(seeds) else seeds[number % len(seeds)]
        )
        name = f"m{number:05}/{path}"
        (target / name).parent.mkdir(parents=True)
        (target / name).write_bytes(damaged(content, chance))
        names.append(name)
    return names
