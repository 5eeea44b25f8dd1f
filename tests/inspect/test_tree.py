import tracemalloc
from contextlib import suppress
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError, ScannerError, UnreadableError
from scanner.inspect.tree import Node, pointer_of, read_document, read_embedded, read_tree
from scanner.inspect.tree.read import READERS

FRIGATE = "cameras:\n  lobby:\n    detect: yes\n    roles: [detect, record]\n"


def places(node: Node) -> dict[str, tuple[str | None, int]]:
    return {pointer_of(path): (n.text, n.line) for path, n in node.walk()}


def test_yaml_keeps_text_and_lines() -> None:
    (root,) = read_document("yaml", "f", FRIGATE)
    assert places(root) == {
        "": (None, 1),
        "/cameras": (None, 2),
        "/cameras/lobby": (None, 3),
        "/cameras/lobby/detect": ("yes", 3),
        "/cameras/lobby/roles": (None, 4),
        "/cameras/lobby/roles/0": ("detect", 4),
        "/cameras/lobby/roles/1": ("record", 4),
    }


@pytest.mark.parametrize("tag", ["!secret", "!include", "!env_var", "!!python/object/apply:os.system"])
def test_yaml_tags_are_never_resolved(tag: str) -> None:
    (root,) = read_document("yaml", "f", f"key: {tag} value\n")
    value = root.get("key")
    assert value is not None
    assert value.text == "value"
    assert value.tag == ("" if tag.startswith("!!") else tag)


def test_yaml_merges_and_aliases() -> None:
    text = "base: &b {enabled: 'true', fps: '5'}\nfront:\n  <<: *b\n  fps: '9'\nlist: [*b, *b]\n"
    (root,) = read_document("yaml", "f", text)
    front = root.get("front")
    assert front is not None
    assert (front.scalar("enabled"), front.scalar("fps")) == ("true", "9")
    assert root.size == 1 + 3 + 3 + (1 + 3 + 3)


def test_yaml_gives_every_document_and_forgives_templates() -> None:
    text = "{{- if .Values.on }}\na: {{ .Values.a }}\n{{- end }}\n---\nb: 2\n"
    first, second = read_document("yaml", "f", text)
    assert (first.scalar("a"), second.get("b").line) == ("template", 5)  # type: ignore[union-attr]


def test_opencv_yaml_header_is_let_pass() -> None:
    (root,) = read_document("yaml", "f", "%YAML:1.0\n---\nname: x\n")
    assert root.get("name") == Node(3, "x", text_line=3)


def test_json_with_comments_escapes_and_lines() -> None:
    text = '{\n  // why\n  "f\\u0061ce": [1, true,],\n  "s": "\\ud83d\\ude00 \\ud800"\n}\n'
    (root,) = read_document("json", "f", text)
    assert places(root)["/face/1"] == ("true", 3)
    assert root.scalar("s") == "\U0001f600 �"


def test_toml_lines_also_in_tables_of_arrays() -> None:
    (root,) = read_document("toml", "f", 'title = "x"\n[[cam]]\nname = "a"\n\n[[cam]]\nname = "b"\n')
    assert places(root)["/cam/1/name"] == ("b", 6)


def test_xml_attributes_text_and_lines() -> None:
    text = '<?xml version="1.0"?>\n<t:a xmlns:t="urn:x" Type="t:F">\n  <t:b>text</t:b>\n</t:a>\n'
    (root,) = read_document("xml", "f", text)
    assert places(root)["/a/b"] == ("text", 3)
    assert places(root)["/a/@Type"] == ("t:F", 2)


def test_xml_with_a_document_type_is_read_and_its_address_not_opened() -> None:
    (root,) = read_document(
        "xml", "f", '<!DOCTYPE plist SYSTEM "file:///etc/hostname"><plist><a>1</a></plist>'
    )
    assert root.get("plist") is not None


def test_ini_sections_continuations_and_indented_settings() -> None:
    text = "# face=1\n[a]\n\tx = 1\n\ty = 2\n[b]\nlong={'m':\n   'face'}\nlast: 'q'\n"
    (root,) = read_document("ini", "f", text)
    assert places(root) == {
        "": (None, 1),
        "/a": (None, 2),
        "/a/x": ("1", 3),
        "/a/y": ("2", 4),
        "/b": (None, 5),
        "/b/long": ("{'m':\n'face'}", 6),
        "/b/last": ("q", 8),
    }


def test_hcl_blocks_objects_and_heredocs() -> None:
    text = (
        'resource "aws_x" "y" {\n  policy = jsonencode({ Action = ["a:B"] })\n  t = <<EOT\n{"k": 1}\nEOT\n}\n'
    )
    (root,) = read_document("hcl", "f", text)
    assert places(root)["/resource/aws_x/y/policy/Action/0"] == ("a:B", 2)
    heredoc = dict(root.walk())[("resource", "aws_x", "y", "t")]
    assert (heredoc.text, heredoc.text_line) == ('{"k": 1}', 4)


def test_embedded_text_keeps_the_lines_of_its_file() -> None:
    (root,) = read_document("yaml", "f", "data:\n  config.yml: |\n    a:\n      b: 1\n")
    held = dict(root.walk())[("data", "config.yml")]
    (inner,) = read_embedded("f", held)
    assert places(inner)["/a/b"] == ("1", 4)


@pytest.mark.parametrize("text", ["plain words", "FOO=1\nrun --face this\n", "", "- \n"])
def test_a_script_or_prose_is_no_embedded_configuration(text: str) -> None:
    found = read_embedded("f", Node(1, text, text_line=1))
    assert all(n.text is None and n.size < 3 for n in found)


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10)
)
MERGES = "a: &a {" + ", ".join(f"k{i}: 1" for i in range(2000)) + "}\nb:\n" + "  <<: *a\n" * 2000


@pytest.mark.parametrize(
    ("kind", "text", "error"),
    [
        ("yaml", BOMB, LimitError),
        ("yaml", MERGES, LimitError),
        ("yaml", "a: &a [*a]\n", UnreadableError),
        ("yaml", "[\n" * 100_000, LimitError),
        ("yaml", "{a: " * 100_000, LimitError),
        ("yaml", "---\n" + "x: &x [1,2,3,4,5,6,7,8,9]\n" + "- *x\n", UnreadableError),
        ("json", "[" * 100_000, LimitError),
        ("json", '{"a":' * 100_000, LimitError),
        ("json", "[1", UnreadableError),
        ("json", "]", UnreadableError),
        ("json", "/*" * 100_000, UnreadableError),
        ("toml", "a=" + "[" * 100_000, LimitError),
        ("toml", "a = \n", UnreadableError),
        ("xml", "<a>" * 100_000, LimitError),
        ("xml", "<a>", UnreadableError),
        ("xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', UnreadableError),
        ("xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', UnreadableError),
        ("hcl", "a = " + "[" * 5_000 + "]" * 5_000, LimitError),
        ("hcl", "a {\n" * 5_000 + "}\n" * 5_000, LimitError),
        ("braces", "a {\n" * 100_000, LimitError),
    ],
)
def test_hostile_text_ends_with_its_reason_in_bounded_time(
    kind: str, text: str, error: type[ScannerError]
) -> None:
    begun = process_time()
    tracemalloc.start()
    with pytest.raises(error) as raised:
        read_document(kind, "hostile.txt", text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert type(raised.value) is error
    assert raised.value.message.startswith("hostile.txt ")
    assert process_time() - begun < 10
    assert peak < 200 * 2**20


def test_aliases_of_many_documents_are_counted_together() -> None:
    one = "---\na: &a [" + "1," * 900 + "]\nb: [" + "*a," * 100 + "]\n"
    with pytest.raises(LimitError):
        read_document("yaml", "f", one * 5)


def test_a_document_beyond_the_size_limit_is_not_parsed() -> None:
    with pytest.raises(LimitError, match="larger than 16 MiB"):
        read_tree(Artifact("big.json", data=b"[" + b"1," * 9_000_000 + b"1]"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(READERS)),
    st.text(alphabet=st.sampled_from("{}[]<>:=,&*!|-\"'\\/#?% \n\tab1;$é\x00\ud800"), max_size=200),
)
def test_no_text_makes_a_reader_fail_otherwise(kind: str, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    try:
        for document in read_document(kind, "f", text):
            for _, node in document.walk():
                assert 1 <= node.line <= text.count("\n") + 2
    except UnreadableError as error:
        said = error.message
        assert said.startswith("f ")


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["a.yml", "a.json", "a.xml", "a.toml", "a.tf", "a.ini", "a.bicep"]),
)
def test_no_bytes_make_a_reader_fail_otherwise(data: bytes, name: str) -> None:
    artifact = Artifact(name, data=data)
    if artifact.kind in READERS:
        try:
            read_tree(artifact)
        except UnreadableError as error:
            assert name in error.message  # noqa: PT017 - most bytes are fine


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ini", "a" + " " * 1_000_000 + "\n"),
        ("a.txt", "a:" + " " * 1_000_000 + "x {\ninfer {\n"),
        ("a.yml", "a: [" + "{" * 1_000_000 + "\n{{ x }}"),
        ("a.yml", "a" + " " * 1_000_000 + "\n\x01"),
        ("a.json", '"' + '\\"' * 1_000_000 + '"'),
        ("a.json", "[" + "1," * 350_000 + '"a]'),
        ("a.tf", "a" + " = 1\na" * 100_000),
        ("a.xml", "<a>" + "x&amp;" * 300_000 + "</a>"),
    ],
)
def test_long_lines_take_time_by_their_length_alone(name: str, text: str) -> None:
    begun = process_time()
    with suppress(UnreadableError):
        read_tree(Artifact(name, data=text.encode()))
    assert process_time() - begun < 8
