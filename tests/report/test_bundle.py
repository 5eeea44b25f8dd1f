"""A bundle: everything in one archive, verified by securesystemslib, and every flipped byte is seen."""

import base64
import io
import json
import random
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

from scanner.cli import main
from scanner.errors import UsageError
from scanner.findings import to_json
from scanner.report import FORMATS, WRITERS, bundle, statement
from tests.agency_runs import agency_run
from tests.example_runs import bad_run, clean_run

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def private(key: Any, encryption: KeySerializationEncryption | None = None) -> bytes:
    made: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return made


@cache
def signed() -> dict[str, bytes]:
    return bundle.contents(clean_run(), statement.Signer(KEY))


@cache
def bare() -> dict[str, bytes]:
    return bundle.contents(clean_run())


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def run_cli(*args: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in args])
    return int(ended.value.code or 0)


def test_it_holds_every_format_as_its_writer_makes_it() -> None:
    assert set(bundle.NAMES) == set(FORMATS) - {"bundle"}
    for name, file in bundle.NAMES.items():
        assert signed()[file] == WRITERS[name](clean_run())


def test_securesystemslib_verifies_the_signature_and_no_other() -> None:
    envelope = Envelope.from_dict(json.loads(signed()[bundle.SIGNED]))
    assert isinstance(envelope, Envelope)
    key = SSlibKey.from_crypto(KEY.public_key(), keyid=statement.keyid(KEY.public_key()))
    other = SSlibKey.from_crypto(OTHER.public_key(), keyid=statement.keyid(KEY.public_key()))
    assert envelope.verify([key], 1)
    with pytest.raises(VerificationError):
        envelope.verify([other], 1)
    envelope.payload = envelope.payload.replace(b"PASSED", b"FAILED")
    with pytest.raises(VerificationError):
        envelope.verify([key], 1)


def test_the_statement_is_a_test_result_over_the_digests_of_the_files() -> None:
    said = json.loads(base64.b64decode(json.loads(signed()[bundle.SIGNED])["payload"]))
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert {s["name"]: s["digest"]["sha256"] for s in said["subject"]} == {
        name: statement.digest(signed()[name]) for name in bundle.NAMES.values()
    }
    assert said["predicate"]["result"] == "PASSED"
    files = {"run.json": b"x"}
    failed = json.loads(statement.statement(bad_run(), files))["predicate"]
    assert failed["result"] == "FAILED"
    assert failed["passedTests"] == ["gait"]
    assert failed["warnedTests"] == ["face-analysis", "redaction-only", "voice"]
    assert failed["failedTests"] == ["derived-information", "face-recognition"]


@pytest.mark.parametrize("make", [signed, bare], ids=["signed", "bare"])
def test_a_flipped_byte_anywhere_in_the_archive_is_seen(tmp_path: Path, make: Callable[[], Any]) -> None:
    whole = bundle.packed(make())
    path = write(tmp_path / "b.zip", whole)
    assert bundle.check(path).problems == ()
    dice = random.Random(7)
    places = {*range(40), *range(len(whole) - 400, len(whole)), *dice.sample(range(len(whole)), 400)}
    for name in (bundle.BARE, bundle.SIGNED, bundle.KEY):
        start = whole.find(name.encode())
        places |= set(range(start, start + 300)) if start >= 0 else set()
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 1 << dice.randrange(8)
        path.write_bytes(broken)
        try:
            assert bundle.check(path).problems, place
        except UsageError:
            assert place < 2, "only the first two bytes say that it is an archive"


@pytest.mark.parametrize("make", [signed, bare], ids=["signed", "bare"])
def test_in_a_folder_too_every_file_counts(tmp_path: Path, make: Callable[[], Any]) -> None:
    files = make()
    for name, data in files.items():
        write(tmp_path / name, data)
    assert bundle.check(tmp_path).problems == ()
    for name, data in files.items():
        for place in (0, len(data) // 2, len(data) - 1):
            write(tmp_path / name, data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            assert bundle.check(tmp_path).problems, (name, place)
        write(tmp_path / name, data)
        (tmp_path / name).unlink()
        assert bundle.check(tmp_path).problems, f"without {name}"
        write(tmp_path / name, data)
    write(tmp_path / "more.txt", b"x")
    assert bundle.check(tmp_path).problems == ("more.txt is not in the statement",)


def test_a_bundle_made_anew_by_another_key_does_not_pass_for_the_agency_s(tmp_path: Path) -> None:
    path = write(tmp_path / "b.zip", bundle.packed(signed()))
    own, other = statement.pem(KEY.public_key()), statement.pem(OTHER.public_key())
    assert bundle.check(path, own).proven
    assert bundle.check(path, own).problems == ()
    assert "signed by another key" in bundle.check(path, other).problems[0]
    assert bundle.check(write(tmp_path / "c.zip", bundle.packed(bare())), own).problems == (
        "it is not signed",
    )


def test_a_statement_that_says_other_than_the_run_is_seen_even_when_signed(tmp_path: Path) -> None:
    files = {n: d for n, d in signed().items() if n in bundle.NAMES.values()}
    said = statement.statement(clean_run(), files).replace(b"PASSED", b"FAILED")
    signer = statement.Signer(KEY)
    lying = {**files, bundle.SIGNED: signer.envelope(said), bundle.KEY: signer.public()}
    path = write(tmp_path / "b.zip", bundle.packed(lying))
    assert bundle.check(path).problems == ("the statement does not say what the run says",)


def test_equal_runs_and_keys_give_equal_archives() -> None:
    assert WRITERS["bundle"](clean_run()) == WRITERS["bundle"](clean_run()) == bundle.packed(bare())
    with zipfile.ZipFile(io.BytesIO(bundle.packed(bare()))) as archive:
        assert archive.testzip() is None


def test_the_command_line_writes_signs_and_verifies(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write(tmp_path / "run.json", to_json(agency_run()))
    key = write(tmp_path / "key.pem", private(KEY))
    pub = write(tmp_path / "pub.pem", statement.pem(KEY.public_key()))
    archive, folder = tmp_path / "b.zip", tmp_path / "b"
    both = ("--report", f"bundle={archive}", "--report", f"bundle={folder}")
    assert run_cli("report", run, *both, "--sign-key", key, "-q") == 0
    assert run_cli("report", "verify", archive, "--key", pub) == 0
    assert "signed by the key you named" in capsys.readouterr().out
    assert run_cli("report", "verify", folder) == 0
    assert "whose it is" in capsys.readouterr().out
    (folder / "report.html").write_bytes(b"<p>all is well</p>")
    assert run_cli("report", "verify", folder) == 1
    assert "report.html was changed" in capsys.readouterr().out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b", "b.zip", "key.pem", "pub.pem", "run.json"]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("rsa.pem", private(generate_private_key(65537, 2048)), "rsa.pem is not an ed25519 key"),
        ("locked.pem", private(KEY, BestAvailableEncryption(b"x")), "locked.pem is encrypted"),
        ("text.pem", b"hello", "text.pem is not a private key in PEM"),
    ],
)
def test_a_key_that_cannot_sign_is_one_line_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes, said: str
) -> None:
    run = write(tmp_path / "run.json", to_json(clean_run()))
    key = write(tmp_path / name, data)
    assert run_cli("report", run, "--report", f"bundle={tmp_path / 'b.zip'}", "--sign-key", key) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "b.zip").exists()


def test_what_is_no_bundle_and_a_full_folder_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write(tmp_path / "run.json", to_json(clean_run()))
    assert run_cli("report", "verify", run) == 2
    assert "run.json is not a bundle" in capsys.readouterr().err
    assert run_cli("report", "verify", tmp_path / "none.zip") == 2
    assert run_cli("report", run, "--report", f"bundle={tmp_path}") == 2
    assert "new or empty" in capsys.readouterr().err
    assert run_cli("report", run, "--report", "html=-", "--sign-key", run) == 2
    assert "--sign-key signs bundles" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_two_scans_of_the_same_files_at_the_same_epoch_give_the_same_bundle(tmp_path: Path, cli: Any) -> None:
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "a.py").write_text(
        "import face_recognition\nface_recognition.face_encodings(x)\n"
    )
    for name in ("one.zip", "two.zip"):
        done = cli(
            "scan",
            "pipeline",
            "--report",
            f"bundle={name}",
            "--no-cache",
            "-q",
            SOURCE_DATE_EPOCH="1780000000",
        )
        assert done.returncode == 1, done.stderr
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert b"2026-05-28T" in (tmp_path / "one.zip").read_bytes()


def test_a_name_that_is_not_utf_8_does_not_stop_a_bundle(tmp_path: Path) -> None:
    run = clean_run()
    inputs = (msgspec.structs.replace(run.run.inputs[0], target="caf\udce9"),)
    run = msgspec.structs.replace(run, run=msgspec.structs.replace(run.run, inputs=inputs))
    for name, data in bundle.contents(run, statement.Signer(KEY)).items():
        write(tmp_path / name, data)
    assert bundle.check(tmp_path).problems == ()
