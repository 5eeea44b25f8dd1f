"""Units and parameter sets of H.264, and which groups of pictures a clip falls into."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.footage import gops, nals
from scanner.footage.gops import Mark
from scanner.footage.nals import ParameterSets, UnfitError

SPS = bytes.fromhex("6764001eacd940a02ff96100000300010000030032")  # 640x360 of x264, id 0, high profile
PPS = bytes.fromhex("68ebe3cb22c0")
SETS = ParameterSets((SPS,), (PPS,))


@given(st.lists(st.binary(min_size=1, max_size=70), max_size=6))
def test_units_come_apart_as_they_were_joined(some: list[bytes]) -> None:
    assert nals.units(nals.joined(some), 4) == some


def test_units_between_start_codes_of_both_lengths() -> None:
    data = b"\0\0\0\1\x67ab\0\0\1\x68cd\0\0\0\1\x65ef"
    assert nals.units(data, 0) == [b"\x67ab", b"\x68cd", b"\x65ef"]


@given(st.binary(max_size=80))
def test_guarding_hides_start_codes_and_comes_off_again(payload: bytes) -> None:
    payload += b"\x80"
    guarded = nals._guarded(payload)
    assert b"\0\0\1" not in guarded
    assert b"\0\0\0" not in guarded
    assert nals._bare(guarded) == payload


@given(st.binary(max_size=60), st.integers(1, 4))
def test_hostile_packets_end_in_a_reason(data: bytes, length: int) -> None:
    for attempt in (
        lambda: nals.copied(nals.units(data, length), SETS),
        lambda: nals.copied([b"\x06" + data], SETS),
        lambda: nals.from_extradata(b"\1" + data),
        lambda: nals.from_extradata(data),
    ):
        with suppress(UnfitError):
            attempt()


def test_extradata_keeps_every_set_and_the_highest_level() -> None:
    higher = SPS[:3] + bytes([40]) + b"\x40" + SPS[5:]
    both = SETS + ParameterSets((higher,), (b"\x68\x40",))
    out = nals.to_extradata(both)
    assert nals.from_extradata(out) == (both, 4)
    assert out[3] == 40
    # High profile: chroma format and depths follow (ISO/IEC 14496-15, 5.3.3.1.2).
    assert out[-4:] == bytes([0xFC | 1, 0xF8, 0xF8, 0])


def test_a_spare_id_is_one_that_neither_kind_uses() -> None:
    assert SETS.spare_id() == 1
    with_one = SETS + ParameterSets((SPS[:4] + b"\x40" + SPS[5:],), ())
    assert with_one.spare_id() == 2


def _message(*messages: tuple[int, bytes]) -> bytes:
    body = b"".join(bytes([number, len(data)]) + data for number, data in messages)
    return b"\x06" + nals._guarded(body + b"\x80")


def test_only_harmless_messages_are_copied() -> None:
    timing, secret = (1, b"\0\0\0\1"), (5, bytes(16) + b"plate 123")
    assert nals.copied([_message(timing)], SETS) == [_message(timing)]
    assert nals.copied([_message(secret)], SETS) == []
    assert nals.copied([_message(secret, timing)], SETS) == [_message(timing)]
    long = (4, bytes(200))
    assert nals.copied([_message(long, timing, (5, b""))], SETS) == [_message(timing)]
    cut_off = b"\x06\x01\xff"
    assert nals.copied([cut_off], SETS) == []


def test_private_units_go_and_other_parameter_sets_stop_the_copy() -> None:
    picture = b"\x65picture"
    private, filler, delimiter = b"\x18serial", b"\x0c\xff\xff\x80", b"\x09\xf0"
    assert nals.copied([delimiter, SPS, PPS, picture, filler, private], SETS) == [picture]
    with pytest.raises(UnfitError, match="change"):
        nals.copied([PPS + b"\1", picture], SETS)
    with pytest.raises(UnfitError, match="kind 20"):
        nals.copied([b"\x74scalable"], SETS)


def _group(start: int, order: tuple[int, ...] = (0, 3, 1, 2), shown: bool = True) -> list[Mark]:
    """Four pictures of which two are shown before the one that they refer to."""
    return [Mark(start + pts, start + i - 1, i == 0, shown) for i, pts in enumerate(order)]


def test_groups_with_a_cover_are_encoded_and_neighbours_are_one_run() -> None:
    marks = [m for start in (0, 4, 8, 12) for m in _group(start)]
    plan = gops.plan(marks, range(16), {5, 8})
    assert [g.encode for g in plan.gops] == [False, True, True, False]
    assert plan.runs() == [(0, 4, False), (4, 8, True), (12, 4, False)]
    assert plan.copied == 8
    assert plan.decode_times == tuple(range(-1, 15))


def test_a_group_with_hidden_pictures_is_encoded_though_nothing_is_covered() -> None:
    marks = [*_group(0, shown=False), *_group(4), *_group(8)]
    marks[3] = Mark(2, 2, False, True)
    plan = gops.plan(marks, [2, *range(4, 12)], ())
    assert [(g.first, g.frames, g.encode) for g in plan.gops] == [(0, 1, True), (1, 4, False), (5, 4, False)]


@pytest.mark.parametrize(
    ("marks", "shown", "why"),
    [
        ([], [], "IDR"),
        (_group(0)[1:], [1, 2, 3], "IDR"),
        (_group(0), [0, 1, 2], "one to one"),
        ([*_group(0), *_group(3)], [0, 1, 2, 3, 3, 4, 5, 6], "among those of another"),
        ([Mark(0, 1, True, True)], [0], "before they are decoded"),
    ],
)
def test_what_cannot_be_cut_says_why(marks: list[Mark], shown: list[int], why: str) -> None:
    with pytest.raises(UnfitError, match=why):
        gops.plan(marks, shown, ())


@given(st.lists(st.permutations(range(5)).filter(lambda p: p[0] == 0), min_size=1, max_size=4))
def test_decode_times_that_are_made_up_are_in_order_and_never_late(groups: list[list[int]]) -> None:
    marks = [
        Mark(10 * (5 * g + p), None, i == 0, True)
        for g, order in enumerate(groups)
        for i, p in enumerate(order)
    ]
    plan = gops.plan(marks, sorted(m.pts for m in marks), ())
    times = plan.decode_times
    assert len(times) == len(marks)
    assert all(a < b for a, b in pairwise(times))
    assert all(t <= m.pts for t, m in zip(times, marks, strict=True))
