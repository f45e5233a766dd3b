"""Erasing a person: what was personal is gone everywhere, and log, ballots and receipts are whole."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from tests.web.second_steps import logged
from tests.web.site import Scene, Site, snapshot
from tests.web.test_accounts import sign_in, signed_in
from tests.web.test_recovering import ask, fresh, reset_link
from vng_alv import db
from vng_alv.accounts import service
from vng_alv.accounts.models import FactorReset, Identity, KnownDevice, LoginSession, Passkey, Person, RecoveryCode
from vng_alv.audit import service as audit
from vng_alv.cli import alv
from vng_alv.domain.permissions import Role
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.notifications.models import Notice, NoticeState

UNCHANGED = ("ballot", "roll_entry", "result", "audit_seal", "comment", "answer", "mandate")


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
