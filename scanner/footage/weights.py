"""Finds the detectors' weights and checks them before use. They are never fetched at run time."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path

import msgspec

from scanner.errors import UnreadableError, UsageError

_PACKAGE = Path(__file__).resolve().parents[1]


class Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of `models/manifest.toml`."""

    id: str
    file: str
    task: str
    package: str
    version: str
    member: str
    licence_member: str
    upstream: str
    licence: str
    sha256: str
    bytes: int
    input: str
    card: str


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: int
    model: tuple[Model, ...]


def folder() -> Path:
    """Give the folder of the manifest: inside an installed package, or beside it in a checkout."""
    installed = _PACKAGE / "_models"
    return installed if installed.is_dir() else _PACKAGE.parent / "models"


@cache
def manifest() -> tuple[Model, ...]:
    """Read the manifest.

    Raises:
        UsageError: it is missing or does not fit its schema.
    """
    path = folder() / "manifest.toml"
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Manifest).model
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path.name} of the models cannot be used: {error}.", "Install again.") from error


def by_id(model_id: str) -> Model:
    """Look a model up.

    Raises:
        UsageError: no such model.
    """
    for model in manifest():
        if model.id == model_id:
            return model
    known = ", ".join(m.id for m in manifest())
    raise UsageError(f"There is no model {model_id!r}.", f"Known are: {known}.")


def load(model: Model) -> bytes:
    """Read a model's weights and check them against the manifest.

    Raises:
        UnreadableError: they are missing, or their SHA-256 is another.
    """
    path = folder() / "weights" / model.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(
            f"The weights of {model.id} are missing ({model.file}).",
            "Bring them with `make setup`; they are never fetched while scanner runs.",
        ) from error
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise UnreadableError(
            f"The weights of {model.id} ({model.file}) are not those that the manifest pins.",
            "Remove the file and bring it again with `make setup`.",
        )
    return data
