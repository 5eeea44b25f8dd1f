#!/usr/bin/env python3
"""Makes what a cluster needs for TLS: an authority of its own, and one certificate signed by it.

    python packaging/cluster/certificates.py FOLDER [--days 365]

FOLDER gets ca.pem, cert.pem and key.pem, readable by you alone. Copy it to every machine of the cluster and
to yours: scheduler, workers and client each show the same certificate, and trust whoever shows one of this
authority. Its key is thrown away, so nobody can sign another: when a machine leaves the cluster, make a new
folder. Needs what scanner is installed with.
"""

import argparse
import datetime as dt
import os
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signed_by: tuple[x509.Name, ec.EllipticCurvePrivateKey],
    days: int,
) -> x509.Certificate:
    """Make one: an authority where it signs itself, else one for both sides of a connection."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signer = signed_by
    itself = subject == issuer
    now = dt.datetime.now(dt.UTC)
    usage = x509.KeyUsage(
        digital_signature=not itself,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=itself,
        crl_sign=itself,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=itself, path_length=0 if itself else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if not itself:
        both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(both, critical=False)
    return builder.sign(signer, hashes.SHA256())


def make(folder: Path, days: int) -> None:
    """Write the three files; refuse to replace any."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "scanner cluster authority")])
    pem = serialization.Encoding.PEM
    files = {
        "ca.pem": certificate("scanner cluster authority", authority, (name, authority), days).public_bytes(
            pem
        ),
        "cert.pem": certificate("scanner cluster", key, (name, authority), days).public_bytes(pem),
        "key.pem": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    }
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file, data in files.items():
        descriptor = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=365)
    args = parser.parse_args()
    make(args.folder, args.days)
