"""Which reader a file has: by its name, as the tools decide; bills of materials by content."""

import re
from collections.abc import Callable, Iterator

from scanner.discover.artifact import Artifact
from scanner.inspect.packages import ansible, installed, javascript, jvm, native, python, sbom
from scanner.inspect.packages.commands import commands
from scanner.inspect.packages.entry import Entry

Reader = Callable[[str, str], Iterator[Entry]]

_BY_NAME: dict[str, Reader] = {
    "pyproject.toml": python.pyproject,
    "pixi.toml": python.pixi,
    "setup.cfg": python.setup_cfg,
    "setup.py": python.setup_py,
    "pipfile": python.pipfile,
    "pipfile.lock": python.pipfile_lock,
    "poetry.lock": python.toml_lock,
    "uv.lock": python.toml_lock,
    "pdm.lock": python.toml_lock,
    "pylock.toml": python.toml_lock,
    "package.json": javascript.package_json,
    "package-lock.json": javascript.package_lock,
    "npm-shrinkwrap.json": javascript.package_lock,
    "yarn.lock": javascript.yarn_lock,
    "pnpm-lock.yaml": javascript.pnpm_lock,
    "bun.lock": javascript.bun_lock,
    "deno.json": javascript.deno_json,
    "deno.jsonc": javascript.deno_json,
    "import_map.json": javascript.deno_json,
    "pom.xml": jvm.pom,
    "build.sbt": jvm.sbt,
    "go.mod": native.go_mod,
    "go.sum": native.go_mod,
    "cargo.toml": native.cargo_toml,
    "cargo.lock": native.cargo_lock,
    "package.swift": native.swift_package,
    "package.resolved": native.swift_resolved,
    "cartfile": native.cartfile,
    "cartfile.resolved": native.cartfile,
    "podfile": native.podfile,
    "podfile.lock": native.podfile_lock,
    "cmakelists.txt": native.cmake,
    "vcpkg.json": native.vcpkg,
    "conanfile.txt": native.conan,
    "conanfile.py": native.conan,
    "packages.config": native.msbuild,
    "directory.packages.props": native.msbuild,
    "packages.lock.json": native.nuget_lock,
    "paket.dependencies": native.paket,
    "paket.lock": native.paket,
    "composer.json": native.composer,
    "composer.lock": native.composer,
    "gemfile": native.gemfile,
    "gemfile.lock": native.gemfile_lock,
    "pubspec.yaml": native.pubspec,
    "pubspec.lock": native.pubspec,
    "package.xml": native.ros_package,
    "idf_component.yml": native.idf_component,
}

_BY_PATTERN: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"(.*[-_.])?(requirements?|constraints?)([-_.].*)?\.(txt|in)\Z", python.requirements),
        (r".*(env|environment|conda)[\w.-]*\.ya?ml\Z", python.conda),
        (r"pylock\..*\.toml\Z", python.toml_lock),
        (r".*\.versions\.toml\Z", jvm.catalog),
        (r".*\.gradle(\.kts)?\Z", jvm.gradle),
        (r".*\.(cs|vb|fs)proj\Z|.*\.nuspec\Z|.*\.(props|targets)\Z", native.msbuild),
        (r".*\.cmake\Z", native.cmake),
        (r".*\.gemspec\Z", native.gemfile),
        (r".*\.podspec\Z", native.podfile),
    )
)

_ANY_PATTERN = re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in _BY_PATTERN))
_REQUIREMENTS_FOLDER = re.compile(r"(^|/)requirements/[^/]+\Z")
_PLACED = frozenset({"status", "installed", "METADATA", "PKG-INFO", "package.json"})
"""Names of the records of what is installed; where they lie decides."""
_COMMANDED = frozenset({"dockerfile", "shell", "notebook"})


def readers_of(artifact: Artifact) -> tuple[Reader, ...]:
    """Give the readers of an artifact; several where a file both states and installs."""
    if artifact.name in _PLACED:
        path = artifact.path.replace("!/", "/")
        for pattern, reader in installed.BY_PLACE:
            if pattern.search(path):
                return (reader,)
    if "dpkg/status.d/" in artifact.path:
        return (installed.dpkg,)
    name = artifact.name.lower()
    known = _BY_NAME.get(name)
    if known is None and _ANY_PATTERN.match(name):
        known = next(r for p, r in _BY_PATTERN if p.match(name))
    if (
        known is None
        and name.endswith((".txt", ".in"))
        and _REQUIREMENTS_FOLDER.search(artifact.path.lower())
    ):
        known = python.requirements
    kind = artifact.kind
    if known is None and kind in {"json", "xml", "text", "manifest-text"} and sbom.is_sbom(artifact.head):
        # SPDX in RDF often starts without the line that says XML.
        xml = kind == "xml" or artifact.head.lstrip().startswith(b"<")
        known = sbom.sbom_json if kind == "json" else sbom.sbom_xml if xml else sbom.spdx_tags
    found = (known,) if known is not None else ()
    if kind == "yaml" and known is None:
        return (commands, ansible.tasks)
    if kind in _COMMANDED or name in {"makefile", "justfile", "procfile"}:
        return (*found, commands)
    return found
