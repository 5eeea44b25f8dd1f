"""Bills of materials: CycloneDX and SPDX, as JSON, XML and tag-value."""

import re
from collections.abc import Iterator

from packageurl import PackageURL

from scanner.inspect.packages.entry import Entry, entry, lines_of, tree
from scanner.inspect.tree import Node


def is_sbom(head: bytes) -> bool:
    """Whether the first bytes are those of a bill of materials."""
    return any(
        mark in head
        for mark in (
            b'"bomFormat"',
            b"cyclonedx.org/schema/bom",
            b'"spdxVersion"',
            b"SPDXVersion:",
            b"spdx.org/rdf",
        )
    )


def sbom_json(path: str, text: str) -> Iterator[Entry]:
    """CycloneDX or SPDX in JSON."""
    yield from _walk(tree("json", path, text))


def sbom_xml(path: str, text: str) -> Iterator[Entry]:
    """CycloneDX or SPDX in XML."""
    yield from _walk(tree("xml", path, text))


def _walk(root: Node) -> Iterator[Entry]:
    for trail, node in root.walk():
        if not node.text or not trail:
            continue
        if node.text.startswith("pkg:") and trail[-1].lower() in {"purl", "referencelocator", "#", "@purl"}:
            yield from _purl(node.text, node.line)
        elif trail[-1].lower() == "name" and any(t.lower() in {"components", "packages"} for t in trail[:-1]):
            yield from _named(root, trail, node)


def _named(root: Node, trail: tuple[str, ...], node: Node) -> Iterator[Entry]:
    """A component that has no package URL still has a name."""
    owner = root
    for key in trail[:-1]:
        owner = owner.get(key) or Node(1)
    if not owner.scalar("purl") and owner.get("externalRefs") is None:
        yield from entry("generic", node.text or "", node.line)


def _purl(text: str, line: int) -> Iterator[Entry]:
    try:
        url = PackageURL.from_string(text.strip())
    except ValueError:
        return
    bare = PackageURL(url.type, url.namespace, url.name, subpath=url.subpath)
    yield Entry(bare.to_string(), line)


def spdx_tags(_path: str, text: str) -> Iterator[Entry]:
    """SPDX tag-value."""
    for number, line in lines_of(text):
        match = re.match(r"ExternalRef:\s*PACKAGE[-_]MANAGER\s+purl\s+(\S+)", line)
        if match:
            yield from _purl(match.group(1), number)
        name = re.match(r"PackageName:\s*(.+)", line)
        if name:
            yield from entry("generic", name.group(1), number)
