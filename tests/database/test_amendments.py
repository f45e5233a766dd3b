"""Amendments on both databases: drafts, the deadline, numbers, submitting along, advice, and what may follow what."""

import uuid
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from tests.database.amendment_desk import S, Town, acting, close, draft, found, of, refusal_of, submit, words
from vng_alv import db
from vng_alv.amendments import queries, service
from vng_alv.amendments.models import Amendment, AmendmentSection
from vng_alv.amendments.service import SectionChange
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import CoAnswer, SubmissionKind
from vng_alv.errors import Conflict, Missing
from vng_alv.members.models import Association, Member
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.proposals.models import Proposal, Section
from vng_alv.submissions import queries as submission_queries
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission, SubmissionVersion

# --- Drafts


def test_a_draft_keeps_only_what_it_changes(town: Town) -> None:
    with db.transaction():
        proposal, member = db.session.get_one(Proposal, town.proposal_id), db.session.get_one(Member, town.members[0])
        wanted = [
            SectionChange(town.sections[0], words("Wij bouwen.")),  # as it stands
            SectionChange(town.sections[1], None),
            SectionChange(None, words("Wij rijden.", "Vervoer"), after=town.sections[0]),
        ]
        key = service.begin(proposal, member, "T", "", wanted, town.clerks[0]).submission_id
    with db.transaction(write=False):
        rows = db.session.get_one(Amendment, key).sections
        assert {(r.section_id in town.sections, r.removed, r.after_id, r.body) for r in rows} == {
            (True, True, None, ""),
            (False, False, town.sections[0], "Wij rijden."),
        }
        assert of(key).number is None


def test_an_amendment_that_changes_nothing_is_refused(town: Town) -> None:
    same = [SectionChange(town.sections[0], words("Wij bouwen.")), SectionChange(town.sections[1], words("", ""))]

    def begin(wanted: list[SectionChange]) -> None:
        proposal, member = db.session.get_one(Proposal, town.proposal_id), db.session.get_one(Member, town.members[0])
        service.begin(proposal, member, "T", "", wanted, town.clerks[0])

    assert refusal_of(begin, same[:1]) is Refusal.NOTHING_CHANGED
    assert refusal_of(begin, same[1:]) is Refusal.NO_HEADING
    assert refusal_of(begin, [SectionChange(town.sections[0], words("x" * 60_001))]) is Refusal.TOO_LARGE
    with pytest.raises(Missing), db.transaction():
        begin([SectionChange(uuid.uuid4(), None)])
    with db.transaction(write=False):
        assert db.session.scalars(select(Submission)).all() == []


def test_two_people_at_one_draft_do_not_overwrite_each_other(town: Town) -> None:
    key = draft(town)

    def save(body: str, revision: int, actor: Actor | None) -> None:
        assert actor is not None
        with acting():
            wanted = [SectionChange(town.sections[0], words(body))]
            service.edit(db.session.get_one(Amendment, key), "T", "", wanted, revision, actor)

    save("Van de ambtenaar.", 1, town.official)
    with pytest.raises(Conflict) as told:
        save("Van de griffier.", 1, town.clerks[0])
    assert told.value.facts == {"name": "Ambtenaar"}
    with pytest.raises(Conflict):
        submit(town, key, revision=1)
    save("Van de griffier.", 2, town.clerks[0])
    with db.transaction(write=False):
        assert [r.body for r in db.session.get_one(Amendment, key).sections] == ["Van de griffier."]
        assert db.session.scalars(select(SubmissionVersion)).all() == []
    assert found(key).revision == 3


def test_a_draft_is_written_by_its_own_people_only(town: Town) -> None:
    key = draft(town)
    for other in (town.clerks[1], town.staff, town.board):

        def save(by: Actor | None = other) -> None:
            assert by is not None
            wanted = [SectionChange(town.sections[0], words("Anders."))]
            service.edit(db.session.get_one(Amendment, key), "T", "", wanted, 1, by)

        assert refusal_of(save) is Refusal.NOT_ALLOWED
        assert refusal_of(lambda o=other: service.discard(db.session.get_one(Amendment, key), o)) is Refusal.NOT_ALLOWED
    assert found(key).revision == 1


def test_a_draft_that_is_thrown_away_leaves_nothing(town: Town) -> None:
    with db.transaction(write=False):
        before = len(db.session.scalars(select(Section)).all())
    with db.transaction():
        proposal, member = db.session.get_one(Proposal, town.proposal_id), db.session.get_one(Member, town.members[0])
        new = [SectionChange(None, words("Erbij.", "Nieuw"), after=town.sections[1])]
        key = service.begin(proposal, member, "T", "", new, town.clerks[0]).submission_id
        submissions.ask_along(of(key), [db.session.get_one(Member, town.members[1])], town.clerks[0])
    with db.transaction():
        service.discard(db.session.get_one(Amendment, key), town.clerks[0])
    with db.transaction(write=False):
        assert db.session.scalars(select(Submission)).all() == []
        assert db.session.scalars(select(AmendmentSection)).all() == []
        assert len(db.session.scalars(select(Section)).all()) == before


# --- Submitting


def test_what_is_submitted_gets_a_number_and_a_version(town: Town) -> None:
    keys = [draft(town), draft(town)]
    for key in keys:
        submit(town, key)
    assert [found(key).label for key in keys] == ["AM1", "AM2"]
    with db.transaction(write=False):
        version = db.session.get_one(SubmissionVersion, (keys[0], 1))
        assert version.content["title"] == "Meer bouwen"
        assert [part["body"] for part in version.content["sections"]] == ["Wij bouwen meer."]
    assert refusal_of(submit, town, keys[0]) is Refusal.ALREADY_SUBMITTED
    assert refusal_of(submit, town, draft(town), town.official) is Refusal.NOT_ALLOWED
    assert refusal_of(submit, town, draft(town), town.clerks[1]) is Refusal.NOT_ALLOWED


def test_two_submits_at_once_get_different_numbers(town: Town) -> None:
    keys = [draft(town, body=f"Wij bouwen {n}.") for n in range(6)]
    start, failed = Barrier(len(keys)), []

    def run(key: uuid.UUID) -> None:
        try:
            start.wait()
            submit(town, key)
        except Exception as error:
            failed.append(error)
        finally:
            db.session.remove()

    threads = [Thread(target=run, args=[key]) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert sorted(found(key).number or 0 for key in keys) == [1, 2, 3, 4, 5, 6]


def test_the_deadline_is_the_moment_itself_and_the_secretariat_takes_late_ones_with_a_reason(town: Town) -> None:
    key = draft(town)
    close(hours=1 / 3600)  # a second from now
    submit(town, key)
    late = draft(town)
    close(hours=0)
    assert refusal_of(submit, town, late) is Refusal.SUBMITTING_CLOSED
    assert refusal_of(submit, town, late, late="Stroomstoring") is Refusal.SUBMITTING_CLOSED
    assert refusal_of(submit, town, late, town.board, late="Ja") is Refusal.NOT_ALLOWED
    assert refusal_of(submit, town, late, town.staff) is Refusal.LATE_WITHOUT_REASON
    assert found(late).state is S.DRAFT
    submit(town, late, town.staff, late="Stroomstoring")
    assert (found(late).late_reason, found(key).late_reason) == ("Stroomstoring", "")


def test_the_secretariat_reads_a_draft_only_once_it_was_offered(town: Town) -> None:
    key = draft(town)
    assert town.staff
    assert town.board

    def seen(by: Actor) -> bool:
        with db.transaction(write=False):
            return submission_queries.may_still_see(key, by)

    def offer(reason: str, actor: Actor | None = None) -> None:
        with acting():
            service.offer_late(db.session.get_one(Amendment, key), reason, actor or town.clerks[0])

    assert refusal_of(offer, "Te vroeg") is Refusal.SUBMISSION_STATE
    close()
    assert not seen(town.staff)
    assert refusal_of(offer, "") is Refusal.LATE_WITHOUT_REASON
    assert refusal_of(offer, "Nee", town.official) is Refusal.NOT_ALLOWED
    offer("Stroomstoring")
    assert seen(town.staff)
    assert not seen(town.board)
    assert not seen(town.clerks[1])
    offer("")
    assert not seen(town.staff)


def test_what_was_submitted_is_changed_until_the_deadline_and_earlier_words_stay(town: Town) -> None:
    key = draft(town)
    with db.transaction():
        submissions.ask_along(of(key), [db.session.get_one(Member, town.members[1])], town.clerks[0])
        submissions.answer_along(of(key), db.session.get_one(Member, town.members[1]), CoAnswer.JOINED, town.clerks[1])
    submit(town, key)

    def change(body: str, actor: Actor | None, revision: int = 1) -> None:
        assert actor is not None
        with acting():
            wanted = [SectionChange(town.sections[0], words(body))]
            service.change(db.session.get_one(Amendment, key), "Nieuw", "", wanted, revision, actor)

    assert refusal_of(change, "Anders.", town.official) is Refusal.NOT_ALLOWED
    assert refusal_of(change, "Anders.", town.clerks[0], 7) is Refusal.EDITED_MEANWHILE
    change("Anders.", town.clerks[0])
    close(hours=0)
    assert refusal_of(change, "Te laat.", town.clerks[0], 2) is Refusal.SUBMITTING_CLOSED
    with db.transaction(write=False):
        kept = db.session.scalars(select(SubmissionVersion).order_by(SubmissionVersion.number)).all()
        assert [v.content["sections"][0]["body"] for v in kept] == ["Wij bouwen meer.", "Anders."]
        news = db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.SUBMISSION_NEWS)).all()
        assert [(n.person_id, n.context["what"]) for n in news] == [(town.clerks[1].id, "changed")]
    assert found(key).label == "AM1"


# --- Submitting along


def test_a_minimum_of_co_submitters_is_kept(town: Town) -> None:
    with db.transaction():
        db.session.get_one(Association, 1).co_submitters = 1
    key = draft(town)
    assert refusal_of(submit, town, key) is Refusal.TOO_FEW_SUBMITTERS
    with db.transaction():
        other = db.session.get_one(Member, town.members[1])
        assert submissions.ask_along(of(key), [other], town.clerks[0]) == 1
        assert submissions.ask_along(of(key), [other], town.clerks[0]) == 0
    assert refusal_of(submit, town, key) is Refusal.TOO_FEW_SUBMITTERS
    with db.transaction():
        submissions.answer_along(of(key), db.session.get_one(Member, town.members[1]), CoAnswer.JOINED, town.clerks[1])
    with db.transaction():
        submissions.answer_along(of(key), db.session.get_one(Member, town.members[1]), CoAnswer.LEFT, town.clerks[1])
    assert refusal_of(submit, town, key) is Refusal.TOO_FEW_SUBMITTERS
    with db.transaction():
        submissions.answer_along(of(key), db.session.get_one(Member, town.members[1]), CoAnswer.JOINED, town.clerks[1])
    submit(town, key)


def test_only_the_asked_member_answers_and_reads_the_draft(town: Town) -> None:
    key = draft(town)
    with db.transaction(write=False):
        assert not submission_queries.may_still_see(key, town.clerks[1])
    with db.transaction():
        submissions.ask_along(of(key), [db.session.get_one(Member, town.members[1])], town.clerks[0])
    with db.transaction(write=False):
        assert submission_queries.may_still_see(key, town.clerks[1])
        assert not submission_queries.may_still_see(key, town.clerks[2])

    def answer(actor: Actor, given: CoAnswer) -> None:
        submissions.answer_along(of(key), db.session.get_one(Member, town.members[1]), given, actor)

    assert refusal_of(answer, town.clerks[0], CoAnswer.JOINED) is Refusal.NOT_ALLOWED
    assert refusal_of(answer, town.clerks[1], CoAnswer.LEFT) is Refusal.SUBMISSION_STATE
    with db.transaction():
        answer(town.clerks[1], CoAnswer.DECLINED)
    with db.transaction(write=False):
        assert not submission_queries.may_still_see(key, town.clerks[1])


# --- Reading


def test_the_list_and_the_rivals(town: Town) -> None:
    mine, theirs, gone = draft(town), draft(town, who=1), draft(town)
    submit(town, theirs, town.clerks[1])
    submit(town, gone)
    with db.transaction():
        submissions.withdraw(of(gone), "", town.clerks[0])
    with db.transaction(write=False):
        version = db.session.get_one(Amendment, mine).version_id

        def keys(rows: object) -> set[uuid.UUID]:
            return {a.submission_id for a in rows}  # type: ignore[attr-defined]

        assert keys(queries.rivals(version, None, None)) == {theirs}
        assert keys(queries.rivals(version, town.members[0], None)) == {theirs, mine}
        assert keys(queries.rivals(version, town.members[0], mine)) == {theirs}
        assert keys(queries.amendments_on(town.proposal_id, None)) == {theirs, gone}  # type: ignore[arg-type]
        assert keys(queries.amendments_on(town.proposal_id, town.clerks[0])) == {mine, theirs, gone}  # type: ignore[arg-type]
        assert submission_queries.next_number(of(mine).meeting_id, SubmissionKind.AMENDMENT) == 3
