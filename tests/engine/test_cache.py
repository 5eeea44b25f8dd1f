import os
from pathlib import Path

from scanner.engine.cache import Cache

OLD = 1_600_000_000


def settled(path: Path, text: str) -> Path:
    path.write_text(text)
    os.utime(path, (OLD, OLD))
    return path


def test_a_kept_result_comes_back_and_another_config_has_its_own(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    file = settled(tmp_path / "a", "1")
    monkeypatch.setattr("scanner.engine.cache._SETTLED_NS", 0)
    with Cache(tmp_path / "c.sqlite", "one") as cache:
        key = cache.key("a", str(file))
        assert key
        cache.put([(key, b"result")])
        assert cache.get(key) == b"result"
    with Cache(tmp_path / "c.sqlite", "two") as other:
        assert other.key("a", str(file)) != key


def test_a_changed_file_has_another_key_even_with_its_old_time(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("scanner.engine.cache._SETTLED_NS", 0)
    file = settled(tmp_path / "a", "1")
    with Cache(tmp_path / "c.sqlite", "one") as cache:
        before = cache.key("a", str(file))
        settled(file, "2")
        assert cache.key("a", str(file)) != before


def test_a_file_just_written_is_not_remembered(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    with Cache(tmp_path / "c.sqlite", "one") as cache:
        assert cache.key("a", str(file)) is None


def test_a_damaged_cache_is_worked_without(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"not a database, but long enough to be read as one" * 99)
    with Cache(tmp_path / "c.sqlite", "one") as cache:
        cache.put([(b"k", b"v")])
        assert cache.get(b"k") is None


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    with Cache(tmp_path / "c.sqlite", "one"):
        assert (tmp_path / "c.sqlite").stat().st_mode & 0o077 == 0
