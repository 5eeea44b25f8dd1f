"""The bill of materials holds what is installed, with what pip would accept, and the weights."""

import json
import tomllib
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import licences  # isort: skip - packaging/ is put on the path by conftest.py
import locks  # isort: skip
import sbom  # isort: skip

ROOT = Path(__file__).parents[2]
TEXT = sbom.here(1_700_000_000)
BILL = json.loads(TEXT)
BY_NAME = {c["name"]: c for c in BILL["components"]}


def test_it_is_as_the_standard_wants_it() -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(TEXT) is None
    assert validator.validate_str(TEXT.replace('"type": "library"', '"type": "book"')) is not None


def test_it_holds_every_package_with_version_licence_and_hashes() -> None:
    lock = (ROOT / "ci" / "requirements.lock").read_text()
    for package in licences.bring(licences.asked()):
        entry = BY_NAME[package.name]
        assert entry["version"] == package.version
        assert entry["licenses"] == [{"expression": package.licence}]
        hashes = [h["content"] for h in entry["externalReferences"][0]["hashes"]]
        assert hashes
        assert all(f"--hash=sha256:{h}" in lock for h in hashes)


def test_it_holds_the_detectors_as_models() -> None:
    models = tomllib.loads((ROOT / "models" / "manifest.toml").read_text())["model"]
    listed = {c["name"]: c for c in BILL["components"] if c["type"] == "machine-learning-model"}
    assert set(listed) == {m["id"] for m in models}
    for model in models:
        assert listed[model["id"]]["hashes"] == [{"alg": "SHA-256", "content": model["sha256"]}]


def test_it_says_what_needs_what() -> None:
    needs = {d["ref"]: set(d.get("dependsOn", ())) for d in BILL["dependencies"]}
    ours = needs[BILL["metadata"]["component"]["bom-ref"]]
    assert BY_NAME["av"]["bom-ref"] in ours
    assert BY_NAME["markupsafe"]["bom-ref"] not in ours
    assert BY_NAME["markupsafe"]["bom-ref"] in needs[BY_NAME["jinja2"]["bom-ref"]]


def test_the_same_state_gives_the_same_bytes_and_another_day_others() -> None:
    assert sbom.here(1_700_000_000) == TEXT
    assert sbom.here(1_700_000_001) != TEXT


def test_what_is_not_pinned_is_refused() -> None:
    packages = licences.bring(["click"])
    with pytest.raises(LookupError, match=r"click [\d.]+ is installed here, but .* does not pin it"):
        sbom.bill(packages, [], [], 0)


def test_a_lock_is_read_entry_by_entry(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    a, b = "a" * 64, "b" * 64
    path.write_text(
        f"# head\nOne_Two==1.0 ; python_version < '3.12' \\\n"
        f"    --hash=sha256:{a} \\\n    --hash=sha256:{b}\n"
        f"three==2 \\\n    --hash=sha256:{b}\n    # via one-two\n"
    )
    one, three = locks.read(path)
    assert (one.name, one.version, one.hashes) == ("one-two", "1.0", (a, b))
    assert (three.name, three.hashes) == ("three", (b,))
