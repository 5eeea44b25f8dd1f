"""CycloneDX: strict under the foundation library, every reference resolves, no claim beyond evidence."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scanner.findings import Confidence, Run, Whole
from scanner.report import WRITERS
from tests.agency_runs import agency_run
from tests.example_runs import bad_run, clean_run, finding, lines, make_run
from tests.strange_runs import hostile_run

Make = Callable[[], Run]
every_run = pytest.mark.parametrize("make", [bad_run, clean_run, hostile_run, agency_run])


@cache
def bom(make: Make) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(WRITERS["cyclonedx"](make()))
    return made


@cache
def validator() -> JsonStrictValidator:
    return JsonStrictValidator(SchemaVersion.V1_6)


def errors(made: Any) -> Any:
    return validator().validate_str(json.dumps(made))


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


REFERENCES = {"assessor", "requirement", "claims", "counterClaims", "target", "counterEvidence", "assemblies"}


def dangling(made: Any) -> set[str]:
    pairs = list(walk(made))
    refs = [v for k, v in pairs if k == "bom-ref"]
    assert len(refs) == len(set(refs))
    used: set[str] = set()
    for key, value in pairs:
        if key in REFERENCES:
            used |= {value} if isinstance(value, str) else {v for v in value if isinstance(v, str)}
    return used - set(refs)


@every_run
def test_the_strict_validator_accepts_it_and_every_reference_resolves(make: Make) -> None:
    assert errors(bom(make)) is None
    assert dangling(bom(make)) == set()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["components", 0, "type"], "brain"),
        (["components", 0, "hashes", 0, "content"], "xyz"),
        (["metadata", "timestamp"], "yesterday"),
        (["serialNumber"], "1234"),
        (["surprise"], True),
        (["declarations", "attestations", 0, "map", 0, "conformance", "score"], 2),
    ],
)
def test_the_strict_validator_refuses_a_broken_file(path: list[Any], value: Any) -> None:
    made = json.loads(json.dumps(bom(bad_run)))
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    assert errors(made) is not None


def test_a_dangling_reference_is_seen() -> None:
    made = json.loads(json.dumps(bom(bad_run)))
    made["declarations"]["claims"][0]["target"] = "nowhere"
    assert dangling(made) == {"nowhere"}


def test_models_packages_and_stores_are_components() -> None:
    by_type = {c["type"]: c for c in bom(bad_run)["components"]}
    model = by_type["machine-learning-model"]
    assert model["name"] == "arcface.onnx"
    assert model["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]
    assert model["modelCard"]["modelParameters"]["task"] == "face-recognition"
    assert by_type["library"]["purl"] == "pkg:pypi/face-recognition"
    assert by_type["library"]["evidence"]["occurrences"] == [{"location": "requirements.txt", "line": 7}]
    assert by_type["data"]["name"] == "faces.sqlite"
    assert bom(bad_run)["compositions"] == [{"aggregate": "incomplete", "assemblies": ["scanned"]}]


def test_an_image_that_is_named_is_a_container() -> None:
    compose = finding("docker-compose.yml", lines(3), lines(9), subject="exadel/compreface-core", kind="yaml")
    seen = tuple(msgspec.structs.replace(e, signal="image") for e in compose.evidence)
    made = json.loads(WRITERS["cyclonedx"](make_run([msgspec.structs.replace(compose, evidence=seen)], [])))
    assert errors(made) is None
    (image,) = made["components"]
    assert (image["type"], image["name"]) == ("container", "exadel/compreface-core")
    assert [o["line"] for o in image["evidence"]["occurrences"]] == [3, 9]


def test_a_file_in_two_places_and_a_package_in_two_manifests_are_one_component_each() -> None:
    models = [
        finding(p, Whole(), kind="onnx", subject="role:face-embedding") for p in ("a/m.onnx", "b/m.onnx")
    ]
    packages = [
        finding(p, lines(3), subject="pkg:npm/%40vladmandic/face-api@1.7", confidence=Confidence.MEDIUM)
        for p in ("a/package.json", "b/package.json")
    ]
    made = json.loads(WRITERS["cyclonedx"](make_run([*models, *packages], [])))
    assert errors(made) is None
    model, package = made["components"]
    assert [o["location"] for o in model["evidence"]["occurrences"]] == ["a/m.onnx", "b/m.onnx"]
    assert [o["location"] for o in package["evidence"]["occurrences"]] == ["a/package.json", "b/package.json"]
    assert (package["group"], package["name"], package["version"]) == ("@vladmandic", "face-api", "1.7")


def test_only_results_of_the_run_become_claims_and_none_has_a_score() -> None:
    rows = bom(bad_run)["declarations"]["attestations"][0]["map"]
    said = [("claims" in r, "counterClaims" in r) for r in rows]
    assert said == [
        (False, True),
        (False, True),
        (False, False),
        (False, False),
        (False, False),
        (True, False),
    ]
    assert all("score" not in r["conformance"] for r in rows)
