"""A lost second step: two people of the secretariat take it away, and everything about it is in the log."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.web.second_steps import CONFIRM, age, count, logged, sessions_of, sign_in, together, told, with_app
from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.accounts.models import FactorReset, Identity, KnownDevice, Passkey, Person, RecoveryCode
from vng_alv.accounts.queries import find_newest_invitation, get_person
from vng_alv.accounts.service import invitation_token
from vng_alv.domain.permissions import Role
from vng_alv.identity import factors
from vng_alv.notifications.models import Notice, NoticeKind

DESK = "/secretariaat/tweede-stap"


@pytest.fixture
def two(site: Site, scene: Scene) -> tuple[Browser, Browser]:
    """Two people of the secretariat."""
    with db.transaction():
        colleague = factories.person("collega", roles=[Role.SECRETARIAT])
    return site.browser(scene.staff[Role.SECRETARIAT]), site.browser(colleague)


def ask_for(browser: Browser, person: Person, reason: str = "Telefoon kwijt."):  # type: ignore[no-untyped-def]
    return browser.post(f"/secretariaat/personen/{person.id}/tweede-stap", {"reason": reason})


def waiting() -> str:
    with db.transaction(write=False):
        return str(db.session.scalars(select(FactorReset.id).order_by(FactorReset.asked_at.desc())).first())


def has_factor(person: Person) -> bool:
    with db.transaction(write=False):
        return factors.has_factor(get_person(person.id))


def test_one_asks_another_confirms_and_a_link_goes_out(site: Site, scene: Scene, two: tuple[Browser, Browser]) -> None:
    clerk, (one, other) = scene.clerks[0], two
    owner, _ = with_app(site, clerk)
    sign_in(site.browser(), clerk)
    assert one.submit(f"/secretariaat/personen/{clerk.id}/tweede-stap", reason="Kwijt; zag de pas").status_code == 303
    assert has_factor(clerk), "asking changes nothing"
    page = other.get(DESK)
    assert "Kwijt; zag de pas" in page.text
    assert "Wacht op een collega" in one.get(DESK).text
    assert other.submit(DESK, action="/bevestigen").status_code == 303
    assert not has_factor(clerk)
    assert count(RecoveryCode) == count(Passkey) == sessions_of(clerk) == 0
    assert owner.get("/account/tweede-stap").status_code == 303
    assert told(clerk) == ["totp_added", "factors_reset"]
    with db.transaction(write=False):
        kinds = db.session.scalars(select(Notice.kind).where(Notice.person_id == clerk.id)).all()
        assert NoticeKind.INVITATION in kinds
        assert not db.session.scalars(select(KnownDevice).where(KnownDevice.person_id == clerk.id)).all()
    asked, done = logged("factor.reset_ask"), logged("factor.reset")
    assert [entry.data["reason"] for entry in asked] == ["Kwijt; zag de pas"]
    assert asked[0].actor_id != done[0].actor_id
    assert {entry.subject for entry in asked + done} == {f"person:{clerk.id}"}
    assert not sign_in(site.browser(), clerk).headers.get("Location"), "only the new link leads on"
    with db.transaction(write=False):
        newest = find_newest_invitation(clerk.id)
        assert newest
    path = f"/uitnodiging/{invitation_token(newest.id, site.settings.secret_key)}"
    answer = site.browser().submit(path, action=path, password="een heel nieuw", again="een heel nieuw")
    assert answer.headers["Location"] == "/account/tweede-stap/app"


def test_links_to_sign_in_services_go_too_and_are_logged(
    site: Site, scene: Scene, two: tuple[Browser, Browser]
) -> None:
    """Whoever has the lost second step may have what signs in at the service as well."""
    clerk, (one, other) = scene.clerks[0], two
    with_app(site, clerk)
    with db.transaction():
        now = db.now()
        for provider, person in (("stad", clerk), ("dorp", clerk), ("stad", scene.clerks[1])):
            db.session.add(
                Identity(
                    provider=provider, subject=str(person.id), person_id=person.id, created_at=now, last_used_at=now
                )
            )
    ask_for(one, clerk)
    assert count(Identity) == 3
    assert other.post(f"{DESK}/{waiting()}/bevestigen").status_code == 303
    with db.transaction(write=False):
        assert db.session.scalars(select(Identity.person_id)).all() == [scene.clerks[1].id]
    entries = logged("identity.unlink")
    assert [entry.data["provider"] for entry in entries] == ["dorp", "stad"]
    assert {entry.subject for entry in entries} == {f"person:{clerk.id}"}
    assert "losgekoppeld" in one.get("/secretariaat/logboek").text


def test_the_pages_of_the_secretariat_lead_to_it(site: Site, scene: Scene, two: tuple[Browser, Browser]) -> None:
    clerk, (one, _) = scene.clerks[0], two
    ask_here, person = f"/secretariaat/personen/{clerk.id}/tweede-stap", f"/secretariaat/personen/{clerk.id}"
    assert ask_here not in one.get(person).text, "there is none to take away"
    with_app(site, clerk)
    assert f'href="{ask_here}"' in one.get(person).text
    assert "wacht op een collega" not in one.get("/secretariaat").text
    ask_for(one, clerk)
    assert "1 verzoek om een tweede stap weg te halen wacht op een collega" in one.get("/secretariaat").text
    auditor = site.browser(scene.staff[Role.AUDITOR])
    assert ask_here not in auditor.get(person).text
    assert DESK not in auditor.get("/secretariaat").text


def test_the_one_who_asked_does_not_confirm(site: Site, scene: Scene, two: tuple[Browser, Browser]) -> None:
    clerk, (one, _) = scene.clerks[0], two
    with_app(site, clerk)
    ask_for(one, clerk)
    assert "/bevestigen" not in one.get(DESK).text
    answer = one.post(f"{DESK}/{waiting()}/bevestigen")
    assert answer.status_code == 422
    assert "twee mensen" in answer.text
    assert has_factor(clerk)
    assert logged("factor.reset") == []


def test_the_database_itself_asks_for_two_people(site: Site, scene: Scene, two: tuple[Browser, Browser]) -> None:
    clerk = scene.clerks[0]
    with_app(site, clerk)
    ask_for(two[0], clerk)
    for who in (scene.staff[Role.SECRETARIAT].id, clerk.id):
        with pytest.raises(IntegrityError), db.transaction():
            db.session.execute(update(FactorReset).values(confirmed_by=who, confirmed_at=db.now()))


def test_nobody_asks_or_confirms_for_themselves(site: Site, scene: Scene, two: tuple[Browser, Browser]) -> None:
    one, other = two
    secretary = scene.staff[Role.SECRETARIAT]
    with_app(site, secretary)
    assert ask_for(one, secretary).status_code == 422
    assert count(FactorReset) == 0
    assert ask_for(other, secretary).status_code == 303
    assert one.post(f"{DESK}/{waiting()}/bevestigen").status_code == 422
    assert has_factor(secretary)


def test_there_is_one_request_for_a_person_and_it_is_done_once(
    site: Site, scene: Scene, two: tuple[Browser, Browser]
) -> None:
    clerk, (one, other) = scene.clerks[0], two
    with_app(site, clerk)
    assert ask_for(one, clerk).status_code == 303
    again = ask_for(other, clerk)
    assert again.status_code == 422
    assert "al gevraagd" in again.text
    path = f"{DESK}/{waiting()}/bevestigen"
    third = Browser(site, other.token)
    found = together(lambda: other.post(path).status_code, lambda: third.post(path).status_code)
    assert sorted(found) == [303, 409]  # type: ignore[type-var]
    assert len(logged("factor.reset")) == 1
    assert other.post(path.replace("bevestigen", "intrekken")).status_code == 409


def test_what_was_withdrawn_is_not_done_and_can_be_asked_again(
    site: Site, scene: Scene, two: tuple[Browser, Browser]
) -> None:
    clerk, (one, other) = scene.clerks[0], two
    with_app(site, clerk)
    ask_for(one, clerk)
    first = waiting()
    assert one.submit(DESK, action="/intrekken").status_code == 303
    assert len(logged("factor.reset_withdraw")) == 1
    assert other.post(f"{DESK}/{first}/bevestigen").status_code == 409
    assert has_factor(clerk)
    assert ask_for(one, clerk).status_code == 303


def test_who_has_no_second_step_has_none_to_lose(scene: Scene, two: tuple[Browser, Browser]) -> None:
    page = two[0].get(f"/secretariaat/personen/{scene.nobody.id}/tweede-stap")
    assert "heeft geen tweede stap" in page.text
    assert ask_for(two[0], scene.nobody).status_code == 422
    assert ask_for(two[0], scene.clerks[0], reason=" ").status_code == 422
    assert count(FactorReset) == 0


def test_both_need_a_fresh_second_step_of_their_own(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[0]
    with_app(site, clerk)
    one, _ = with_app(site, scene.staff[Role.SECRETARIAT])
    other, _ = with_app(site, scene.staff[Role.ADMINISTRATOR])
    age(one, 16)
    assert CONFIRM in ask_for(one, clerk).text
    age(one, 0)
    ask_for(one, clerk)
    age(other, 16)
    assert CONFIRM in other.post(f"{DESK}/{waiting()}/bevestigen").text
    assert has_factor(clerk)
