"""Values that Kubernetes keeps as base64 are read as the files they are, and never shown."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import Exit
from tests.conftest import Cli

FRIGATE = (
    "face_recognition:\n  enabled: true\n# pa55w0rd-of-nobody\ncameras: {door: {ffmpeg: {inputs: []}}}\n"
)
CODE = "import face_recognition\nface_recognition.face_encodings(x)\n"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def manifest(key: str, value: str, *, kind: str = "Secret", field: str = "data", extra: str = "") -> str:
    return f"apiVersion: v1\nkind: {kind}\n{extra}metadata: {{name: x}}\n{field}:\n  {key}: {value}\n"


def helm() -> str:
    release = gzip.compress(
        json.dumps({"manifest": "kind: Pod\nspec:\n  image: serengil/deepface:latest\n"}).encode()
    )
    twice = encoded(base64.b64encode(release).decode())
    return manifest("release", twice, extra="type: helm.sh/release.v1\n")


def in_list() -> str:
    item = {"kind": "Secret", "apiVersion": "v1", "data": {"a.py": encoded(CODE)}}
    return json.dumps({"kind": "List", "items": [item]})


PACKED = base64.b64encode(gzip.compress(CODE.encode())).decode()
IN_MAP = manifest("run.py", encoded(CODE), kind="ConfigMap", field="binaryData")
HOLDS = {
    "settings": ("a.yaml", manifest("config.yml", encoded(FRIGATE)), "/data/config.yml", 5),
    "code": ("a.yaml", manifest("run.py", encoded(CODE)), "/data/run.py", 5),
    "config map": ("a.yaml", IN_MAP, "/binaryData/run.py", 5),
    "a list, in JSON": ("a.json", in_list(), "/items/0/data/a.py", 1),
    "a packed value": ("a.yaml", manifest("a.py.gz", PACKED), "/data/a.py.gz", 5),
}
LOOKS = {
    "a template": ("a.yaml", manifest("run.py", "{{ .Values.code | b64enc }}")),
    "a placeholder": ("a.yaml", manifest("run.py", "<base64 of the code, 0123456789abcdef>")),
    "another kind": ("a.yaml", manifest("run.py", encoded(CODE), kind="SealedThing")),
    "a password": ("a.yaml", manifest("password", encoded("0123456789 0123456789"))),
}


def scan(cli: Cli, tmp_path: Path, name: str, text: str) -> tuple[int, dict[str, Any], str]:
    target = tmp_path / "target"
    target.mkdir()
    (target / name).write_text(text)
    done = cli("scan", target, "--report", "json=-", "--jobs", "0")
    return done.returncode, json.loads(done.stdout), done.stdout + done.stderr


@pytest.mark.parametrize("case", HOLDS)
def test_a_value_is_read_as_the_file_its_key_names(cli: Cli, tmp_path: Path, case: str) -> None:
    name, text, pointer, line = HOLDS[case]
    code, run, said = scan(cli, tmp_path, name, text)
    assert code == Exit.CLOSED
    evidence = [e for f in run["findings"] if f["capability"] == "face-recognition" for e in f["evidence"]]
    assert {f["artifact"]["path"] for f in run["findings"]} == {name}
    assert {(e["location"]["pointer"], e["location"]["start_line"]) for e in evidence} == {(pointer, line)}
    assert not any(e.get("excerpt") for e in evidence)
    for shown in ("pa55w0rd", "face_encodings(x)", encoded(FRIGATE)[:40], encoded(CODE)[:40]):
        assert shown not in said


@pytest.mark.parametrize("case", LOOKS)
def test_what_only_looks_like_it_says_nothing(cli: Cli, tmp_path: Path, case: str) -> None:
    code, run, _ = scan(cli, tmp_path, *LOOKS[case])
    assert (code, run["findings"]) == (Exit.OPEN, [])


def test_a_release_of_helm_is_unpacked(cli: Cli, tmp_path: Path) -> None:
    code, run, _ = scan(cli, tmp_path, "a.yaml", helm())
    assert code == Exit.CLOSED
    assert "/data/release" in json.dumps(run["findings"])


def test_a_damaged_value_is_not_tested(cli: Cli, tmp_path: Path) -> None:
    cut = base64.b64encode(gzip.compress(CODE.encode())[:-12]).decode()
    code, run, _ = scan(cli, tmp_path, "a.yaml", manifest("a.py.gz", cut))
    assert code == Exit.INCOMPLETE
    assert "damaged" in json.dumps(run["run"])
