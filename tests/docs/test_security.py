"""The page on security says of each ceiling what the code has."""

import importlib
import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([^|]+) \| (\d+)( [MG]iB)? \| `([\w.]+):(\w+)` \|$", PAGE, re.MULTILINE)
UNITS = {"": 1, " MiB": 2**20, " GiB": 2**30}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[4])
def test_a_ceiling_is_what_the_page_says(row: tuple[str, ...]) -> None:
    _, number, unit, module, name = row
    assert getattr(importlib.import_module(module), name) == int(number) * UNITS[unit]


def test_every_row_of_the_table_is_read() -> None:
    table = PAGE.partition("## Ceilings")[2].partition("\n## ")[0]
    assert len(ROWS) == table.count("\n| ") - 2
    assert len(ROWS) > 20
