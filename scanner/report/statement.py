"""What a bundle attests: an in-toto Statement over its files, signed as a DSSE envelope or bare.

Statement v1, predicate test-result v0.1, DSSE v1 with ed25519. Every part has one spelling (keys sorted, no
blanks), so that a changed byte never reads as the same statement.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from scanner.errors import UsageError
from scanner.findings import Result, Run

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MAKE_KEY = "Make one with: openssl genpkey -algorithm ed25519 -out key.pem"

Object = dict[str, Any]


class Envelope(msgspec.Struct, frozen=True, rename="camel"):
    """A DSSE envelope; `payload` is the statement in base64."""

    payload: str
    payload_type: str
    signatures: tuple["Signature", ...]


class Signature(msgspec.Struct, frozen=True):
    """`keyid` is the SHA-256 of the public key (SubjectPublicKeyInfo, DER); `sig` is base64."""

    keyid: str
    sig: str


def statement(run: Run, files: Mapping[str, bytes]) -> bytes:
    """Say what the run found, over the SHA-256 of each file."""
    by_result: dict[Result, list[str]] = {result: [] for result in Result}
    for control in run.controls:
        by_result[control.result].append(control.id)
    warned = sorted(by_result[Result.NEEDS_REVIEW] + by_result[Result.NOT_TESTED])
    configuration = [
        {"name": f"policy:{run.policy.id}", "digest": {"sha256": run.policy.sha256}},
        *({"name": f"input:{i.target}", "digest": {"sha256": i.sha256}} for i in run.run.inputs),
    ]
    made = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": name, "digest": {"sha256": digest(data)}} for name, data in sorted(files.items())
        ],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": _result(run, warned),
            "configuration": configuration,
            "passedTests": sorted(by_result[Result.SATISFIED]),
            "warnedTests": warned,
            "failedTests": sorted(by_result[Result.NOT_SATISFIED]),
        },
    }
    return canonical(made)


def _result(run: Run, warned: list[str]) -> str:
    if run.summary.exit_code or run.summary.by_result.get(Result.NOT_SATISFIED):
        return "FAILED"
    return "WARNED" if warned or run.run.not_tested or not run.controls else "PASSED"


def canonical(value: Any) -> bytes:
    """The one spelling of a document, with an ending newline."""
    return msgspec.json.encode(value, order="sorted") + b"\n"


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key; it is held in memory alone and never written."""

    key: Ed25519PrivateKey

    def envelope(self, payload: bytes) -> bytes:
        """Wrap and sign a statement."""
        signature = Signature(keyid(self.key.public_key()), _base64(self.key.sign(_pae(payload))))
        return canonical(Envelope(_base64(payload), PAYLOAD_TYPE, (signature,)))

    def public(self) -> bytes:
        """The public key in PEM."""
        return pem(self.key.public_key())


def read_signer(data: bytes, name: str) -> Signer:
    """Read a private key in PEM.

    Raises:
        UsageError: it is not an unencrypted ed25519 key.
    """
    try:
        key = load_pem_private_key(data, password=None)
    except TypeError as error:
        raise UsageError(
            f"{name} is encrypted, and scanner asks for no passphrase.",
            "Decrypt it into a file of your own: openssl pkey -in KEY -out key.pem",
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{name} is not a private key in PEM.", _MAKE_KEY) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{name} is not an ed25519 key.", _MAKE_KEY)
    return Signer(key)


def read_public(data: bytes, name: str) -> Ed25519PublicKey:
    """Read a public key in PEM.

    Raises:
        UsageError: it is not an ed25519 key.
    """
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(
            f"{name} is not a public key in PEM.", "Take it from the key: openssl pkey -in key.pem -pubout"
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(f"{name} is not an ed25519 key.", _MAKE_KEY)
    return key


def pem(key: Ed25519PublicKey) -> bytes:
    """A public key in its one PEM spelling."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def keyid(key: Ed25519PublicKey) -> str:
    """Name a key by the SHA-256 of its DER."""
    return digest(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def opened(envelope: bytes, key: Ed25519PublicKey) -> bytes | None:
    """Give the statement if `key` signed it, and nothing otherwise."""
    try:
        held = msgspec.json.decode(envelope, type=Envelope)
        payload = base64.b64decode(held.payload, validate=True)
        (signature,) = held.signatures
        key.verify(base64.b64decode(signature.sig, validate=True), _pae(payload))
    except (msgspec.DecodeError, ValueError, InvalidSignature):
        return None
    said = held.payload_type == PAYLOAD_TYPE and signature.keyid == keyid(key)
    return payload if said and canonical(held) == envelope and _base64(payload) == held.payload else None


def _pae(payload: bytes) -> bytes:
    """The pre-authentication encoding of DSSE v1: what is signed."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
