"""Recorder, camera and pipeline configuration: what is told, how sure, and what stays silent."""

# ruff: noqa: E501 - tables of one file a line

import tomllib
from importlib.resources import files

import pytest

from scanner.errors import LimitError, UnreadableError
from scanner.findings import Capability, Lines, Pointer
from scanner.inspect.config.inspector import _SIGNALS
from scanner.inspect.config.words import filter_of
from scanner.rules import load_rules
from tests.inspect.config_helpers import firm, look, look_hard, shown, subjects

CAMERA = """
cameras:
  lobby:
    ffmpeg:
      inputs:
        - path: rtsp://viewer:hunter2secret@10.0.0.2/stream
          roles: [detect]
"""
FRIGATE = "mqtt:\n  enabled: false\n" + CAMERA
MINE = tuple(
    rule["id"]
    for topic in ("recorders", "containers", "infrastructure", "onvif", "pipelines")
    for rule in tomllib.loads((files("scanner.rules") / "catalogue" / f"{topic}.toml").read_text())["rule"]
)


@pytest.mark.parametrize("rule_id", MINE)
def test_every_rule_finds_its_examples_and_only_those(rule_id: str) -> None:
    rule = load_rules().by_id[rule_id]
    for example in rule.examples.match:
        assert rule_id in shown(example.path, example.text), example.path
    for example in rule.examples.no_match:
        assert rule_id not in shown(example.path, example.text), example.path


@pytest.mark.parametrize("rule_id", MINE)
def test_the_word_filter_lets_every_example_pass(rule_id: str) -> None:
    words = filter_of(load_rules(), _SIGNALS)
    for example in load_rules().by_id[rule_id].examples.match:
        assert words.hits(example.text.encode())


def indented(text: str, spaces: int) -> str:
    return "".join(" " * spaces + line + "\n" if line else "\n" for line in text.splitlines())


ENABLED = FRIGATE + "face_recognition:\n  enabled: true\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("frigate/config.yml", ENABLED),
        ("frigate.json", '{"mqtt": {}, "cameras": {"a": {"ffmpeg": {"inputs": []}}}, "face_recognition": {"enabled": "True"}}'),
        ("cm.yaml", "kind: ConfigMap\ndata:\n  config.yml: |\n" + indented(ENABLED, 4)),
        ("values.yaml", "frigate:\n  config: |\n" + indented(ENABLED, 4)),
        ("values.yaml", "frigate:\n  config:\n" + indented(ENABLED, 4)),
        ("roles/nvr/vars/main.yml", "frigate_config:\n" + indented(ENABLED, 2)),
        ("tasks/main.yml", "- name: config\n  ansible.builtin.copy:\n    dest: /config.yml\n    content: |\n" + indented(ENABLED, 6)),
        ("compose.yaml", "configs:\n  nvr:\n    content: |\n" + indented(ENABLED, 6)),
        ("templates/config.yml.yaml", "{% if nvr %}\n" + FRIGATE + "face_recognition:\n  enabled: yes\n{% endif %}\n"),
        ("main.tf", 'resource "kubernetes_config_map" "x" {\n  data = {\n    "config.yml" = <<-EOT\n' + ENABLED + "EOT\n  }\n}\n"),
        ("anchors.yml", "x-on: &on\n  enabled: true\n" + FRIGATE + "face_recognition:\n  <<: *on\n  model_size: large\n"),
        ("camera.yml", FRIGATE + "    face_recognition:\n      enabled: true\n"),
    ],
)  # fmt: skip
def test_frigate_enabled_is_high_wherever_its_configuration_stands(path: str, text: str) -> None:
    assert shown(path, text)["frigate-face-recognition"] == "high"


def test_installed_but_disabled_is_a_result_of_its_own() -> None:
    (finding,) = look("config.yml", FRIGATE + "face_recognition:\n  enabled: false\n")
    assert finding.confidence == "medium"
    (evidence,) = finding.evidence
    assert evidence.subject == "frigate:face_recognition.enabled=false"
    assert "installed but disabled" in evidence.note
    assert "/face_recognition/enabled" in evidence.note
    assert evidence.location == Pointer(
        pointer="/face_recognition/enabled", start_line=FRIGATE.count("\n") + 2
    )


def test_per_camera_settings_name_the_camera_in_the_note_and_not_in_the_fingerprint() -> None:
    one = look("config.yml", FRIGATE + "    face_recognition:\n      enabled: true\n")
    other = look(
        "moved.yml",
        "\n\n" + (FRIGATE + "    face_recognition:\n      enabled: true\n").replace("lobby", "yard"),
    )
    assert [f.fingerprint for f in one] == [f.fingerprint for f in other]
    assert "/cameras/lobby/face_recognition/enabled" in one[0].evidence[0].note


def test_the_version_of_a_frigate_configuration_is_told() -> None:
    (finding,) = look("config.yml", ENABLED + "version: 0.16-0\n")
    assert "version 0.16-0" in finding.evidence[0].note


def test_a_line_inside_an_embedded_text_is_that_of_the_file() -> None:
    text = "kind: ConfigMap\ndata:\n  config.yml: |\n" + indented(ENABLED, 4)
    (finding,) = look("cm.yaml", text)
    location = finding.evidence[0].location
    assert isinstance(location, Pointer)
    assert location.pointer == "/data/config.yml"
    assert location.start_line is not None
    assert text.splitlines()[location.start_line - 1].strip() == "enabled: true"


SILENT = [
    ("frigate/config.yml", FRIGATE),
    ("frigate/config.yml", FRIGATE + "lpr:\n  enabled: true\nsemantic_search:\n  enabled: true\n"),
    ("frigate/config.yml", FRIGATE + "# face_recognition:\n#   enabled: true\n"),
    ("icons.json", '{"icon": "mdi:face-recognition", "alt": "mdi:face-man"}'),
    ("dashboard.yaml", "title: x\ncards:\n  - type: tile\n    icon: mdi:face-recognition\n"),
    ("secret.yaml", "homeassistant:\nimage_processing: !include dlib_face_identify.yaml\n"),
    ("ci.yml", "jobs:\n  a:\n    container: node:22\n    steps:\n      - uses: actions/checkout@v4\n"),
    ("package.json", '{"name": "interface", "dependencies": {"typeface-roboto": "1"}, "repository": "exadel/compreface"}'),
    ("locale/en.json", '{"face": "Face", "surface": "Surface", "ring": "Ring"}'),
    ("mesh.json", '{"faces": [[0, 1, 2]], "vertices": [[0, 0, 0]]}'),
    ("web/locales/en/global.json", '{"mqtt": {"label": "x"}, "cameras": {"label": "x"}, "ui": {}, "face_recognition": {"model_size": {"label": "Size"}}}'),
    ("docs.json", '{"mqtt": {}, "detectors": {"deepstack": {"description": "x"}}}'),
    ("manual.xml", '<?xml version="1.0"?><!DOCTYPE book PUBLIC "-//OASIS//DTD DocBook XML V4.3//EN" "x" [<!ENTITY a SYSTEM "face_recognition">]><book/>'),
    ("labels.txt", "person\ncar\nlicense plate\n"),
    ("notes.txt", "face\n"),
    ("coco.names", "person\nclock\n"),
    ("run.sh", "# docker run deepquestai/deepstack\necho see https://hub.docker.com/r/deepquestai/deepstack\n"),
    ("humanface.xsd", '<?xml version="1.0"?><xs:schema xmlns:xs="x" xmlns:tt="http://www.onvif.org/ver10/schema"><xs:element name="HumanFace"/></xs:schema>'),
    ("onvif.wsdl", '<?xml version="1.0"?><wsdl:definitions xmlns:wsdl="x" xmlns:tt="http://www.onvif.org/ver10/schema"><a Type="tt:FaceRecognition"/></wsdl:definitions>'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text"), SILENT)
def test_what_only_looks_like_it_yields_nothing(path: str, text: str) -> None:
    assert firm(path, text) == {}


def test_a_face_key_in_an_unknown_product_is_a_hint_and_no_more() -> None:
    assert shown("app.yml", "features:\n  face_recognition:\n    enabled: true\n") == {
        "face-recognition-setting": "low"
    }


@pytest.mark.parametrize("domain", ["ring", "eufy_security", "nest"])
def test_a_vendor_that_recognises_is_a_hint_that_asks_for_review(domain: str) -> None:
    text = '{"version": 1, "minor_version": 1, "key": "core.config_entries", "data": {"entries": [{"domain": "%s"}]}}'
    assert shown("core.config_entries", text % domain) == {"vendor-face-recognition": "low"}


@pytest.mark.parametrize(
    ("sequence", "found"),
    [
        ("detection_sequence=object,face", True),
        ("detection_sequence=object,alpr", False),
        ("ml_sequence= {\n\t\t'general': {'model_sequence': 'object,face'},\n\t\t'object': {}}", True),
    ],
)
def test_zoneminder_hooks_by_their_sequence(sequence: str, found: bool) -> None:
    text = f"[general]\n{sequence}\n[object]\nobject_framework=opencv\n"
    assert ("zoneminder-hooks-face" in shown("objectconfig.ini", text)) is found


def test_a_line_in_an_ini_file_is_a_line_and_secrets_are_masked() -> None:
    text = "[general]\ndetection_sequence=object,face\nml_password=topsecret99\n"
    (finding,) = look("objectconfig.ini", text)
    assert finding.location == Lines(start_line=2, end_line=2)
    everything = look(
        "c.yml", FRIGATE.replace("rtsp", "face") + "face_recognition: {enabled: true, api_key: abcdef123}\n"
    )
    assert "abcdef123" not in repr(everything)
    assert "hunter2secret" not in repr(everything)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.py", 'P = "rtspsrc ! gvadetect model=face-detection-adas-0001.xml ! fakesink"\n', {"gstreamer:gvadetect.model=face-detection-adas-0001.xml"}),
        ("a.cpp", 'auto p = "v4l2src ! facedetect ! fakesink";\n// "v4l2src ! faceblur ! fakesink"\n', {"gstreamer:facedetect"}),
        ("a.sh", "gst-launch-1.0 v4l2src ! \\\n  facedetect profile=x.xml ! \\\n  fakesink\n", {"gstreamer:facedetect"}),
        ("a.js", "if (!facedetect) { x = !faceblur; }\n", set()),
        ("a.rs", 'println!("facedetect"); assert!(faceblur != 1);\n', set()),
    ],
)  # fmt: skip
def test_launch_lines_in_code(path: str, text: str, expected: set[str]) -> None:
    assert {s for s in subjects(path, text) if s.startswith("gstreamer:")} == expected


def test_onvif_capabilities_are_told_apart() -> None:
    head = '<?xml version="1.0"?><tt:M xmlns:tt="http://www.onvif.org/ver10/schema">'
    found = look("m.xml", head + '<tt:Rule Type="tt:FaceRecognition"/><tt:HumanFace/></tt:M>')
    assert {f.capability for f in found} == {Capability.FACE_RECOGNITION, Capability.FACE_ANALYSIS}


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10)
)


@pytest.mark.parametrize(
    ("path", "content", "error"),
    [
        ("bomb.yaml", BOMB.encode(), LimitError),
        ("deep.json", b"[" * 100_000 + b"]" * 100_000, LimitError),
        ("deep.yaml", b"- face_recognition: " + b"[" * 1_000 + b"]" * 1_000, UnreadableError),
        ("flow.yaml", b"- " + b"[" * 100_000 + b"]" * 100_000, UnreadableError),
        ("entities.xml", b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><a>&c;</a>', UnreadableError),
        ("outside.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', UnreadableError),
        ("lol.svg", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><svg/>', UnreadableError),
        ("latin.yml", b"name: caf\xe9\n", UnreadableError),
        ("broken.yml", b"a: 'face_recognition\n", UnreadableError),
        ("big.json", b'{"face_recognition": "' + b"a" * (17 * 2**20) + b'"}', LimitError),
    ],
)  # fmt: skip
def test_a_hostile_file_is_not_tested_and_says_why(
    path: str, content: bytes, error: type[UnreadableError]
) -> None:
    found, (raised,) = look_hard(path, content)
    assert all(f.confidence == "low" for f in found)
    assert isinstance(raised, error)
    assert raised.message.startswith(path)


def test_invalid_utf_8_is_reported_and_what_is_readable_still_found() -> None:
    found, errors = look_hard("config.yml", ENABLED.encode() + b"# caf\xe9\n")
    assert [f.rule for f in found] == ["frigate-face-recognition"]
    assert "not valid UTF-8" in errors[0].message


def test_damage_hides_nothing_that_stands_plainly() -> None:
    found, errors = look_hard(
        "compose.yml", "services:\n  a:\n    image: exadel/compreface-core:1\n  b: c: d\n"
    )
    assert [f.rule for f in found] == ["container-face-recognition"]
    assert "not valid YAML" in errors[0].message


def test_utf_16_and_escapes_hide_nothing() -> None:
    assert "frigate-face-recognition" in shown("config.yml", ENABLED.encode("utf-16"))
    hidden = '{"mqtt": {}, "cameras": {"a": {"ffmpeg": {"inputs": []}}}, "f\\u0061ce_recognition": {"enabled": true}}'
    assert "frigate-face-recognition" in shown("config.json", hidden)
