"""A vote is declared void by two people, and its question can be put again (docs/rules.md §4.9)."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.web.site import Browser, Scene, Site, count, vote
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundState
from vng_alv.proposals.queries import get_proposal
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Dispute, Round

CONSOLE = "/secretariaat/vergaderingen/alv"
REASON = "Het scherm in de zaal viel uit."


@pytest.fixture
def chair(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.CHAIR])


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def void(one: Round) -> str:
    return f"{CONSOLE}/stemmingen/{one.number}/ongeldig"


def state(one: Round) -> RoundState:
    with db.transaction(write=False):
        return db.session.get_one(Round, one.id).state


def acts() -> list[str]:
    with db.transaction(write=False):
        query = select(AuditEntry.act).where(AuditEntry.act.in_(["round.dispute", "round.undispute", "round.annul"]))
        return list(db.session.scalars(query.order_by(AuditEntry.id)))


def test_it_takes_two_people(scene: Scene, chair: Browser, secretariat: Browser) -> None:
    asked = chair.submit(void(scene.published), action="/ongeldig", reason=REASON)
    assert asked.status_code == 303
    assert state(scene.published) is RoundState.PUBLISHED
    alone = chair.post(void(scene.published) + "/bevestigen")
    assert alone.status_code == 422
    assert "Hier zijn twee mensen voor nodig" in alone.text
    assert state(scene.published) is RoundState.PUBLISHED
    assert "Verklaar stemming" not in chair.get(CONSOLE).text
    page = secretariat.get(CONSOLE).text
    assert REASON in page
    assert "Verklaar stemming" in page
    assert secretariat.submit(CONSOLE, action="/ongeldig/bevestigen").status_code == 303
    assert state(scene.published) is RoundState.ANNULLED
    assert acts() == ["round.dispute", "round.annul"]
    assert secretariat.post(void(scene.published) + "/bevestigen").status_code == 404


def test_a_request_can_be_let_go_and_made_again(scene: Scene, chair: Browser, secretariat: Browser) -> None:
    path = void(scene.open[0])
    assert chair.post(path, {"reason": REASON}).status_code == 303
    twice = secretariat.post(path, {"reason": "Ook ik"})
    assert twice.status_code == 409
    assert "Dat wacht op een tweede persoon" in twice.text
    assert chair.post(path + "/intrekken").status_code == 303
    assert state(scene.open[0]) is RoundState.OPEN
    assert secretariat.post(path + "/bevestigen").status_code == 404
    assert secretariat.post(path, {"reason": REASON}).status_code == 303
    assert acts() == ["round.dispute", "round.undispute", "round.dispute"]
    vote(scene, 0, {scene.open[0].id: "for"})  # until it is confirmed the vote stands


def test_without_a_reason_or_the_right_nothing_is_asked(site: Site, scene: Scene, chair: Browser) -> None:
    answer = chair.post(void(scene.counted), {"reason": "  "})
    assert answer.status_code == 422
    assert site.browser(scene.staff[Role.BOARD]).post(void(scene.counted), {"reason": REASON}).status_code == 403
    assert acts() == []


def test_what_was_not_opened_goes_at_once(scene: Scene, chair: Browser) -> None:
    assert chair.post(void(scene.draft), {"reason": REASON}).status_code == 303
    assert state(scene.draft) is RoundState.ANNULLED


def test_the_new_vote_and_the_void_one_lead_to_each_other(site: Site, scene: Scene, chair: Browser) -> None:
    old = scene.published
    chair.post(void(old), {"reason": REASON})
    site.browser(scene.staff[Role.SECRETARIAT]).post(void(old) + "/bevestigen")
    with db.transaction():
        (new,) = rounds.prepare(get_proposal(scene.meeting.id, "M1"), None)
        rounds.open_rounds([new.id], None)
    vote(scene, 1, {new.id: "against"})
    count(new, publish=True)
    guest, where = site.browser(), "/vergaderingen/alv/uitslagen"
    first, second = guest.get(f"{where}/{old.number}").text, guest.get(f"{where}/{new.number}").text
    assert REASON in first
    assert f"De vraag is opnieuw gesteld in stemming {new.number}." in first
    assert f"Deze vraag was eerder stemming {old.number}. Die is ongeldig verklaard." in second
    data = guest.get(f"{where}/{new.number}.json").get_json()
    assert (data["round"]["puts-again"], data["round"]["put-again"]) == (old.number, None)
    assert guest.get(f"{where}/{old.number}.json").get_json()["round"]["put-again"] == new.number


def test_the_database_wants_two_people_too(scene: Scene, chair: Browser) -> None:
    chair.post(void(scene.counted), {"reason": REASON})
    with pytest.raises(IntegrityError, match="two_people"), db.transaction():
        db.session.execute(text("UPDATE dispute SET annulled = :yes, ended_by = asked_by, ended_at = asked_at"),
                           {"yes": True})  # fmt: skip
    with db.transaction(write=False):
        assert db.session.scalars(select(Dispute.annulled)).all() == [False]
