"""A worker that hears of no job while the broker answers is stuck, and one that failed does nothing more: they end
themselves, and whoever looks after them starts another one. Beat asks for a sweep each second, so silence is never a
lack of work; and every job may be ended at any point."""

import os
import threading
import time
from typing import Any

import structlog
from celery import bootsteps
from celery.signals import task_postrun, task_prerun, worker_ready

from vng_alv import live

log = structlog.get_logger()

#: Seconds without a job, and between looks.
PATIENCE = 30.0
LOOK = 5.0


class Watch:
    """When a job was last heard of, and how many run."""

    def __init__(self) -> None:
        self.running, self.heard = 0, time.monotonic()
        self._lock = threading.Lock()

    def begins(self, **_: object) -> None:
        """A job begins."""
        with self._lock:
            self.running, self.heard = self.running + 1, time.monotonic()

    def ends(self, **_: object) -> None:
        """A job ended."""
        with self._lock:
            self.running, self.heard = self.running - 1, time.monotonic()

    def is_stuck(self, now: float, *, broker_answers: bool) -> bool:
        """Whether nothing runs and nothing was heard of for too long, though the broker could have told."""
        return broker_answers and not self.running and now - self.heard > PATIENCE


def look(watch: Watch) -> None:
    """Look every so often, for ever. A broker that comes back has as long as a job to be heard of."""
    while True:
        time.sleep(LOOK)
        answers, _ = live.health()
        if not answers:
            watch.heard = time.monotonic()
        if watch.is_stuck(time.monotonic(), broker_answers=answers):
            log.error("worker_stuck", seconds=round(time.monotonic() - watch.heard))
            os._exit(1)


class Leave(bootsteps.StartStopStep):
    """A worker that cannot go on leaves at once. Celery would wait for the jobs that run, and a long mailing would keep
    all votes from being counted meanwhile. (It cannot go on when the broker dies under a job that runs.)"""

    def close(self, worker: Any) -> None:
        """Called first of all when a worker ends, with an exit code where it failed."""
        if worker.exitcode:
            log.error("worker_failed")
            os._exit(worker.exitcode)


@worker_ready.connect
def begin(**_: object) -> None:
    """Watch this worker from now on."""
    watch = Watch()
    task_prerun.connect(watch.begins, weak=False)
    task_postrun.connect(watch.ends, weak=False)
    threading.Thread(target=look, args=(watch,), daemon=True).start()
