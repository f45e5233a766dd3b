"""The phases of a meeting: which there are, in which order, and where each is in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vng_alv.domain.phases import PHASE_OF, HandItem, Limits, Phase, Stage, spans

START = datetime(2027, 6, 2, 11, 30, tzinfo=UTC)


def before(days: int) -> datetime:
    return START - timedelta(days=days)


LIMITS = Limits(
    created_at=before(100), starts_at=START, ends_at=None,
    consultations=[(before(60), before(40)), (before(50), before(30))],
    amendments_until=before(13), convocation_until=before(28), papers_until=before(14), early_from=before(5),
)  # fmt: skip


def stages(now: datetime, limits: Limits = LIMITS) -> dict[Phase, Stage]:
    return {one.phase: one.stage for one in spans(limits, now)}


def test_phases_come_in_the_order_of_what_they_last_until() -> None:
    assert [one.phase for one in spans(LIMITS, START)] == [
        Phase.CONSULTATION, Phase.PREPARATION, Phase.CONVOCATION, Phase.PAPERS, Phase.AMENDMENTS, Phase.EARLY,
        Phase.MEETING, Phase.AFTER,
    ]  # fmt: skip
    found = {one.phase: (one.begins, one.ends) for one in spans(LIMITS, START)}
    assert found[Phase.CONSULTATION] == (before(60), before(30)), "over all texts"


def test_a_phase_that_a_meeting_does_not_have_is_left_out() -> None:
    bare = replace(LIMITS, consultations=[], early_from=None)
    assert not {Phase.CONSULTATION, Phase.EARLY} & stages(START, bare).keys()
    assert Phase.EARLY not in stages(START, replace(LIMITS, early_from=START)), "from the meeting on is not before it"


@pytest.mark.parametrize(
    ("now", "phase", "stage"),
    [
        (before(61), Phase.CONSULTATION, Stage.COMING),
        (before(60), Phase.CONSULTATION, Stage.NOW),
        (before(30) - timedelta(hours=1), Phase.CONSULTATION, Stage.TODAY),
        (before(30), Phase.CONSULTATION, Stage.PAST),
        (before(14), Phase.AMENDMENTS, Stage.COMING),
        (before(13) - timedelta(seconds=1), Phase.AMENDMENTS, Stage.TODAY),
        (before(13), Phase.AMENDMENTS, Stage.PAST),
        (before(1), Phase.MEETING, Stage.COMING),
        (START - timedelta(hours=13), Phase.MEETING, Stage.TODAY),
        (START + timedelta(hours=10), Phase.MEETING, Stage.TODAY),
        (START + timedelta(hours=11), Phase.MEETING, Stage.PAST),
        (before(1), Phase.AFTER, Stage.COMING),
        (START, Phase.AFTER, Stage.NOW),
        (START + timedelta(days=900), Phase.AFTER, Stage.NOW),
    ],
)
def test_where_a_phase_is_in_time(now: datetime, phase: Phase, stage: Stage) -> None:
    assert stages(now)[phase] is stage


def test_a_written_consultation_is_held_until_its_end() -> None:
    written = replace(LIMITS, ends_at=START + timedelta(days=14))
    assert stages(START + timedelta(days=1), written)[Phase.MEETING] is Stage.NOW
    assert stages(START + timedelta(days=14), written)[Phase.MEETING] is Stage.PAST
    assert stages(START + timedelta(days=13), written)[Phase.AFTER] is Stage.COMING


def test_whatever_is_ticked_by_hand_has_a_phase() -> None:
    assert PHASE_OF.keys() == set(HandItem)
