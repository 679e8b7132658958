"""The newest run is found and pages go down from it, whatever ids a server has used."""

from __future__ import annotations

from collections.abc import Collection
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.openml.newest import MOST_ROUNDS, Descent, find_newest

ROOM = 440


def newest(ids: Collection[int], known: int, *, below: int = 0) -> tuple[int, int]:
    """The newest id that is found, and by how many look-ups."""
    search = find_newest(known, lambda highest: ROOM, below=below)
    asked = 0
    try:
        probe = next(search)
        while True:
            asked += 1
            assert 0 < len(probe) <= ROOM
            assert all(number > 0 for number in probe)
            probe = search.send({number for number in probe if number in ids})
    except StopIteration as end:
        return end.value, asked


def pages(ids: Collection[int], start: int, *, upwards: bool = False, room: int = ROOM) -> Descent:
    """All windows from the newest id down; the ids found are checked on the way."""
    descent = Descent(start, room, upwards=upwards)
    found: list[int] = []
    for _ in range(100_000):
        if descent.ended:
            break
        wanted = descent.next_ids()
        assert 0 < len(wanted) <= room
        found += descent.take(wanted, {number for number in wanted if number in ids})
    assert descent.ended
    assert found == sorted(set(found), reverse=not upwards)
    crossed = descent.crossed
    missing = set(ids) - set(found)
    assert all(any(low <= number <= high for low, high in crossed) for number in missing)
    assert len(found) == descent.found
    return descent


@pytest.mark.parametrize("newest_id", [1, 7, 500, 150_000, 10_600_000, 2_000_000_000])
def test_a_server_without_gaps_is_known_after_few_look_ups(newest_id: int) -> None:
    ids = range(1, newest_id + 1)
    found, asked = newest(ids, max(1, newest_id // 7))
    assert found == newest_id
    assert asked <= 8


@pytest.mark.parametrize("new", [0, 1, 30, 150])
def test_with_the_last_newest_id_one_or_two_look_ups_tell(new: int) -> None:
    known = 10_600_000
    found, asked = newest(range(1, known + new + 1), known, below=120)
    assert found == known + new
    assert asked <= 3


@pytest.mark.parametrize("new", [1_000, 100_000])
def test_many_new_runs_since_then_take_a_few_more(new: int) -> None:
    known = 10_600_000
    found, asked = newest(range(1, known + new + 1), known, below=120)
    assert found == known + new
    assert asked <= 6


@given(
    st.integers(1, 50_000),
    st.lists(st.tuples(st.integers(1, 400), st.integers(1, 2_000)), min_size=1, max_size=12),
    st.data(),
)
def test_blocks_with_gaps_are_found_to_their_end(
    start: int, blocks: list[tuple[int, int]], data: st.DataObject
) -> None:
    ids: set[int] = set()
    at = start
    for gap, length in blocks:  # gaps shorter than what is looked at next to an id
        ids.update(range(at, at + length))
        at += length + min(gap, 170)
    found, asked = newest(ids, data.draw(st.sampled_from(sorted(ids))))
    assert found == max(ids)
    assert asked <= MOST_ROUNDS * 2


@given(st.sets(st.integers(1, 100_000), min_size=1, max_size=300), st.integers(0, 100_000))
def test_whatever_the_ids_it_ends_with_one_that_exists_or_was_known(
    ids: set[int], known: int
) -> None:
    found, asked = newest(ids, known)
    assert found in ids or found == known
    assert asked <= 60


@given(st.integers(1, 30_000), st.integers(2, 12), st.integers(0, 10_000))
def test_with_most_ids_deleted_at_random_twenty_look_ups_are_enough(
    count: int, one_in: int, seed: int
) -> None:
    chance = Random(seed)
    ids = {number for number in range(1, count + 1) if not chance.randrange(one_in)} | {count}
    found, asked = newest(ids, min(ids))
    assert found == count or count - found > ROOM * 2 / 5
    assert asked <= 20


@given(st.sets(st.integers(1, 20_000), min_size=1, max_size=400), st.booleans())
def test_every_run_comes_once_in_order_unless_its_stretch_was_only_probed(
    ids: set[int], upwards: bool
) -> None:
    pages(ids, max(ids), upwards=upwards)


@given(st.integers(1, 20_000), st.booleans())
def test_without_gaps_no_run_is_left_out_and_the_estimate_is_exact(
    count: int, upwards: bool
) -> None:
    descent = pages(range(1, count + 1), count, upwards=upwards)
    assert not descent.crossed
    assert descent.about == count
    first = Descent(count, ROOM)
    wanted = first.next_ids()
    first.take(wanted, set(wanted))
    assert first.about == count


def test_a_gap_of_a_million_ids_is_crossed_in_a_few_look_ups() -> None:
    ids = set(range(1, 2_001)) | set(range(1_002_001, 1_003_001))
    descent = Descent(max(ids), ROOM)
    asked = 0
    while descent.found < 1_500:
        wanted = descent.next_ids()
        descent.take(wanted, ids.intersection(wanted))
        asked += 1
    assert asked <= 20
    assert all(low > 2_000 for low, high in descent.crossed)


def test_windows_that_are_all_gaps_are_passed_over() -> None:
    ids = set(range(1, 100)) | set(range(1_500, 1_600))
    assert not pages(ids, 1_599).crossed
