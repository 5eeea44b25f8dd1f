"""A scan of what did not change reads metadata; what was interrupted goes on."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from scanner.engine.cache import Cache

WATCHED = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)
from scanner.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted(str(o) for o in opened if isinstance(o, str) and "/target/" in o), sep="\\n")
"""


def scan(target: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WATCHED, "scan", str(target), "-q", "--jobs", "0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "SCANNER_CACHE": str(target.parent / "cache.sqlite"), "SOURCE_DATE_EPOCH": "0"},
    )


def filled(folder: Path, files: int, lines: int = 1) -> Path:
    target = folder / "target"
    target.mkdir()
    for number in range(files):
        (target / f"{number}.py").write_text("import face_recognition\n" + "x = [1]\n" * lines)
    time.sleep(2.1)  # what was written a moment ago is not remembered
    return target


def test_a_warm_scan_opens_no_file_of_its_target(tmp_path: Path) -> None:
    target = filled(tmp_path, 5)
    cold, _ = scan(target).communicate()
    assert len(set(cold.split())) == 5
    warm, _ = scan(target).communicate()
    assert warm.strip() == ""


def test_an_interrupted_scan_says_what_is_left_and_goes_on_there(tmp_path: Path) -> None:
    target = filled(tmp_path, 150, lines=1000)
    first = scan(target)
    cache = tmp_path / "cache.sqlite"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (cache.exists() and not Cache(cache, "").empty):
        time.sleep(0.02)
    first.send_signal(signal.SIGINT)
    _, said = first.communicate()
    assert first.returncode == 130
    told = re.search(r"(\d+) of 150 files were done; the same command goes on with the rest", said)
    assert told, said
    second, _ = scan(target, "--report", f"json={tmp_path / 'run.json'}").communicate()
    left = len(set(second.split()))
    assert 0 < left < 150
    scan(target, "--no-cache", "--report", f"json={tmp_path / 'whole.json'}").communicate()
    assert (tmp_path / "run.json").read_bytes() == (tmp_path / "whole.json").read_bytes()


def test_a_container_image_is_remembered_by_all_its_files(tmp_path: Path) -> None:
    blob = tmp_path / "image/blobs/sha256/x"
    blob.parent.mkdir(parents=True)
    blob.write_text("one")
    time.sleep(2.1)
    with Cache(tmp_path / "cache.sqlite", "") as cache:
        before = cache.key("image", str(tmp_path / "image"))
        assert before is not None
        blob.write_text("two")
        assert cache.key("image", str(tmp_path / "image")) is None
        time.sleep(2.1)
        assert cache.key("image", str(tmp_path / "image")) not in (before, None)
