"""A handful of broken files from the bench: each is redacted and verified, or refused, and none is lost."""

from pathlib import Path

import numpy as np

from bench import broken_media


def test_every_broken_file_is_accounted_for(tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    whole.mkdir()
    kinds = iter(("h264.mp4", "h264.mkv", "h264.ts", "mpeg4.avi", "mjpeg.avi"))
    rng = np.random.default_rng(11)
    made = broken_media.whole(whole, kinds)
    paths = [broken_media.broken(p, tmp_path / f"{i}-{p.name}", rng) for i in range(2) for p in made]
    result = broken_media.account([*paths, made[0]], out)
    assert result.is_clean, (result.unaccounted, result.unverified)
    assert result.redacted + result.refused.total() == len(paths) + 1
    assert result.redacted >= 1
    assert result.refused.total() >= 1
