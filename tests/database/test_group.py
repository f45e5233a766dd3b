"""Doing what comes in at the same moment together: everybody gets its own answer, whatever happens to the others."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from vng_alv.group import MOST, Group


class Again(Exception):
    """To be tried again."""


def test_everyone_gets_the_answer_to_its_own_wish() -> None:
    runs: list[int] = []

    def work(wishes: Sequence[int]) -> list[int]:
        runs.append(len(wishes))
        threading.Event().wait(0.001)
        return [wish * 2 for wish in wishes]

    group: Group[int, int] = Group(work)
    with ThreadPoolExecutor(40) as pool:
        assert list(pool.map(group.submit, range(2_000))) == [n * 2 for n in range(2_000)]
    assert sum(runs) == 2_000
    assert max(runs) > 1
    assert max(runs) <= MOST
    assert not group.led


def test_wishes_that_belong_apart_are_never_in_one_run() -> None:
    def work(wishes: Sequence[tuple[int, int]]) -> list[int]:
        assert len({key for key, _ in wishes}) == len(wishes)
        threading.Event().wait(0.001)
        return [n for _, n in wishes]

    group: Group[tuple[int, int], int] = Group(work, apart=lambda wish: wish[0])
    wishes = [(n % 3, n) for n in range(300)]
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(group.submit, wishes)) == list(range(300))


def test_one_that_fails_fails_alone() -> None:
    def work(wishes: Sequence[int]) -> list[int]:
        threading.Event().wait(0.001)
        if any(wish % 10 == 7 for wish in wishes):
            raise ValueError(wishes)
        return list(wishes)

    group: Group[int, int] = Group(work)

    def submit(n: int) -> int | str:
        try:
            return group.submit(n)
        except ValueError:
            return "failed"

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(submit, range(200)))
    assert found == ["failed" if n % 10 == 7 else n for n in range(200)]
    assert group.submit(1) == 1


def test_one_that_met_another_is_tried_again() -> None:
    left = [3]

    def work(wishes: Sequence[int]) -> list[int]:
        if left[0]:
            left[0] -= 1
            raise Again
        return list(wishes)

    assert Group(work, again=Again).submit(5) == 5


def test_an_error_that_is_not_ours_to_handle_leaves_the_next_one_served() -> None:
    def work(wishes: Sequence[int]) -> list[int]:
        if wishes[0] == 0:
            raise OSError("gone")
        return list(wishes)

    group: Group[int, int] = Group(work)
    with pytest.raises(OSError, match="gone"):
        group.submit(0)
    assert group.submit(2) == 2
