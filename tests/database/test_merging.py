"""Putting amendments into the text on both databases."""

import uuid

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from tests.database.acting import together
from tests.database.merging_desk import (
    ONE,
    TAIL,
    TEXT,
    TWO,
    Desk,
    S,
    acts,
    amendment,
    make_desk,
    refused,
    sources,
    state_of,
)
from vng_alv import db
from vng_alv.amendments import merging
from vng_alv.amendments.models import Merge, MergeSection
from vng_alv.amendments.service import SectionChange
from vng_alv.amendments.workbench import Workbench, misfits_of
from vng_alv.domain.amendments import Wording
from vng_alv.domain.merging import BY_HAND, FIT, WHOLE, Own
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Version, VersionKind
from vng_alv.proposals.queries import draft as waiting
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions import service as submissions


@pytest.fixture
def desk(database: str) -> Desk:
    return make_desk()


# --- From amendments to a version


def test_accepted_amendments_become_the_next_version_traced_to_each(desk: Desk) -> None:
    a = desk.make(desk.wonen(ONE), SectionChange(desk.sections[1], None))
    b = desk.make(desk.wonen(TWO), state=S.TAKEN_OVER)
    c = desk.make(desk.wonen(TAIL), SectionChange(None, Wording("Lucht", "Schone lucht."), desk.sections[2]))
    out = desk.make(desk.wonen("Iets heel anders."), state=S.REJECTED)
    merge = desk.start(a, b, c, out)
    assert refused(desk.finish, merge) is Refusal.MERGE_OPEN_CHOICES
    desk.save(merge, 0, {"0": str(b), "9": "x", WHOLE: "remove"})
    with db.transaction(write=False):
        assert db.session.scalars(select(MergeSection)).one().choices == {"0": str(b)}
    assert desk.finish(merge) == 2
    assert desk.bodies() == [TWO + " En met het Rijk.", "Wij leggen wegen aan.", "Schone lucht."]
    assert {state_of(key) for key in (a, b, c)} == {S.MERGED}
    assert state_of(out) is S.REJECTED
    with db.transaction(write=False):
        version = published(desk.proposal)
        assert version is not None
        assert version.kind is VersionKind.AMENDED
        numbers = [section.number for section in sections_of(version.id)]
        new = sections_of(version.id)[2].section_id
        done = db.session.get_one(Merge, merge)
        assert (done.result_id, done.ended_at is not None) == (version.id, True)
        assert new == next(row.section_id for row in amendment(c).sections if row.after_id)
    assert numbers == ["1", "3", "3a"]
    assert sources() == {(2, desk.sections[0], b), (2, desk.sections[0], c), (2, new, c)}
    assert {"merge.start", "merge.finish", "version.publish", "amendment.merged"} <= acts()
    assert refused(desk.finish, merge) is Refusal.MERGE_OVER
    assert refused(desk.save, merge, 0, {}) is Refusal.MERGE_OVER


def test_own_words_stand_for_a_clash_or_a_whole_section(desk: Desk) -> None:
    a, b = desk.make(desk.wonen(ONE)), desk.make(desk.wonen(TWO))
    merge = desk.start(a, b)
    desk.save(merge, 0, {"0": Own("250")})
    with db.transaction(write=False):
        bench = Workbench(db.session.get_one(Merge, merge)).benches[0]
        assert bench.outcome.words == Wording("Wonen", ONE.replace("200", "250"))
    desk.save(merge, 0, {"0": str(a)}, Wording("Bouwen", "Eigen\n\nwoorden."), 1)
    assert refused(desk.save, merge, 0, {}, Wording("", "x"), 2) is Refusal.NO_HEADING
    assert refused(desk.save, merge, 0, {}, Wording("K", "x" * 60_001), 2) is Refusal.TOO_LARGE
    assert desk.finish(merge) == 2
    assert desk.bodies()[0] == "Eigen\n\nwoorden."
    assert sources() == {(2, desk.sections[0], a)}
    # Of b nothing came into the text: it stays adopted, and no longer fits.
    assert (state_of(a), state_of(b)) == (S.MERGED, S.ADOPTED)
    with db.transaction(write=False):
        assert list(misfits_of(amendment(b))) == [desk.sections[0]]


def test_an_accepted_amendment_that_no_longer_fits_is_put_in_by_hand(desk: Desk) -> None:
    a, b = desk.make(desk.wonen(ONE)), desk.make(desk.wonen(TWO))
    desk.finish(desk.start(a))
    merge = desk.start(b)
    assert refused(desk.finish, merge) is Refusal.MERGE_OPEN_CHOICES
    desk.save(merge, 0, {FIT + str(b): BY_HAND})
    assert refused(desk.finish, merge) is Refusal.MERGE_OPEN_CHOICES
    desk.save(merge, 0, {FIT + str(b): BY_HAND}, Wording("Wonen", "Dan 250."), 1)
    assert desk.finish(merge) == 3
    assert desk.bodies()[0] == "Dan 250."
    assert sources() == {(2, desk.sections[0], a), (3, desk.sections[0], b)}


def test_one_merge_at_a_time_by_who_manages_meetings(desk: Desk) -> None:
    a = desk.make(desk.wonen(ONE))
    assert refused(desk.start) is Refusal.MERGE_EMPTY
    assert refused(lambda: merging.start(desk.proposal, [a], desk.clerk)) is Refusal.NOT_ALLOWED
    merge = desk.start(a)
    assert refused(desk.start, a) is Refusal.MERGE_OPEN
    for act in (merging.abandon, lambda one, who: merging.finish(one, "", who)):
        assert refused(lambda act=act: act(db.session.get_one(Merge, merge), desk.clerk)) is Refusal.NOT_ALLOWED
    with db.transaction():
        merging.abandon(db.session.get_one(Merge, merge), desk.staff)
    assert refused(lambda: merging.abandon(db.session.get_one(Merge, merge), desk.staff)) is Refusal.MERGE_OVER
    assert state_of(a) is S.ADOPTED
    assert "merge.abandon" in acts()
    desk.start(a)


def test_two_people_cannot_start_save_or_finish_at_once(desk: Desk) -> None:
    a, b = desk.make(desk.wonen(ONE)), desk.make(desk.wonen(TWO))
    started = together([lambda: desk.start(a, b)] * 2)
    assert sorted(type(one).__name__ for one in started) == ["Conflict", "UUID"]
    merge = next(one for one in started if isinstance(one, uuid.UUID))
    saved = together([lambda: desk.save(merge, 0, {"0": str(a)}), lambda: desk.save(merge, 0, {"0": str(b)})])
    assert [type(one) for one in saved].count(Conflict) == 1
    assert refused(desk.save, merge, 0, {"0": str(a)}) is Refusal.DRAFT_STALE
    finished = together([lambda: desk.finish(merge)] * 2)
    assert 2 in finished
    assert [type(one) for one in finished].count(Conflict) == 1
    with db.transaction(write=False):
        assert db.session.scalar(select(func.count()).select_from(Version)) == 2


def test_work_on_a_text_that_changed_cannot_go_on_but_can_be_read(desk: Desk) -> None:
    a, b = desk.make(desk.wonen(ONE)), desk.make(desk.wonen(TWO))
    merge = desk.start(a, b)
    desk.save(merge, 0, {"0": str(a)})
    desk.import_text(TEXT.replace("droog", "nat"))
    assert refused(desk.save, merge, 0, {}, None, 1) is Refusal.MERGE_OUTDATED
    assert refused(desk.finish, merge) is Refusal.MERGE_OUTDATED
    with db.transaction(write=False):
        work = Workbench(db.session.get_one(Merge, merge))
        assert work.outdated
        assert work.benches[0].choices == {"0": str(a)}


def test_work_with_an_amendment_that_is_no_longer_accepted_cannot_go_on(desk: Desk) -> None:
    a = desk.make(desk.wonen(ONE))
    merge = desk.start(a)
    with db.transaction():
        submissions.move(amendment(a).submission, S.SUBMITTED, desk.staff)
    assert refused(desk.finish, merge) is Refusal.MERGE_OUTDATED


def test_a_text_that_waits_falls_away_only_as_it_was_seen(desk: Desk) -> None:
    merge = desk.start(desk.make(desk.wonen(ONE)))
    with db.transaction():
        proposals.import_text(desk.proposal, proposals.read_text(TEXT.encode()), None)
    assert refused(desk.finish, merge) is Refusal.DRAFT_STALE
    with db.transaction(write=False):
        db.session.expire_all()
        found = waiting(desk.proposal)
        assert found is not None
    assert desk.finish(merge, found.text_hash) == 2


def test_the_database_keeps_where_words_came_from(desk: Desk) -> None:
    desk.finish(desk.start(desk.make(desk.wonen(ONE))))
    for statement in ("UPDATE section_source SET amendment_id = amendment_id", "DELETE FROM section_source"):
        with pytest.raises(DatabaseError), db.transaction():
            db.session.execute(text(statement))
    one = desk.make(desk.wonen("Nog iets."))
    desk.start(one)
    with pytest.raises(DatabaseError), db.transaction():
        version = published(desk.proposal)
        assert version is not None
        db.session.add(
            Merge(
                proposal_id=desk.proposal_id, base_id=version.id, amendments=[], person_id=desk.staff.id,
                started_at=db.now(),
            )
        )  # fmt: skip
        db.session.flush()
