"""The dense parts of reading source: words of names, receivers, imports."""

# ruff: noqa: E501 - a table of cases reads best with one case a line

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.discover.artifact import Artifact
from scanner.inspect.source.imports import READERS, Import, read_import
from scanner.inspect.source.inspector import SourceInspector
from scanner.inspect.source.languages import SYNTAXES
from scanner.inspect.source.names import arguments_after, chain_before, token_at, words
from scanner.rules import load_rules


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("computeFaceEmbeddings", " compute face embedding "),
        ("FACE_EMBEDDING", " face embedding "),
        ("face-embedding", " face embedding "),
        ("ArcFaceONNX", " arc face onnx "),
        ("HTTPFaceServer2", " http face server 2 "),
        ("surface_match", " surface match "),
        ("lossless", " lossless "),
    ],
)
def test_an_identifier_is_split_into_its_words(identifier: str, expected: str) -> None:
    assert words(identifier) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("boto3.client('rekognition').search", ["boto3", "client(rekognition)"]),
        ("self.client.search", ["self", "client"]),
        ("a?.b!.search", ["a", "b"]),
        ("cv::face::search", ["cv", "face"]),
        ("$this->c->search", ["$this", "c"]),
        ("x[0].search", ["x[]"]),
        ("foo\n    .bar()\n    .search", ["foo", "bar()"]),
        ("return search", []),
        (").search", []),
        ("f(g(1), h(')')).search", []),
    ],
)
def test_the_receivers_before_a_name(text: str, expected: list[str]) -> None:
    data = text.encode()
    assert chain_before(data, data.rindex(b"search"))[0] == expected


@given(st.binary(max_size=300), st.integers(0, 300))
def test_receivers_of_any_bytes_are_read_without_an_error(data: bytes, at: int) -> None:
    at = min(at, len(data))
    chain, begin = chain_before(data, at)
    assert 0 <= begin <= at
    assert bool(chain) == (begin < at) or not chain
    start, end = token_at(data, at)
    assert start <= at <= end
    arguments_after(data, at)


IMPORTS = [
    ("python", "import a.b as c, d", {Import("a.b", "c"), Import("d", "d")}),
    ("python", "import a.b", {Import("a.b", ""), Import("a", "a")}),
    ("python", "from a.b import (c as d,  # why\n  e)", {Import("a.b", ""), Import("a.b.c", "d"), Import("a.b.e", "e")}),
    ("python", "from . import x", {Import(".", ""), Import(".x", "x")}),
    ("javascript", "import d, { a as b } from 'm';", {Import("m", ""), Import("m", "d"), Import("m.a", "b")}),
    ("javascript", "import * as n from 'https://cdn.jsdelivr.net/npm/@x/y@1.2/z'", {Import("@x/y/z", ""), Import("@x/y/z", "n")}),
    ("javascript", "const { A: B } = require('m'", {Import("m", ""), Import("m.A", "B")}),
    ("typescript", "import type { T } from 'npm:m@1.0.0'", {Import("m", ""), Import("m.T", "T")}),
    ("java", "import static a.b.C.d;", {Import("a.b.C.d", "d")}),
    ("kotlin", "import a.b.C as D", {Import("a.b.C", "D")}),
    ("swift", "@testable import Vision", {Import("Vision", "Vision")}),
    ("objc", "#import <Vision/Vision.h>", {Import("Vision/Vision.h", "")}),
    ("cpp", "using namespace cv::face;", {Import("cv.face", "face")}),
    ("cpp", "namespace f = cv::face;", {Import("cv.face", "f")}),
    ("csharp", "using F = A.B;", {Import("A.B", "F")}),
    ("go", 'x "a.b/c/v2"', {Import("a.b/c/v2", "x")}),
    ("go", '"github.com/o/go-face"', {Import("github.com/o/go-face", "face")}),
    ("rust", "use a::{b::{self, C}, d as e};", {Import("a.b", "b"), Import("a.b.C", "C"), Import("a.d", "e")}),
    ("php", "use A\\B as C;", {Import("A.B", "C")}),
    ("ruby", "require 'm'", {Import("m", "")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "expected"), IMPORTS, ids=[f"{i[0]}: {i[1][:20]}" for i in IMPORTS]
)
def test_an_import_gives_modules_and_local_names(language: str, text: str, expected: set[Import]) -> None:
    assert set(read_import(language, text)) == expected


@given(st.sampled_from(sorted(READERS)), st.text(alphabet="abc.{}:;,*'\"()/ \nimportusefrom", max_size=80))
def test_no_import_text_is_an_error(language: str, text: str) -> None:
    read_import(language, text)


_FRAGMENTS = st.sampled_from(
    ["face_recognition", "import ", "FaceMatcher", "(", ")", "{", "}", "'", '"', "\n", " ", ".", "=", "/*", "*/",
     "//", "#", "boto3.client('rekognition')", ".search_faces", "require('face-api.js')", "é", "\\", "<script>", "`${"]
)  # fmt: skip
_SUFFIXES = [".py", ".js", ".ts", ".tsx", ".java", ".kt", ".swift", ".m", ".c", ".cpp", ".cs", ".go", ".rs", ".php", ".rb", ".sh", ".html", ".vue", ".dart", ".scala"]  # fmt: skip


# The first example of a language builds its tables, which takes as long as the machine is busy.
@settings(deadline=None)
@given(st.sampled_from(_SUFFIXES), st.lists(_FRAGMENTS, max_size=40))
def test_no_text_breaks_the_inspector_and_every_place_exists(suffix: str, parts: list[str]) -> None:
    text = "".join(parts)
    artifact = Artifact(f"x{suffix}", data=text.encode())
    if not SourceInspector().accepts(artifact):
        return
    for sighting in SourceInspector().inspect(artifact, load_rules()):
        location = sighting.location
        assert 1 <= location.start_line <= location.end_line <= text.count("\n") + 1  # type: ignore[union-attr]


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_every_grammar_knows_the_nodes_that_its_table_names(syntax) -> None:  # type: ignore[no-untyped-def]
    language = syntax.language()
    for kind in syntax.imports:
        assert language.id_for_node_kind(kind, True) is not None, kind
