"""Dependencies in every format, through real files, with the shipped rules."""

# ruff: noqa: E501 - a table of cases reads best with one case a line

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.discover.artifact import Artifact
from scanner.errors import LimitError, UnreadableError
from scanner.findings import Capability, Confidence, Finding, Lines, Pointer
from scanner.inspect.gather import gather
from scanner.inspect.packages.inspector import PackageInspector
from scanner.inspect.packages.readers import readers_of
from scanner.rules import load_rules


def find(folder: Path, name: str, text: str) -> list[Finding]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    artifact = Artifact(name, local=path)
    inspector = PackageInspector()
    assert inspector.accepts(artifact)
    return gather(artifact, inspector.inspect(artifact, load_rules()))


def named(findings: list[Finding]) -> set[tuple[str, int]]:
    return {
        (e.subject, e.location.start_line)
        for f in findings
        for e in f.evidence
        if isinstance(e.location, Lines)
    }


POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <dependencies>
    <dependency>
      <groupId>software.amazon.awssdk</groupId>
      <artifactId>rekognition</artifactId>
    </dependency>
  </dependencies>
</project>
"""
PBX = {"packages": {"": {}, "node_modules/a/node_modules/@vladmandic/human": {"version": "3"}}}
CDX = {"bomFormat": "CycloneDX", "components": [{"name": "dlib", "purl": "pkg:pypi/insightface@0.7?x=y"}]}
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "packages": [{"name": "x", "externalRefs": [{"referenceLocator": "pkg:npm/face-api.js@1"}]}],
}

HOLDS = [
    ("requirements.txt", "numpy\nFace_Recognition[x] >= 1 ; python_version > '3'  # why\n", "pkg:pypi/face-recognition", 2),
    ("requirements/prod.txt", "numpy==1 \\\n  --hash=sha256:00\ndeepface==1\n", "pkg:pypi/deepface", 3),
    ("requirements-dev.in", "git+https://github.com/x/insightface.git@v1#subdirectory=p\n", "pkg:pypi/insightface", 1),
    ("requirements.txt", "-e git+https://h/x.git#egg=deepface\n", "pkg:pypi/deepface", 1),
    ("requirements.txt", "https://h/w/facenet_pytorch-2.5.3-py3-none-any.whl\n", "pkg:pypi/facenet-pytorch", 1),
    ("requirements.txt", "insightface @ https://h/x.zip\n", "pkg:pypi/insightface", 1),
    ("pyproject.toml", "[project]\ndependencies = [\n 'a',\n 'deepface>=1',\n]\n", "pkg:pypi/deepface", 4),
    ("pyproject.toml", "[project.optional-dependencies]\nx = ['deepface']\n", "pkg:pypi/deepface", 2),
    ("pyproject.toml", "[dependency-groups]\nx = ['deepface', {include-group = 'y'}]\n", "pkg:pypi/deepface", 2),
    ("pyproject.toml", "[tool.poetry.group.ml.dependencies]\ninsightface = '^0.7'\n", "pkg:pypi/insightface", 2),
    ("setup.cfg", "[options]\ninstall_requires =\n  a\n  deepface>=1\n", "pkg:pypi/deepface", 4),
    ("setup.py", "from setuptools import setup\nreqs = ['a',\n  'deepface>=1']\nsetup(install_requires=reqs)\n", "pkg:pypi/deepface", 3),
    ("Pipfile", "[packages]\ndeepface = '*'\n", "pkg:pypi/deepface", 2),
    ("Pipfile.lock", json.dumps({"default": {"deepface": {}}}, indent=1), "pkg:pypi/deepface", 3),
    ("poetry.lock", "[[package]]\nname = 'a'\n\n[[package]]\nname = 'deepface'\n", "pkg:pypi/deepface", 5),
    ("uv.lock", "version = 1\n[[package]]\nname = 'insightface'\n", "pkg:pypi/insightface", 3),
    ("environment.yml", "dependencies:\n  - conda-forge::insightface=0.7\n", "pkg:conda/insightface", 2),
    ("environment.yml", "dependencies:\n  - pip\n  - pip:\n    - deepface==1\n", "pkg:pypi/deepface", 4),
    ("package.json", '{\n "devDependencies": {\n  "@vladmandic/face-api": "1"}}', "pkg:npm/%40vladmandic/face-api", 3),
    ("package.json", '{"dependencies": {"f": "npm:face-api.js@0.22"}}', "pkg:npm/face-api.js", 1),
    ("package-lock.json", json.dumps(PBX), "pkg:npm/%40vladmandic/human", 1),
    ("package-lock.json", '{"dependencies": {"a": {"dependencies": {\n"face-api.js": {}}}}}', "pkg:npm/face-api.js", 2),
    ("yarn.lock", '\n"@vladmandic/human@^3":\n  version "3"\n', "pkg:npm/%40vladmandic/human", 2),
    ("pnpm-lock.yaml", "packages:\n\n  '@vladmandic/human@3.3.6':\n", "pkg:npm/%40vladmandic/human", 3),
    ("pnpm-lock.yaml", "packages:\n  /face-api.js/0.22.2:\n", "pkg:npm/face-api.js", 2),
    ("deno.json", '{"imports": {"f": "npm:face-api.js@^0.22"}}', "pkg:npm/face-api.js", 1),
    ("pom.xml", POM, "pkg:maven/software.amazon.awssdk/rekognition", 5),
    ("app/build.gradle.kts", 'x {\n  implementation("com.google.mlkit:face-detection:16.1")\n}', "pkg:maven/com.google.mlkit/face-detection", 2),
    ("build.gradle", "compile group: 'com.google.mlkit', name: 'face-detection', version: '1'\n", "pkg:maven/com.google.mlkit/face-detection", 1),
    ("libs.versions.toml", '[libraries]\nf = { module = "com.google.mlkit:face-detection", version = "1" }\n', "pkg:maven/com.google.mlkit/face-detection", 2),
    ("build.sbt", 'libraryDependencies += "software.amazon.awssdk" % "rekognition" % "2"\n', "pkg:maven/software.amazon.awssdk/rekognition", 1),
    ("a.csproj", '<Project>\n<PackageReference Include="FaceRecognitionDotNet" Version="1"/>\n</Project>', "pkg:nuget/FaceRecognitionDotNet", 2),
    ("packages.config", '<packages><package id="ViewFaceCore" version="1"/></packages>', "pkg:nuget/ViewFaceCore", 1),
    ("packages.lock.json", '{"dependencies": {"net8.0": {"ViewFaceCore": {}}}}', "pkg:nuget/ViewFaceCore", 1),
    ("go.mod", "module x\nrequire (\n\tgithub.com/Kagami/go-face v0.1 // indirect\n)\n", "pkg:golang/github.com/Kagami/go-face", 3),
    ("go.sum", "github.com/esimov/pigo v1.4.6 h1:x=\n", "pkg:golang/github.com/esimov/pigo", 1),
    ("Cargo.toml", "[target.'cfg(unix)'.dependencies]\nf = { package = 'rustface', version = '0.1' }\n", "pkg:cargo/rustface", 2),
    ("Cargo.lock", '[[package]]\nname = "rustface"\n', "pkg:cargo/rustface", 2),
    ("composer.json", '{"require": {"mauricesvay/php-facedetection": "1"}}', "pkg:composer/mauricesvay/php-facedetection", 1),
    ("Gemfile", "gem 'aws-sdk-rekognition'\n", "pkg:gem/aws-sdk-rekognition", 1),
    ("Gemfile.lock", "GEM\n  specs:\n    aws-sdk-rekognition (1.0)\n", "pkg:gem/aws-sdk-rekognition", 3),
    ("Podfile", "target 'x' do\n  pod 'GoogleMLKit/FaceDetection', '7.0'\nend\n", "pkg:cocoapods/GoogleMLKit#FaceDetection", 2),
    ("Podfile.lock", "PODS:\n  - GoogleMLKit/FaceDetection (7.0):\n", "pkg:cocoapods/GoogleMLKit#FaceDetection", 2),
    ("CMakeLists.txt", "find_package(\n)\nfind_package(dlib REQUIRED)\n", "pkg:generic/dlib", 3),
    ("deps.cmake", "FetchContent_Declare(x\n  GIT_REPOSITORY https://github.com/davisking/dlib.git)\n", "pkg:generic/dlib", 2),
    ("vcpkg.json", '{"dependencies": ["zlib", {"name": "dlib"}]}', "pkg:vcpkg/dlib", 1),
    ("conanfile.txt", "[requires]\ndlib/19.24\n", "pkg:conan/dlib", 2),
    ("conanfile.py", "class A:\n    requires = 'zlib/1.2', 'dlib/19.24'\n", "pkg:conan/dlib", 2),
    ("pubspec.yaml", "dependencies:\n  google_mlkit_face_detection: ^0.13\n", "pkg:pub/google_mlkit_face_detection", 2),
    ("Dockerfile", "FROM x\nRUN apt-get update && \\\n    apt-get install -y --no-install-recommends \\\n    curl \\\n    libdlib-dev=19 && rm -rf x\n", "pkg:deb/debian/libdlib-dev", 5),
    ("Dockerfile", "FROM x\nRUN pip3 install --no-cache-dir -r r.txt 'deepface>=0.0.9' numpy\n", "pkg:pypi/deepface", 2),
    ("install.sh", "#!/bin/sh\nset -e; npm i -g face-api.js@0.22.2 > log\n", "pkg:npm/face-api.js", 2),
    ("ci.yml", "jobs:\n  a:\n    steps:\n      - run: python -m pip install insightface\n", "pkg:pypi/insightface", 4),
    ("bom.json", json.dumps(CDX), "pkg:pypi/insightface", 1),
    ("bom.xml", '<bom xmlns="http://cyclonedx.org/schema/bom/1.6">\n<components><component><purl>pkg:npm/face-api.js@1</purl></component></components></bom>', "pkg:npm/face-api.js", 2),
    ("x.spdx.json", json.dumps(SPDX), "pkg:npm/face-api.js", 1),
    ("x.spdx", "SPDXVersion: SPDX-2.3\nPackageName: x\nExternalRef: PACKAGE-MANAGER purl pkg:pypi/deepface@1\n", "pkg:pypi/deepface", 3),
]  # fmt: skip

EMPTY = [
    ("requirements.txt", "# deepface\nnumpy  # not face_recognition\nfeat\ndoubletake\n"),
    ("requirements.txt", "deepfaces-of-meshes\nmydeepface\n"),
    (
        "package.json",
        '{"dependencies": {"emotion": "9", "@deepstream/server": "1"}, "description": "face-api.js"}',
    ),
    ("package.json", '{"scripts": {"face-api.js": "deepface"}}'),
    ("pyproject.toml", "[project]\nname = 'deepface'\ndependencies = ['numpy']\n"),
    ("setup.py", "setup(name='deepface', description='insightface')\n"),
    ("build.gradle", "// implementation 'com.google.mlkit:face-detection:1'\n"),
    ("Cargo.toml", "[package]\nname = 'rustface'\n"),
    ("CMakeLists.txt", "# find_package(dlib)\nproject(dlib)\n"),
    ("Dockerfile", "FROM x\n# RUN pip install deepface\nCOPY deepface /x\n"),
    ("install.sh", "echo deepface; cp insightface /tmp\n"),
    ("go.mod", "module github.com/Kagami/go-face\n\ngo 1.22\n"),
]


@pytest.mark.parametrize(("name", "text", "purl", "line"), HOLDS, ids=[f"{h[0]} {h[2]}" for h in HOLDS])
def test_a_dependency_is_found_at_its_line(
    tmp_path: Path, name: str, text: str, purl: str, line: int
) -> None:
    assert (purl, line) in named(find(tmp_path, name, text))


@pytest.mark.parametrize(("name", "text"), EMPTY, ids=[f"{e[0]} {i}" for i, e in enumerate(EMPTY)])
def test_what_is_no_dependency_is_not_found(tmp_path: Path, name: str, text: str) -> None:
    assert find(tmp_path, name, text) == []


def test_a_notebook_that_installs_shows_the_cell(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "source": ["x = 1"]},
        {"cell_type": "code", "source": ["a\n", "!pip install -q deepface"]},
    ]
    findings = find(tmp_path, "n.ipynb", json.dumps({"cells": cells, "metadata": {}}))
    assert findings[0].location == Pointer(pointer="/cells/1/source", start_line=2)


def test_a_dependency_is_strongly_implied_and_a_library_of_many_uses_a_hint(tmp_path: Path) -> None:
    findings = find(tmp_path, "requirements.txt", "deepface\ndlib\n")
    assert {f.rule: f.confidence for f in findings} == {
        "deepface-recognition": Confidence.MEDIUM,
        "dlib-package": Confidence.LOW,
    }


def test_a_tool_that_covers_faces_is_recognised_as_such(tmp_path: Path) -> None:
    findings = find(tmp_path, "requirements.txt", "deface==1.5.0\n")
    assert {f.capability for f in findings} == {Capability.REDACTION, Capability.FACE_DETECTION}


DAMAGED = [
    ("package.json", '{"dependencies": {"face-api.js": '),
    ("pyproject.toml", "[project\ndependencies = ['deepface']"),
    ("pom.xml", "<project><artifactId>rekognition</artifactId>"),
    ("pom.xml", '<!DOCTYPE x [<!ENTITY a "rekognition">]><project>&a;</project>'),
    ("composer.json", '{"require": ' + '{"a":' * 100_000 + '"face-api.js"'),
]


@pytest.mark.parametrize(("name", "text"), DAMAGED, ids=[f"{d[0]} {i}" for i, d in enumerate(DAMAGED)])
def test_a_damaged_manifest_that_names_such_a_package_is_not_tested(
    tmp_path: Path, name: str, text: str
) -> None:
    with pytest.raises((UnreadableError, LimitError), match=name):
        find(tmp_path, name, text)


_NAMES = sorted({h[0] for h in HOLDS})


@given(st.sampled_from(_NAMES), st.lists(st.sampled_from(["deepface", "face-api.js", "\n", " ", "'", '"', "{", "}", "[", "]", ":", "=", "/", "\\\n", "pip install ", "pod ", "gem ", "#", "<", ">", ",", "@1", "  - "]), max_size=40))  # fmt: skip
def test_no_text_breaks_a_reader_but_by_saying_that_it_cannot_be_read(name: str, parts: list[str]) -> None:
    text = "".join(parts)
    artifact = Artifact(name, data=text.encode())
    for reader in readers_of(artifact):
        try:
            entries = list(reader(name, text))
        except UnreadableError:
            continue
        assert all(1 <= e.line <= text.count("\n") + 1 for e in entries)
        assert all(e.purl.startswith("pkg:") for e in entries)
