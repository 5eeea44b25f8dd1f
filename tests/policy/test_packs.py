"""Packs: every word quoted stands in the text that was read, and a wrong pack is one clear line."""

import json
import re
from pathlib import Path

import jsonschema
import msgspec
import pytest

from scanner.config import json_schema as config_schema
from scanner.errors import UsageError
from scanner.policy.pack import Pack, Reading, Standing, json_schema, load_pack, shipped

LAW = Path(__file__).parents[1] / "data" / "law"
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "policy.schema.json"


def plain(text: str) -> str:
    """The words alone: no difference of quotation marks, dashes and line breaks."""
    text = text.replace("’", "'").replace("“", '"').replace("”", '"')
    return re.sub(r"\s*(?:-+|—)\s*", "-", re.sub(r"\s+", " ", text)).strip()


QUOTATIONS = [
    (name, control.id, control.source, control.quote)
    for name in shipped()
    for control in load_pack(name).control
    if control.quote
] + [
    (name, exception.id, exception.source, exception.quote)
    for name in shipped()
    for control in load_pack(name).control
    for exception in control.exception
    if exception.quote
]


@pytest.mark.parametrize(("pack", "item", "source", "quote"), QUOTATIONS)
def test_every_quotation_stands_in_the_text_that_was_read(
    pack: str, item: str, source: str, quote: str
) -> None:
    text = (LAW / f"{source}.txt").read_text(encoding="utf-8")
    assert plain(quote) in plain(text), f"{pack}, {item}"


def test_the_packs_that_the_design_names_are_shipped() -> None:
    assert set(shipped()) == {
        "us-moratorium", "us-moratorium-116", "us-moratorium-117", "us-s3779", "wa-rcw-43-386",
        "va-23-1-815-1", "boston-16-62", "sf-19b", "portland-190113", "eu-ai-act-5-1-h", "ca-pc-832-19",
    }  # fmt: skip


def test_a_control_without_words_says_so_and_quotes_nothing() -> None:
    for name in shipped():
        for control in load_pack(name).control:
            assert (control.quote_verified is Reading.NOT_QUOTED) == (control.quote == "")
    san_francisco = load_pack("sf-19b").control[0]
    assert san_francisco.quote == ""
    assert "not read" in san_francisco.citation


def test_only_california_is_expired_and_bills_are_called_proposed() -> None:
    standing = {name: load_pack(name).status for name in shipped()}
    assert [n for n, s in standing.items() if s is Standing.EXPIRED] == ["ca-pc-832-19"]
    assert {n for n, s in standing.items() if s is Standing.PROPOSED} == {
        n for n in shipped() if n.startswith("us-")
    }


def test_every_pack_denies_legal_advice() -> None:
    for name in shipped():
        assert "not legal advice" in " ".join(load_pack(name).status_note.split())


def test_the_committed_schema_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json.loads(json.dumps(json_schema()))


@pytest.mark.parametrize("name", shipped())
def test_a_pack_fits_the_schema(name: str) -> None:
    pack = json.loads(msgspec.json.encode(load_pack(name)))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(pack)


PACK = """
id = "ours"
title = "Our ordinance"
version = "2026"
status = "proposed"
status_note = "Ours. This is not legal advice."
jurisdiction = "us"
[[source]]
id = "text"
name = "The text"
url = ""
read = "verbatim"
verified_on = 2026-11-24
[[control]]
id = "faces"
title = "No faces"
citation = "1(a)"
quote = "no faces"
quote_verified = "verbatim"
source = "text"
verbs = ["use"]
objects = ["system"]
actors = ["city"]
capabilities = ["redaction"]
on_finding = "needs-review"
about = "All of it."
[[control.exception]]
id = "release"
title = "Release"
citation = "1(b)"
capabilities = ["redaction"]
predicate = [{ fact = "release", to = "outside-agency" }]
"""


def test_a_pack_of_the_users_own_is_loaded_by_its_file_name(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(PACK)
    assert load_pack(str(path)).control[0].exception[0].id == "release"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            'fact = "release"',
            'fact = "relaese"',
            "predicate 1, fact: 'relaese' is not known here; did you mean",
        ),
        (
            'to = "outside-agency"',
            'to = "outside"',
            "'outside' is not known here; did you mean 'outside-agency'",
        ),
        ('to = "outside-agency"', 'where = "out"', "unknown key 'where'"),
        ('[{ fact = "release", to = "outside-agency" }]', "[]", "would excuse everything"),
        (
            '[{ fact = "release", to = "outside-agency" }]',
            '[{ fact = "person-decides", question = " " }]',
            "asks",
        ),
        (
            "verified_on = 2026-11-24",
            "verified_on = '24 November'",
            "source 1, verified_on: this is not a date",
        ),
        ('on_finding = "needs-review"', 'on_finding = "satisfied"', "on_finding must be"),
        ('quote = "no faces"', 'quote = ""', "quote and quote_verified do not agree"),
        ('read = "verbatim"', 'read = "summary"', "its source summary"),
        ('source = "text"', 'source = "txt"', "no source 'txt'"),
        ('status = "proposed"', 'status = "expired"', "expired_on do not agree"),
        ('status = "proposed"', 'status = "pending"', "'pending' is not known here"),
        (
            'capabilities = ["redaction"]\npredicate',
            'capabilities = ["face-analysis"]\npredicate',
            "which the",
        ),
        ('verbs = ["use"]', 'verb = ["use"]', "control 1: unknown key 'verb'; did you mean 'verbs'?"),
    ],
)
def test_a_wrong_pack_is_one_clear_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in PACK
    path = tmp_path / "ours.toml"
    path.write_text(PACK.replace(old, new))
    with pytest.raises(UsageError) as caught:
        load_pack(str(path))
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_pack_type_and_the_users_file_agree_on_every_key() -> None:
    assert {"id", "status", "source", "control"} <= set(json_schema()["$defs"]["Pack"]["properties"])
    assert Pack.__struct_config__.forbid_unknown_fields


def test_the_schema_of_scanner_toml_is_that_of_the_code() -> None:
    path = SCHEMA.with_name("scanner-toml.schema.json")
    assert json.loads(path.read_text()) == json.loads(json.dumps(config_schema()))
