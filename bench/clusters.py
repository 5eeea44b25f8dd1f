"""A real cluster on this machine: a scheduler and workers, each a process of its own, that can be killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TLS = ("--tls-ca-file", "ca.pem", "--tls-cert", "cert.pem", "--tls-key", "key.pem")


@dataclass
class Cluster:
    """A scheduler and its workers on loopback.

    Attributes:
        folder: Where logs and spill files go.
        tls: A folder of certificates; without it nothing is encrypted.
        workers: How many, of one thread each.
    """

    folder: Path
    tls: Path | None = None
    workers: int = 2
    url: str = ""
    scheduler: "subprocess.Popen[bytes] | None" = None
    started: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        """How a verb is told to use it."""
        return ["--cluster", self.url, *(["--tls", str(self.tls)] if self.tls else [])]

    def start(self) -> None:
        """Start the scheduler, where it is not running, and all workers that are missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.scheduler is None or self.scheduler.poll() is not None:
            for worker in self.started:  # they end by themselves when their scheduler is gone
                worker.wait(15)
            at = self.folder / "scheduler.json"
            at.unlink(missing_ok=True)
            port = self.url.rpartition(":")[2] or "0"
            self.scheduler = self._dask("scheduler", "--port", port, "--scheduler-file", str(at))
            self.url = self._address(at)
        self.started = [w for w in self.started if w.poll() is None]
        while len(self.started) < self.workers:
            words = ("--nthreads", "1", "--nworkers", "1", "--memory-limit", "0")
            self.started.append(self._dask("worker", self.url, *words, "--local-directory", str(self.folder)))

    def _address(self, at: Path) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError):
                return str(json.loads(at.read_text())["address"])
            time.sleep(0.05)
        raise TimeoutError((self.folder / "log").read_text())

    def _dask(self, what: str, *words: str) -> "subprocess.Popen[bytes]":
        security = [w if w.startswith("--") else str(self.tls / w) for w in TLS] if self.tls else []
        always = ["--protocol", "tls" if self.tls else "tcp", "--host", "127.0.0.1", "--no-dashboard"]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", what, *words, *security, *always],
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that all of it can be killed at once
            )

    def kill_worker(self, which: int) -> None:
        """Kill a worker without a word: its nanny, and all processes of both."""
        _kill_all(self.started[which % len(self.started)])

    def kill_scheduler(self) -> None:
        """Kill the scheduler without a word."""
        assert self.scheduler is not None
        _kill_all(self.scheduler)

    def stop(self) -> None:
        """Kill everything."""
        for process in [*self.started, *([self.scheduler] if self.scheduler else [])]:
            _kill_all(process)

    def __enter__(self) -> "Cluster":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()


def _kill_all(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
