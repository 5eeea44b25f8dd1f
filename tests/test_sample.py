"""Samples of clips: exact bounds against independent values, draws that can be repeated, what a run says."""

import json
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from scipy import stats

from samples import clips
from scanner.cli import main
from scanner.drawn import wanted
from scanner.errors import UsageError
from scanner.findings import Capability, Run, Sample, from_json
from scanner.report import WRITERS
from scanner.sample import at_most, bounded, draw, needed, upper


@pytest.mark.parametrize(
    ("population", "bad", "drawn", "hits"), [(100, 5, 20, 0), (1000, 30, 299, 2), (5000, 60, 250, 4)]
)
def test_probabilities_are_those_of_counting(population: int, bad: int, drawn: int, hits: int) -> None:
    ways = sum(comb(bad, k) * comb(population - bad, drawn - k) for k in range(hits + 1))
    exact = Fraction(ways, comb(population, drawn))
    assert at_most(hits, population, bad, drawn) == pytest.approx(float(exact), rel=1e-10)


def test_zero_hits_in_299_bound_one_percent_of_an_endless_archive() -> None:
    # 0.99 ** 298 > 0.05 >= 0.99 ** 299: the rule that auditors know.
    assert needed(10**9, 0.01, 0.95) == 299
    assert needed(10**9, 0.05, 0.95) == 59
    assert needed(10**9, 0.01, 0.99) == 459


@pytest.mark.parametrize(("hits", "drawn"), [(0, 10), (1, 10), (3, 100), (5, 50), (40, 300)])
def test_a_large_population_gives_the_bound_of_clopper_and_pearson(hits: int, drawn: int) -> None:
    share = stats.beta.ppf(0.95, hits + 1, drawn - hits)
    assert upper(hits, 10**7, drawn, 0.95) / 10**7 == pytest.approx(share, rel=1e-4)


@pytest.mark.parametrize(("population", "bad", "drawn", "hits"), [(10_000, 98, 299, 0), (900, 400, 90, 31)])
def test_scipy_counts_alike(population: int, bad: int, drawn: int, hits: int) -> None:
    expected = stats.hypergeom.cdf(hits, population, bad, drawn)
    assert at_most(hits, population, bad, drawn) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("population", "drawn", "hits"), [(30, 12, 0), (30, 12, 3), (200, 50, 1)])
def test_the_bound_is_the_largest_number_that_counting_does_not_rule_out(
    population: int, drawn: int, hits: int
) -> None:
    def probability(bad: int) -> Fraction:
        ways = sum(comb(bad, k) * comb(population - bad, drawn - k) for k in range(hits + 1))
        return Fraction(ways, comb(population, drawn))

    possible = [b for b in range(hits, population - drawn + hits + 1) if probability(b) > Fraction(5, 100)]
    assert upper(hits, population, drawn, 0.95) == max(possible)


def test_a_small_archive_is_drawn_whole_where_nothing_less_tells() -> None:
    assert needed(20, 0.01, 0.95) == 19
    assert needed(0, 0.01, 0.95) == 0
    assert upper(2, 5, 5, 0.95) == 2
    assert upper(0, 100, 0, 0.95) == 100


def test_the_bound_holds_as_often_as_it_says() -> None:
    population, bad, size = 400, 12, 60
    names = [str(i) for i in range(population)]
    held = 0
    for seed in range(400):
        hits = sum(int(n) < bad for n in draw(names, size, f"seed {seed}"))
        held += upper(hits, population, size, 0.9) >= bad
    assert held / 400 >= 0.88


def test_a_seed_draws_the_same_whatever_the_order() -> None:
    names = [f"cam{i}/a.mp4" for i in range(1000)]
    assert draw(names, 50, "x") == draw(reversed(names), 50, "x")
    assert len(draw(names, 50, "x") & draw(names, 50, "y")) < 20
    # By hand: sha256sum of the seed, a zero byte and the name.
    assert draw(["a", "b", "c"], 1, "s") == {"a"}


def test_what_could_not_be_read_counts_as_if_it_showed_all() -> None:
    sample = Sample(seed="s", population=100, drawn=20, confidence=0.95, limit=None)
    drawn = frozenset(f"{i}" for i in range(20))
    clean = bounded(sample, drawn, frozenset(), [])
    doubtful = bounded(sample, drawn, frozenset({"3"}), [])
    assert [b.upper for b in clean.bounds] == [upper(0, 100, 20, 0.95)] * 4
    assert [(b.hits, b.unread, b.upper) for b in doubtful.bounds] == [(0, 1, upper(1, 100, 20, 0.95))] * 4


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((None, "95", None, None), "--confidence needs a sample"),
        ((None, None, None, "x"), "--seed needs a sample"),
        ((5, None, "1%", None), "both say how many"),
        ((None, None, "0%", None), "no percentage"),
        ((None, "lots", "1%", None), "no percentage"),
    ],
)
def test_options_that_contradict_each_other(
    given: tuple[int | None, str | None, str, str], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        wanted(*given)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    for i in range(6):
        spans = ((0, 1),) if i == 0 else ()
        clips.write(folder / f"c{i}.mp4", clips.cctv(160, 96, spans=spans), clips.steady_times(1, 5))
    (folder / "notes.txt").write_text("nothing")
    return folder


def _scan(archive: Path, folder: Path, *options: str) -> tuple[int, Run]:
    file = folder / "run.json"
    with pytest.raises(SystemExit) as stopped:
        main(["scan", str(archive), "-q", "--no-cache", "--jobs", "0", "--report", f"json={file}", *options])
    return int(str(stopped.value.code)), from_json(file.read_bytes())


def test_a_run_says_what_was_drawn_and_is_not_as_if_all_were_inspected(archive: Path, tmp_path: Path) -> None:
    code, run = _scan(archive, tmp_path, "--sample", "4", "--seed", "case 17")
    assert run.sample is not None
    assert (run.sample.seed, run.sample.population, run.sample.drawn) == ("case 17", 6, 4)
    undrawn = [n for n in run.run.not_tested if n.undrawn]
    assert len(undrawn) == 2
    assert {n.reason for n in undrawn} == {"not drawn"}
    assert not run.unread
    assert len(run.footage) == 4
    # An asked-for sample does not make the run incomplete; but nothing is satisfied by it.
    assert code == 0
    assert {c.result.value for c in run.controls} == {"needs-review"}
    again = _scan(archive, tmp_path, "--sample", "4", "--seed", "case 17")[1]
    assert [n.path for n in again.run.not_tested] == [n.path for n in undrawn]
    strict, _ = _scan(archive, tmp_path, "--sample", "4", "--seed", "case 17", "--fail-on", "needs-review")
    assert strict == 1


def test_a_limit_draws_what_it_needs_and_all_of_a_small_archive(archive: Path, tmp_path: Path) -> None:
    _, run = _scan(archive, tmp_path, "--limit", "40%", "--confidence", "80", "--seed", "s")
    assert run.sample is not None
    assert run.sample.drawn == needed(6, 0.4, 0.8) == 2
    _, whole = _scan(archive, tmp_path, "--limit", "1%")
    assert whole.sample is not None
    assert whole.sample.drawn == 6
    assert not whole.run.not_tested
    assert len(whole.sample.seed) == 16


def test_a_drawn_clip_that_cannot_be_read_is_still_incomplete(archive: Path, tmp_path: Path) -> None:
    bad = tmp_path / "in"
    bad.mkdir()
    for clip in archive.glob("*.mp4"):
        (bad / clip.name).write_bytes(clip.read_bytes()[:900])
    code, run = _scan(bad, tmp_path, "--sample", "3", "--seed", "s")
    assert code == 3
    assert run.sample is not None
    assert len(run.unread) == 3
    assert all(b.unread == 3 and b.upper == 6 for b in run.sample.bounds)


def test_every_report_says_that_it_is_a_sample(archive: Path, tmp_path: Path) -> None:
    _, run = _scan(archive, tmp_path, "--sample", "4", "--seed", "case 17")
    assert run.sample is not None
    face = next(b for b in run.sample.bounds if b.capability is Capability.FACE_VISIBLE)
    html = WRITERS["html"](run).decode()
    assert "Seed: case 17" in html
    assert f"{face.upper} of 6" in html
    assert "for what was inspected, which is a sample" in html
    markdown = WRITERS["md"](run).decode()
    assert "4 of 6 clips drawn" in markdown
    assert b'<skipped message="not drawn"' in WRITERS["junit"](run)
    sarif = json.loads(WRITERS["sarif"](run))
    notes = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert {n["level"] for n in notes if n["descriptor"]["id"] == "not-tested"} == {"note"}
