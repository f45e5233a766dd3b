"""A worker that hears of nothing while the broker answers ends itself, so that another one takes its place."""

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from tests.worker.running import ROOT, Site
from worker.watch import PATIENCE, Leave, Watch

#: A worker without beat: nobody asks it for anything.
CODE = """
from worker import watch
watch.PATIENCE, watch.LOOK = 1.0, 0.2
from worker.celery import app
app.worker_main(["worker", "--without-gossip", "--without-mingle", "--queues", "nobody"])
"""


def test_it_is_stuck_when_nothing_runs_and_nothing_was_heard_of() -> None:
    watch = Watch()
    later = watch.heard + PATIENCE + 1
    assert watch.is_stuck(later, broker_answers=True)
    assert not watch.is_stuck(later, broker_answers=False)
    assert not watch.is_stuck(watch.heard + PATIENCE, broker_answers=True)
    watch.begins()
    assert not watch.is_stuck(time.monotonic() + PATIENCE + 1, broker_answers=True)
    watch.ends()
    assert watch.is_stuck(time.monotonic() + PATIENCE + 1, broker_answers=True)


@pytest.mark.parametrize(("code", "leaves"), [(1, [1]), (0, []), (None, [])])
def test_a_worker_that_failed_leaves_at_once_and_one_that_is_asked_to_end_does_not(
    code: int | None, leaves: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[int] = []
    monkeypatch.setattr(os, "_exit", left.append)
    Leave(None).close(SimpleNamespace(exitcode=code))
    assert left == leaves


def test_a_worker_that_hears_nothing_ends_itself(site: Site) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env={**os.environ, **site.environ}, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert "worker_stuck" in done.stdout + done.stderr
