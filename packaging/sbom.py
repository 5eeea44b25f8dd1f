"""A bill of materials of what an installation holds: `python packaging/sbom.py OUT.json [--epoch SECONDS]`.

CycloneDX 1.6: every package with version, licence, what it needs and the hashes pip would accept, and the
detectors' weights with theirs. The same tree and environment give the same bytes.
"""

import argparse
import datetime as dt
import subprocess
import sys
import tomllib
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import licences
import locks
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    Property,
    XsUri,
)
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from licences import ROOT, Package
from locks import Pin
from packageurl import PackageURL

from scanner import __version__


def bill(packages: Iterable[Package], pins: Iterable[Pin], models: list[dict[str, Any]], epoch: int) -> str:
    """Write the bill.

    Args:
        packages: What is installed.
        pins: The lock file's entries.
        models: The detectors, as in models/manifest.toml.
        epoch: What it says of its time: seconds since 1970.

    Raises:
        LookupError: a package is installed in a version that the lock does not pin.
    """
    pinned = {(p.name, p.version): p for p in pins}
    ours = Component(
        name="scanner",
        version=__version__,
        type=ComponentType.APPLICATION,
        bom_ref=f"scanner@{__version__}",
        licenses=[LicenseExpression("Apache-2.0")],
    )
    made = {p.name: (p, _package(p, pinned)) for p in packages}
    weights = [_model(m) for m in models]
    bom = Bom(components=[*(c for _, c in made.values()), *weights])
    bom.metadata.component = ours
    bom.metadata.timestamp = dt.datetime.fromtimestamp(epoch, dt.UTC)
    asked = {name for name, _ in licences.named(licences.asked())}
    bom.register_dependency(ours, [*(made[n][1] for n in sorted(asked)), *weights])
    for package, component in made.values():
        bom.register_dependency(component, [made[n][1] for n in package.needs])
    contents = " ".join(sorted(f"{c.bom_ref}" for c in bom.components))
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"scanner {__version__} {epoch} {contents}")
    return str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"


def _package(package: Package, pinned: dict[tuple[str, str], Pin]) -> Component:
    try:
        pin = pinned[package.name, package.version]
    except KeyError:
        raise LookupError(
            f"{package.name} {package.version} is installed here, but ci/requirements.lock does not pin it: "
            "run `make setup`."
        ) from None
    purl = PackageURL("pypi", None, package.name, package.version)
    source = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(str(purl)),
        comment="one of the files with these hashes, by the system",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=h) for h in pin.hashes],
    )
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseExpression(package.licence)],
        external_references=[source],
        properties=[Property(name="scanner:inside", value=package.inside)] if package.inside else [],
    )


def _model(model: dict[str, Any]) -> Component:
    return Component(
        name=model["id"],
        version=model["version"],
        type=ComponentType.MACHINE_LEARNING_MODEL,
        bom_ref=f"model:{model['id']}",
        licenses=[LicenseExpression(model["licence"])],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=model["sha256"])],
        external_references=[
            ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(model["upstream"]))
        ],
        properties=[
            Property(name="scanner:task", value=model["task"]),
            Property(name="scanner:taken-from", value=f"pkg:pypi/{model['package']}@{model['version']}"),
        ],
    )


def here(epoch: int) -> str:
    """Write the bill of the default installation, as it is in this environment."""
    models = tomllib.loads((ROOT / "models" / "manifest.toml").read_text("utf-8"))["model"]
    packages = licences.bring(licences.asked())
    return bill(packages, locks.read(ROOT / "ci" / "requirements.lock"), models, epoch)


def _committed() -> int:
    said = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=False, capture_output=True)
    return int(said.stdout or 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epoch", type=int, help="the time it bears [of the last commit]")
    args = parser.parse_args()
    try:
        text = here(_committed() if args.epoch is None else args.epoch)
    except LookupError as error:
        sys.exit(f"sbom: {error.args[0]}")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(text, "utf-8")
