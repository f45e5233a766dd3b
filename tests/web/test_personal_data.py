"""Erasing a person: what was personal is gone everywhere, and log, ballots and receipts are whole."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event, select, update

from tests.web.second_steps import logged
from tests.web.site import Scene, Site, snapshot
from tests.web.test_accounts import sign_in, signed_in
from tests.web.test_recovering import ask, fresh, reset_link
from vng_alv import db
from vng_alv.accounts import service
from vng_alv.accounts.models import FactorReset, Identity, KnownDevice, LoginSession, Passkey, Person, RecoveryCode
from vng_alv.accounts.queries import find_person_by_email, get_actor
from vng_alv.audit import service as audit
from vng_alv.cli import alv
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.identity import personal_data
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.members.queries import get_people_import
from vng_alv.notifications.models import Notice, NoticeState
from vng_alv.secretariat import people_import
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission

UNCHANGED = (
    "ballot", "roll_entry", "result", "audit_seal", "comment", "answer", "mandate", "comment_revision", "attachment",
    "submission", "submission_version", "co_submitter", "advice", "follow_up", "theme", "comment_theme", "merge",
    "intended_vote", "intended_vote_revision",
)  # fmt: skip


def everything_of(scene: Scene) -> Person:
    """A person of whom there is something in every table."""
    with db.transaction():
        person = db.session.get_one(Person, scene.clerks[0].id)
        person.name, person.phone = "Sjoukje Wiebenga", "06 1234 5678"
        person.totp_secret, person.totp_step = "geheim-van-de-app", 7
        now = db.now()
        keys = {"person_id": person.id, "created_at": now}
        db.session.add_all(
            [
                Passkey(credential_id="sleutelnaam", public_key=b"x", sign_count=0, name="iPhone van Sjoukje", **keys),
                RecoveryCode(code_hash="c" * 64, **keys),
                Identity(provider="gemeente", subject="sjoukje", last_used_at=now, **keys),
                KnownDevice(token_hash="d" * 64, last_used_at=now, **keys),
            ]
        )
        service.invite(person, None, days=3, secret="x" * 40)
        audit.seal()
    return person


def meeting_is_over() -> None:
    with db.transaction():
        db.session.execute(update(Meeting).values(starts_at=db.now() - timedelta(days=3)))


def test_what_is_personal_is_gone_everywhere_and_the_log_is_whole(site: Site, scene: Scene) -> None:
    person = everything_of(scene)
    email = person.email
    theirs, desk = site.browser(person), site.browser(scene.staff[Role.SECRETARIAT])
    reset_link(site.browser(), email)
    with db.transaction():
        theirs_too = update(Notice).where(Notice.person_id == person.id)
        values = {"state": NoticeState.SENT, "sent_at": db.now(), "last_error": "550 Sjoukje"}
        db.session.execute(theirs_too.values(**values))
    meeting_is_over()
    before = snapshot()
    path = f"/secretariaat/personen/{person.id}/wissen"
    assert email in desk.get(path).text
    assert desk.submit(path).status_code == 303
    assert not signed_in(theirs)
    assert sign_in(site.browser(), email).status_code == 200
    after = snapshot()
    for table in UNCHANGED:
        assert after[table] == before[table], table
    assert after["audit_entry"][: len(before["audit_entry"])] == before["audit_entry"]
    words = json.dumps({**after, "comment": []}, default=str)
    for personal in ("Sjoukje", "Wiebenga", email, "06 1234", "geheim-van-de-app", "sleutelnaam", "c" * 64, "d" * 64):
        assert personal not in words, personal
    erased = fresh(person)
    assert (erased.name, erased.active) == ("Verwijderd", False)
    assert erased.email == f"verwijderd-{person.id}@verwijderd.invalid"
    assert erased.erased_at is not None
    with db.transaction():
        audit.seal()
    with db.transaction(write=False):
        broken, sealed, waiting = audit.verify()
    assert broken is None
    assert sealed > 0
    assert waiting == 0
    assert [entry.actor_id for entry in logged("person.erase")] == [scene.staff[Role.SECRETARIAT].id]
    receipts = site.browser(scene.official).get(f"/stembewijs/{scene.receipts[0]}")
    assert receipts.status_code == 200
    assert "gewist op" in desk.get(path.removesuffix("/wissen")).text
    assert desk.post(path.replace("wissen", "aanzetten")).status_code == 404, "an erased account stays out of use"


@pytest.mark.parametrize("why", ["a mandate of a meeting to come", "a reset that waits"])
def test_somebody_who_is_still_needed_is_not_erased(site: Site, scene: Scene, why: str) -> None:
    if why == "a reset that waits":
        with db.transaction():
            db.session.execute(update(Mandate).values(until=db.now()))
            db.session.add(
                FactorReset(
                    person_id=scene.clerks[0].id, asked_by=scene.staff[Role.CHAIR].id, asked_at=db.now(), reason="kwijt"
                )
            )
    desk = site.browser(scene.staff[Role.SECRETARIAT])
    before = snapshot()
    answer = desk.submit(f"/secretariaat/personen/{scene.clerks[0].id}/wissen")
    assert answer.status_code == 422
    assert "er is niets gewist" in answer.text
    assert snapshot() == before


#: Columns that name a person and that the export leaves out: secrets, what the log tells, and what is of others.
LEFT_OUT = {
    "recovery_code.person_id", "known_device.person_id", "mail_link.person_id", "invitation.person_id",
    "factor_reset.person_id", "factor_reset.asked_by", "factor_reset.confirmed_by",
    "mandate.given_by", "mandate.ended_by", "proxy.given_by", "proxy.ended_by", "dispute.asked_by", "dispute.ended_by",
    "lot.drawn_by", "teller_key.person_id",
    "attendance.recorded_by", "attendance.ended_by", "registration.person_id",
    "paper_vote.chosen_by", "paper_ballot.first_by", "paper_ballot.second_by",
    "member_import.person_id", "people_import.person_id",
}  # fmt: skip


def test_the_export_asks_every_column_that_names_a_person(site: Site, scene: Scene) -> None:
    """A new table that names people is in the export, or left out by choice."""
    asked: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(db.engine(), "before_cursor_execute", keep)
    with db.transaction(write=False):
        told = personal_data.collect(scene.clerks[0].id)
    event.remove(db.engine(), "before_cursor_execute", keep)
    naming = {
        f"{table.name}.{column.name}"
        for table in db.Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    }
    words = " ".join(asked)
    assert {name for name in naming if f"{name} = " not in words and f"= {name}" not in words} == LEFT_OUT
    assert json.loads(json.dumps(told)) == told


def test_the_export_holds_what_somebody_wrote_for_a_member_or_the_association(site: Site, scene: Scene) -> None:
    with db.transaction():
        staff = get_actor(scene.staff[Role.SECRETARIAT].id)
        motion = db.session.get_one(Submission, scene.motions[SubmissionState.SUBMITTED])
        submissions.ask_along(motion, [db.session.merge(scene.members[1])], get_actor(scene.clerks[0].id))
        submissions.advise(motion, AdviceKind.HOLD_OVER, "Wacht even.", staff)
    with db.transaction(write=False):
        wrote, advised = (personal_data.collect(one) for one in (scene.clerks[0].id, staff.id))
        other = personal_data.collect(scene.clerks[1].id)
    assert {one["kind"] for one in wrote["submissions"]} == {"amendment", "motion"}
    assert {one["state"] for one in wrote["submissions"]} == {"draft", "submitted", "adopted"}
    assert wrote["motions"][0]["requests"] == ["dit te doen", "dat te melden"]
    assert [one["body"] for one in wrote["amendment_sections"]] == ["Anders."]
    assert "Geheim concept van GM0001" in [one["body"] for one in wrote["comment_revisions"]]
    assert [one["name"] for one in wrote["attachments"]] == ["brief.pdf"]
    assert [one["member"] for one in wrote["co_submitters"]] == ["GM0002"]
    assert wrote["submission_versions"]
    assert [one["body"] for one in advised["advice"]] == ["Wacht even."]
    assert advised["answers"]
    assert not any(other[name] for name in ("submissions", "motions", "attachments", "co_submitters", "advice"))


def test_erasing_asks_for_a_fresh_second_step(site: Site, scene: Scene) -> None:
    desk = site.browser(scene.staff[Role.SECRETARIAT])
    meeting_is_over()
    with db.transaction():
        db.session.execute(update(LoginSession).values(factor_at=db.now() - timedelta(minutes=16)))
    desk.post(f"/secretariaat/personen/{scene.clerks[0].id}/wissen")
    assert fresh(scene.clerks[0]).erased_at is None


def test_a_new_address_that_was_asked_for_is_gone_too(site: Site, scene: Scene) -> None:
    ask(site.browser(scene.clerks[0]), "volgende@test.example")
    meeting_is_over()
    site.browser(scene.staff[Role.ADMINISTRATOR]).submit(f"/secretariaat/personen/{scene.clerks[0].id}/wissen")
    assert "volgende@test.example" not in json.dumps(snapshot(), default=str)


@pytest.mark.parametrize("started", [False, True])
def test_files_of_people_that_were_not_invited_yet_forget_who_was_erased(
    site: Site, scene: Scene, started: bool
) -> None:
    """And the others in them are invited as if nothing had happened."""
    email = scene.clerks[0].email
    with db.transaction():
        rows = [f"GM0003,Mens {n},mens{n}@test.example,raadslid" for n in range(people_import.BATCH)]
        rows += [f"GM0002,Sjoukje,{email.upper()},griffier", "GM0002,Laatste,laatste@test.example,griffier"]
        kept, faults = people_import.prepare("\n".join(["code,naam,e-mail,functie", *rows]).encode(), "m.csv", None)
        assert not faults
        assert kept
        if started:
            people_import.start(kept, None)
    if started:
        with db.transaction():
            assert people_import.invite_some(kept.id, "x" * 40), "there are more to come"
    meeting_is_over()
    desk = site.browser(scene.staff[Role.ADMINISTRATOR])
    assert desk.submit(f"/secretariaat/personen/{scene.clerks[0].id}/wissen").status_code == 303
    with db.transaction(write=False):
        left = get_people_import(kept.id).rows
    assert left[people_import.BATCH] == {"row": people_import.BATCH + 2}
    assert email not in json.dumps(left)
    assert "Sjoukje" not in json.dumps(left)
    shown = desk.get(f"/secretariaat/personen/importeren/{kept.id}")
    assert shown.status_code == 200
    if not started:
        assert "laatste@test.example" in shown.text
        assert desk.post(f"/secretariaat/personen/importeren/{kept.id}").status_code == 303
    more = True
    while more:
        with db.transaction():
            more = people_import.invite_some(kept.id, "x" * 40)
    with db.transaction(write=False):
        done = get_people_import(kept.id)
        assert (done.done, done.finished_at is not None, done.faults) == (len(rows), True, [])
        assert find_person_by_email(email) is None, "nobody is made anew with the address"
        assert find_person_by_email("laatste@test.example") is not None
    assert "Laatste" in desk.get(f"/secretariaat/personen/importeren/{kept.id}").text


def test_the_terminal_exports_and_erases(site: Site, scene: Scene) -> None:
    run = CliRunner()
    shown = run.invoke(alv, ["person", "export", "GRIFFIER-gm0001@test.example"], obj=site.settings)
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.output)["person"]["name"] == "Griffier-Gm0001"
    refused = run.invoke(alv, ["person", "erase", "griffier-gm0001@test.example", "--yes"], obj=site.settings)
    assert refused.exit_code == 1
    assert "niets gewist" in refused.output
    meeting_is_over()
    done = run.invoke(alv, ["person", "erase", "griffier-gm0001@test.example", "--yes"], obj=site.settings)
    assert done.exit_code == 0, done.output
    assert fresh(scene.clerks[0]).erased_at is not None
    unknown = run.invoke(alv, ["person", "export", "griffier-gm0001@test.example"], obj=site.settings)
    assert unknown.exit_code == 1
    with db.transaction(write=False):
        assert db.session.scalars(select(Notice.last_error).where(Notice.person_id == scene.clerks[0].id)).all() == []
