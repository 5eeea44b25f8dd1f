"""A cluster is killed in the middle, and the same command goes on to the same bytes: bench/kill.py, small."""

import importlib.util
import random
from collections.abc import Iterator

import pytest

from bench import kill
from bench.clusters import Cluster

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="pip install '.[cluster]'"
)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> kill.Ground:
    ground = kill.Ground(tmp_path_factory.mktemp("ground"), files=60, clips=1)
    ground.fill()
    for verb in kill.VERBS:
        ground.run(verb, out := ground.folder / verb, []).wait()
        ground.made[verb] = kill.made(out, hidden=True)
        ground.seconds[verb] = 1.5
    assert [len(ground.made[verb]) for verb in kill.VERBS] == [1, 2]
    return ground


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("machines")) as running:
        yield running


@pytest.mark.parametrize(("verb", "victim"), [("blur", "worker"), ("scan", "client"), ("blur", "everything")])
def test_whatever_is_killed_the_same_command_ends_with_the_same_bytes(
    verb: str, victim: str, ground: kill.Ground, cluster: Cluster
) -> None:
    before = kill.digest(ground.originals)
    assert list(kill.point(ground, cluster, verb, victim, random.Random(3))) == []
    assert kill.digest(ground.originals) == before
