"""Amendments go along to every new version of a text, or are reported, on both databases."""

import subprocess
import sys
from datetime import timedelta

import pytest

from tests.database.merging_desk import (
    ONE,
    TAIL,
    TEXT,
    TWO,
    Desk,
    S,
    acting,
    acts,
    amendment,
    make_desk,
    refused,
    told,
)
from vng_alv import db
from vng_alv.amendments import merge_queries, merging, service
from vng_alv.amendments.carried import misfits_shown
from vng_alv.amendments.merging import carry_over
from vng_alv.amendments.service import SectionChange
from vng_alv.amendments.workbench import misfits_of
from vng_alv.domain.amendments import Wording
from vng_alv.domain.permissions import Actor
from vng_alv.domain.redline import redline
from vng_alv.domain.refusals import Refusal
from vng_alv.proposals.queries import published
from vng_alv.submissions.queries import versions_of


@pytest.fixture
def desk(database: str) -> Desk:
    return make_desk()


# --- Carrying over


def test_open_amendments_go_along_or_are_reported(desk: Desk) -> None:
    a = desk.make(desk.wonen(ONE))
    fits = desk.make(desk.wonen(TAIL), state=S.SUBMITTED)
    clash = desk.make(desk.wonen(TWO), state=S.SUBMITTED)
    apart = desk.make(SectionChange(desk.sections[1], Wording("Water", "Wij houden het nat.")), state=S.HELD_OVER)
    same = desk.make(desk.wonen(ONE), state=S.SUBMITTED)
    hidden = desk.make(desk.wonen(TAIL), state=S.DRAFT)
    ended = desk.make(desk.wonen(TAIL), state=S.REJECTED)
    with db.transaction(write=False):
        old = published(desk.proposal)
        assert old is not None
    desk.finish(desk.start(a))
    with db.transaction(write=False):
        new = published(desk.proposal)
        assert new is not None
        assert new.id != old.id
        assert {key: amendment(key).version_id for key in (fits, clash, apart, same, hidden)} == dict.fromkeys(
            (fits, clash, apart, same, hidden), new.id
        )
        assert amendment(ended).version_id == old.id
        assert amendment(fits).sections[0].body == ONE + " En met het Rijk."
        was, now = redline(TEXT.split("\n\n")[2], TAIL), redline(ONE, amendment(fits).sections[0].body)
        assert [one for one in was if one.change != "same"] == [one for one in now if one.change != "same"]
        assert amendment(hidden).sections[0].body == ONE + " En met het Rijk."
        assert amendment(same).sections[0].body == ONE
        assert amendment(clash).sections[0].body == TWO
        assert amendment(clash).misfits == [[str(desk.sections[0]), str(old.id)]]
        assert [amendment(key).misfits for key in (fits, apart, same, hidden)] == [[]] * 4
        assert amendment(hidden).submission.revision == 2
        assert len(versions_of(fits)) == 2
        assert [len(versions_of(key)) for key in (clash, apart, same)] == [1, 1, 1]
        assert [one.submission_id for one in merge_queries.not_fitting(desk.proposal_id)] == [clash]
        shown = misfits_shown(amendment(clash))[0]
        assert (shown.version, shown.start.body) == (1, TWO)
    # The act of the secretariat is told to the submitters; a draft and an end are not.
    labels = {what: [label for label, said in told() if said == what] for what in ("text", "misfit", "merged")}
    assert labels == {"text": ["AM2", "AM5"], "misfit": ["AM3"], "merged": ["AM1"]}
    assert "amendment.carry" in acts()


def test_putting_in_what_was_carried_over_is_putting_in_both(desk: Desk) -> None:
    a, b = desk.make(desk.wonen(ONE)), desk.make(desk.wonen(TAIL))
    desk.finish(desk.start(a))
    assert desk.finish(desk.start(b)) == 3
    assert desk.bodies()[0] == ONE + " En met het Rijk."


def test_another_text_by_import_carries_them_over_too(desk: Desk) -> None:
    key = desk.make(
        desk.wonen(TAIL), SectionChange(None, Wording("Lucht", "Schoon."), desk.sections[1]), state=S.SUBMITTED
    )
    desk.import_text(TEXT.replace("100", "150"))
    with db.transaction(write=False):
        bodies = {row.body for row in amendment(key).sections}
        assert bodies == {TAIL.replace("100", "150"), "Schoon."}
    desk.import_text(TEXT.replace("de provincie.", "het Rijk alleen."))
    with db.transaction(write=False):
        assert list(misfits_of(amendment(key))) == [desk.sections[0]]
    desk.import_text(TEXT)  # and it fits again, from the words that it was written for
    with db.transaction(write=False):
        assert amendment(key).misfits == []
        assert {row.body for row in amendment(key).sections} == {TAIL, "Schoon."}


def test_every_door_carries_amendments_over() -> None:
    """Also the terminal, which knows no page."""
    told = "import vng_alv.cli; from vng_alv.proposals.service import AFTER_PUBLISH as all; print(*all)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    assert carry_over.__name__ in done.stdout


def test_what_does_not_fit_is_adapted_after_the_deadline(desk: Desk) -> None:
    a = desk.make(desk.wonen(ONE))
    clash = desk.make(desk.wonen(TWO), SectionChange(desk.sections[1], None), state=S.SUBMITTED)
    desk.finish(desk.start(a))
    with db.transaction():
        desk.proposal.meeting.amendments_until = db.now() - timedelta(hours=1)

    def adapt(actor: Actor, *wishes: SectionChange, revision: int = 2) -> None:
        merging.adapt(amendment(clash), wishes, revision, actor)

    words = ONE.replace("200", "300")
    better = desk.wonen(words)
    assert refused(adapt, desk.other, better) is Refusal.NOT_ALLOWED
    assert refused(adapt, desk.staff, better) is Refusal.NOT_ALLOWED
    assert refused(adapt, desk.clerk, better, revision=1) is Refusal.EDITED_MEANWHILE
    assert refused(adapt, desk.clerk, desk.wonen(ONE)) is Refusal.NOTHING_CHANGED
    with db.transaction():
        adapt(desk.clerk, better)
    with db.transaction(write=False):
        assert amendment(clash).misfits == []
        assert {(row.body, row.removed) for row in amendment(clash).sections} == {
            (words, False),
            ("", True),
        }
        assert len(versions_of(clash)) == 2
    assert refused(adapt, desk.clerk, better, revision=3) is Refusal.SUBMISSION_STATE
    assert "amendment.adapt" in acts()


def test_writing_it_anew_makes_it_fit(desk: Desk) -> None:
    a, clash = desk.make(desk.wonen(ONE)), desk.make(desk.wonen(TWO), state=S.SUBMITTED)
    desk.finish(desk.start(a))

    def change(body: str, revision: int) -> None:
        with acting():
            service.change(amendment(clash), "Titel", "", [desk.wonen(body)], revision, desk.clerk)

    assert refused(change, "Wij bouwen niets.", 1) is Refusal.EDITED_MEANWHILE
    change(TWO, 2)  # the title only
    with db.transaction(write=False):
        assert amendment(clash).misfits != []
    change("Wij bouwen niets.", 3)
    with db.transaction(write=False):
        assert amendment(clash).misfits == []
