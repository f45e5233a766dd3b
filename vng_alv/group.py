"""Doing what comes in at the same moment together: one transaction, one flush to disk, for the requests of a process.

There is no waiting for company: the first request goes alone, and what arrives while it is under way goes next.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

Wish = TypeVar("Wish")
Found = TypeVar("Found")

#: At most so many share one transaction.
MOST = 32
#: How often a wish that met another one at the same moment is tried.
TRIES = 100


class _Waiting(Generic[Wish, Found]):
    """A wish, and in the end what came of it."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.found: Found | None = None
        self.error: BaseException | None = None
        self.over = False
        #: Held until this wish is over, or until its thread is to lead the next run.
        self.signal = threading.Lock()
        self.signal.acquire()


class Group(Generic[Wish, Found]):
    """Runs ``work`` on several wishes at once; every caller returns when its own is done.

    ``work`` does all of what it is given or raises and does nothing. Wishes of which ``apart`` gives the same are never
    in one run. When a run fails its wishes are tried one by one, and those that raise ``again`` are tried again.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Wish]], Sequence[Found]],
        *,
        apart: Callable[[Wish], Hashable] | None = None,
        again: type[Exception] | tuple[()] = (),
    ) -> None:
        self.work = work
        self.apart = apart
        self.again = again
        self.guard = threading.Lock()
        self.pending: list[_Waiting[Wish, Found]] = []
        self.led = False

    def submit(self, wish: Wish) -> Found:
        """What came of ``wish``; raises what its work raised."""
        mine: _Waiting[Wish, Found] = _Waiting(wish)
        with self.guard:
            self.pending.append(mine)
            leads, self.led = not self.led, True
        if not leads:
            mine.signal.acquire()
        if leads or not mine.over:
            self._lead(mine)
        if mine.error is not None:
            raise mine.error
        return mine.found  # type: ignore[return-value]  # set whenever there was no error

    def _lead(self, mine: _Waiting[Wish, Found]) -> None:
        """Run what is pending until ``mine`` is over, then let the first who still waits lead."""
        while not mine.over:
            self._run(self._take(), mine)
        with self.guard:
            if not self.pending:
                self.led = False
                return
            following = self.pending[0]
        following.signal.release()

    def _take(self) -> list[_Waiting[Wish, Found]]:
        seen: set[Hashable] = set()
        taken: list[_Waiting[Wish, Found]] = []
        left: list[_Waiting[Wish, Found]] = []
        with self.guard:
            for waiting in self.pending:
                key = self.apart(waiting.wish) if self.apart else waiting
                if key in seen or len(taken) == MOST:
                    left.append(waiting)
                else:
                    seen.add(key)
                    taken.append(waiting)
            self.pending = left
        return taken

    def _run(self, taken: list[_Waiting[Wish, Found]], leader: _Waiting[Wish, Found]) -> None:
        try:
            for waiting, found in zip(taken, self.work([w.wish for w in taken]), strict=True):
                waiting.found = found
        except Exception as error:
            if len(taken) > 1 or isinstance(error, self.again):
                for waiting in taken:
                    self._alone(waiting)
            else:
                taken[0].error = error
        finally:
            for waiting in taken:
                waiting.over = True
                if waiting is not leader:
                    waiting.signal.release()

    def _alone(self, waiting: _Waiting[Wish, Found]) -> None:
        for _ in range(TRIES):
            try:
                (waiting.found,) = self.work([waiting.wish])
            except self.again as error:
                waiting.error = error
            except Exception as error:
                waiting.error = error
                return
            else:
                waiting.error = None
                return
