"""Object stores by URL: a folder as file:// always, an S3 server where moto and s3fs are installed."""

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from socket import create_connection, create_server
from uuid import uuid4

import pytest

from samples import clips
from scanner.discover import store
from scanner.errors import UnreadableError, UsageError

pytestmark = pytest.mark.skipif(importlib.util.find_spec("fsspec") is None, reason="pip install '.[s3]'")
S3 = pytest.param(
    "s3",
    marks=pytest.mark.skipif(
        any(importlib.util.find_spec(name) is None for name in ("s3fs", "moto", "flask")),
        reason="pip install 's3fs>=2026.9' 'moto[server,s3]>=5.2'",
    ),
)
Bucket = Callable[[str], str]
"""Gives the URL of a name."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Give the address of an S3 server; nothing is mocked in our own processes."""
    with closing(create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with suppress(OSError), create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def bucket(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bucket]:
    if request.param == "file":
        (tmp_path / "store").mkdir()
        yield lambda name: f"file://{tmp_path}/store/{name}"
        return
    told = {
        "AWS_ENDPOINT_URL": request.getfixturevalue("server"),
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    patch = pytest.MonkeyPatch()
    for name, value in told.items():
        patch.setenv(name, value)
    name = f"camera-{uuid4().hex}"
    store._store("s3").mkdir(name)
    yield lambda key: f"s3://{name}/{key}"
    patch.undo()


both = pytest.mark.parametrize("bucket", ["file", S3], indirect=True)


def put(bucket: Bucket, name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(data)
    store.put(tmp_path / "given", bucket(name))


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("s3://b/a/k.mp4", "s3://b/a/k.mp4"),
        (Path("s3://b/a/k.mp4"), "s3://b/a/k.mp4"),
        (Path("file:///srv/a"), "file:///srv/a"),
        (Path("folder/a.mp4"), ""),
        (Path("/srv/s3:/a"), ""),
        (Path("C:/clips"), ""),
        ("plain", ""),
    ],
)
def test_what_is_a_url(given: Path | str, url: str) -> None:
    assert store.url_of(given) == url


@both
def test_objects_are_listed_fetched_and_put_whole(bucket: Bucket, tmp_path: Path) -> None:
    put(bucket, "in/b.py", b"two", tmp_path)
    put(bucket, "in/sub/a.py", b"one", tmp_path)
    found = list(store.objects(bucket("in")))
    assert [(f.path, f.size, f.skipped) for f in found] == [("b.py", 3, ""), ("sub/a.py", 3, "")]
    store.fetch(found[1].local, tmp_path / "here", found[1].mark)
    assert (tmp_path / "here").read_bytes() == b"one"
    assert store.head(found[0].local, 2) == b"tw"
    put(bucket, "in/b.py", b"another", tmp_path)
    with pytest.raises(UnreadableError, match="changed while"):
        store.fetch(found[0].local, tmp_path / "changed", found[0].mark)
    assert not store.exists(bucket("in/none.py"))
    with pytest.raises(UsageError, match="holds nothing"):
        list(store.objects(bucket("nothing/here")))


def test_a_key_that_leads_out_of_its_folder_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {f"b/in/{k}": {"size": 1} for k in ("a.mp4", "../../etc/x.mp4", "./c.mp4", "d//e.mp4")}

    class Hostile:
        _strip_protocol = staticmethod(lambda url: url.removeprefix("s3://"))
        unstrip_protocol = staticmethod(lambda name: f"s3://{name}")
        find = staticmethod(lambda _root, **_: keys)

    monkeypatch.setattr(store, "_store", lambda _: Hostile)
    assert [f.path for f in store.objects("s3://b/in") if not f.skipped] == ["a.mp4"]


def test_a_store_that_nobody_knows_and_a_driver_that_is_missing_are_said() -> None:
    with pytest.raises(UsageError, match="no store"):
        store.head("nonsense://b/k", 1)
    if importlib.util.find_spec("gcsfs") is None:
        with pytest.raises(UsageError, match="not installed"):
            store.head("gs://b/k", 1)


def scanner(*words: object, cache: Path) -> tuple[int, str]:
    ran = subprocess.run(
        [sys.executable, "-m", "scanner", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SOURCE_DATE_EPOCH": "0", "SCANNER_CACHE": str(cache)},
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran.returncode, ran.stdout + ran.stderr


@both
def test_a_scan_of_a_store_says_what_a_scan_of_the_folder_says(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(30):
        data = f"import face_recognition\nN = {number}\n".encode()
        (tmp_path / "in" / f"{number}.py").write_bytes(data)
        put(bucket, f"in/{number}.py", data, tmp_path)
    reports = []
    for target in (tmp_path / "in", bucket("in"), bucket("in")):  # the last one out of the cache
        words = ("scan", target, "-q", "--report", f"json={tmp_path / 'run.json'}")
        code, said = scanner(*words, cache=tmp_path / "cache.sqlite")
        assert code == 1, said
        reports.append((tmp_path / "run.json").read_bytes())
    assert reports[0] == reports[1] == reports[2]
    assert reports[0].count(b"face_recognition") >= 30


@both
def test_a_redaction_in_a_store_is_the_one_made_here(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    clip = tmp_path / "in" / "gate.mp4"
    clips.write(clip, clips.handheld(320, 180), clips.steady_times(0.5, 24))
    original = clip.read_bytes()
    put(bucket, "in/gate.mp4", original, tmp_path)
    cache = tmp_path / "cache.sqlite"
    code, said = scanner("blur", tmp_path / "in", "-o", tmp_path / "out", cache=cache)
    assert code == 0, said
    code, said = scanner("blur", bucket("in"), "-o", bucket("out"), cache=cache)
    assert code == 0, said
    assert {f.path for f in store.objects(bucket("out"))} == {"gate.mp4", "gate.mp4.manifest.json"}
    for name in ("gate.mp4", "gate.mp4.manifest.json"):
        store.fetch(bucket(f"out/{name}"), tmp_path / name)
        assert (tmp_path / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    code, said = scanner("blur", bucket("in"), "-o", bucket("out"), cache=cache)
    assert (code, "done before" in said) == (0, True), said
    assert store.head(bucket("in/gate.mp4"), 10**9) == original
