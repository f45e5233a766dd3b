"""Giving and taking roles of somebody who is there: on their page, by an invitation, and on the terminal."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests import factories
from tests.web.second_steps import CONFIRM, age, code, logged, sessions_of, together, told, with_app
from tests.web.site import Browser, Scene, Site, snapshot
from tests.web.test_recovering import mails
from tests.web.test_steps import send_on
from vng_alv import db
from vng_alv.accounts.models import Person, PersonRole
from vng_alv.accounts.queries import find_person_by_email, get_actor
from vng_alv.cli import alv
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.identity import personal_data
from vng_alv.meetings.offices import put_out_of_use
from vng_alv.notifications.models import NoticeKind
from vng_alv.secretariat.service import change_roles

INVITE = "/secretariaat/personen/uitnodigen"


def page_of(person: Person) -> str:
    return f"/secretariaat/personen/{person.id}"


def set_roles(browser: Browser, person: Person, *roles: Role) -> TestResponse:
    """Tick these on the page of a person, and no others."""
    return browser.submit(page_of(person), action="/rollen", roles=[role.value for role in roles])


def roles_of(person: Person) -> set[Role]:
    with db.transaction(write=False):
        return set(db.session.scalars(select(PersonRole.role).where(PersonRole.person_id == person.id)))


@pytest.fixture
def desk(site: Site, scene: Scene) -> Browser:
    """Somebody of the secretariat."""
    return site.browser(scene.staff[Role.SECRETARIAT])


def test_roles_are_given_and_taken_on_the_page_of_a_person(site: Site, scene: Scene, desk: Browser) -> None:
    clerk, chair = scene.clerks[0], scene.staff[Role.CHAIR]
    theirs = site.browser(chair)
    assert set_roles(desk, clerk, Role.RAPPORTEUR, Role.TELLER).status_code == 303
    assert roles_of(clerk) == {Role.RAPPORTEUR, Role.TELLER}
    assert set_roles(desk, chair, Role.BOARD).status_code == 303
    assert roles_of(chair) == {Role.BOARD}
    assert sessions_of(chair) == 0
    assert theirs.get("/secretariaat").status_code == 303, "signed out"
    given = [(e.subject, e.data["role"], e.actor_id) for e in logged("role.grant")[-3:]]
    taken = [(e.subject, e.data["role"], e.actor_id) for e in logged("role.revoke")]
    who = scene.staff[Role.SECRETARIAT].id
    person, other = f"person:{clerk.id}", f"person:{chair.id}"
    assert given == [(person, "rapporteur", who), (person, "teller", who), (other, "board", who)]
    assert taken == [(other, "chair", who)]
    assert told(clerk) == told(chair) == ["roles"]
    text = mails(NoticeKind.SIGN_IN_CHANGED)[-1][1]
    assert "Het secretariaat heeft uw rollen bij de vereniging gewijzigd" in text
    assert "Kies meteen een nieuw wachtwoord" not in text
    log = desk.get("/secretariaat/logboek").text
    assert "Rol weggenomen" in log
    assert "lid van de stemcommissie" in desk.get(page_of(clerk)).text


def test_roles_that_stay_the_same_end_nothing_and_tell_nobody(site: Site, scene: Scene, desk: Browser) -> None:
    site.browser(scene.staff[Role.CHAIR])
    before = snapshot("login_session")
    assert set_roles(desk, scene.staff[Role.CHAIR], Role.CHAIR).status_code == 303
    assert snapshot("login_session") == before
    assert sessions_of(scene.staff[Role.CHAIR]) == 1


def test_a_role_that_was_taken_meanwhile_does_not_come_back(scene: Scene, desk: Browser) -> None:
    chair = scene.staff[Role.CHAIR]
    form = next(f for f in desk.forms(page_of(chair)) if f.action.endswith("/rollen"))
    with db.transaction():
        change_roles(db.session.get_one(Person, chair.id), {Role.BOARD}, {Role.CHAIR}, None)
    values = form.values.copy()
    values.setlist("roles", ["chair", "teller"])
    assert desk.post(form.action, values).status_code == 303
    assert roles_of(chair) == {Role.BOARD, Role.TELLER}


def test_it_asks_for_a_fresh_second_step_and_keeps_what_was_ticked(site: Site, scene: Scene) -> None:
    browser, secret = with_app(site, scene.staff[Role.ADMINISTRATOR])
    age(browser, 16)
    page = set_roles(browser, scene.nobody, Role.BOARD, Role.TELLER)
    assert page.status_code == 403
    assert CONFIRM in page.text
    assert roles_of(scene.nobody) == set()
    assert send_on(browser, page, stap_code=code(secret)).status_code == 303
    assert roles_of(scene.nobody) == {Role.BOARD, Role.TELLER}


def test_nobody_changes_their_own(scene: Scene, desk: Browser) -> None:
    own = scene.staff[Role.SECRETARIAT]
    assert "/rollen" not in desk.get(page_of(own)).text
    before = snapshot()
    answer = desk.post(page_of(own) + "/rollen", {"roles": ["secretariat", "chair"], "shown": "secretariat"})
    assert answer.status_code == 422
    assert "Dit kunt u niet bij uzelf doen" in answer.text
    assert snapshot() == before


def test_an_auditor_gets_no_role_that_changes_something(scene: Scene, desk: Browser) -> None:
    auditor, before = scene.staff[Role.AUDITOR], snapshot()
    answer = set_roles(desk, auditor, Role.AUDITOR, Role.CHAIR)
    assert answer.status_code == 422
    assert "Een controleur wijzigt niets" in answer.text
    assert 'checked id="roles-1" name="roles" type="checkbox" value="chair"' in answer.text, "what was ticked stays"
    assert set_roles(desk, scene.staff[Role.CHAIR], Role.AUDITOR, Role.CHAIR).status_code == 422
    invited = desk.submit(INVITE, name="Kees", email="kees@test.example", roles=["auditor", "rapporteur"])
    assert invited.status_code == 422
    assert "Een controleur wijzigt niets" in invited.text
    assert snapshot() == before
    assert set_roles(desk, auditor, Role.AUDITOR, Role.TELLER).status_code == 422
    assert set_roles(desk, auditor, Role.AUDITOR).status_code == 303
    assert set_roles(desk, scene.staff[Role.CHAIR], Role.AUDITOR).status_code == 303


def test_an_erased_person_gets_no_roles(scene: Scene, desk: Browser) -> None:
    with db.transaction():
        personal_data.erase(db.session.get_one(Person, scene.nobody.id), None)
    assert desk.post(page_of(scene.nobody) + "/rollen", {"roles": ["chair"]}).status_code == 404
    assert roles_of(scene.nobody) == set()


# --- By an invitation


@pytest.mark.parametrize("roles", [[], ["teller"]])
def test_an_invitation_asks_for_a_fresh_second_step_when_it_gives_a_role(
    site: Site, scene: Scene, roles: list[str]
) -> None:
    browser, secret = with_app(site, scene.staff[Role.SECRETARIAT])
    age(browser, 16)
    where = {} if roles else {"member": "GM0001", "office": "clerk"}
    page = browser.submit(INVITE, name="Kees", email="kees@test.example", roles=roles, **where)
    if roles:
        assert page.status_code == 403
        assert CONFIRM in page.text
        with db.transaction(write=False):
            assert find_person_by_email("kees@test.example") is None
        page = send_on(browser, page, stap_code=code(secret))
    assert page.status_code == 303
    with db.transaction(write=False):
        made = find_person_by_email("kees@test.example")
    assert made is not None
    assert roles_of(made) == set(roles)


# --- Somebody is left


def two_managers(scene: Scene) -> list[Person]:
    """The only two who have an account with which they may manage people."""
    two = [scene.staff[Role.SECRETARIAT], scene.staff[Role.ADMINISTRATOR]]
    with db.transaction():
        db.session.execute(update(Person).where(Person.id.in_([p.id for p in two])).values(password_hash="!"))
        factories.person("uitgenodigd", roles=[Role.SECRETARIAT])  # who did not accept, and so cannot help
        off = factories.person("uit", roles=[Role.ADMINISTRATOR], password=factories.PASSWORD)
        off.active = False
    return two


@pytest.mark.parametrize("how", ["roles", "out of use", "erased"])
def test_two_who_put_each_other_out_at_once_leave_one(site: Site, scene: Scene, how: str) -> None:
    two = two_managers(scene)
    with db.transaction(write=False):
        actors = [get_actor(person.id) for person in two]

    def act(by: int) -> object:
        try:
            with db.transaction():
                person = db.session.get_one(Person, two[1 - by].id)
                if how == "roles":
                    change_roles(person, (), set(Role), actors[by])
                elif how == "erased":
                    personal_data.erase(person, actors[by])
                else:
                    put_out_of_use(person, actors[by])
        except Refused as refused:
            return refused.refusal
        return None

    assert set(together(lambda: act(0), lambda: act(1))) == {None, Refusal.LAST_MANAGER}
    with db.transaction(write=False):
        found = [db.session.get_one(Person, person.id) for person in two]
        assert [bool(person.active and person.roles) for person in found].count(True) == 1


def test_two_who_give_the_same_role_at_once_give_it_once(scene: Scene) -> None:
    with db.transaction(write=False):
        actor = get_actor(scene.staff[Role.SECRETARIAT].id)

    def act() -> bool:
        with db.transaction():
            return change_roles(db.session.get_one(Person, scene.nobody.id), {Role.TELLER}, (), actor)

    assert sorted(together(act, act)) == [False, True]  # type: ignore[type-var]
    assert len([entry for entry in logged("role.grant") if entry.subject == f"person:{scene.nobody.id}"]) == 1


def test_who_may_not_grant_roles_does_not_by_a_use_case_either(scene: Scene) -> None:
    with db.transaction(write=False):
        chair = get_actor(scene.staff[Role.CHAIR].id)
    with pytest.raises(Refused) as caught, db.transaction():
        change_roles(db.session.get_one(Person, scene.nobody.id), {Role.CHAIR}, (), chair)
    assert caught.value.refusal is Refusal.NOT_ALLOWED


# --- On the terminal


def test_the_terminal_shows_gives_and_takes_and_is_the_way_back(site: Site, scene: Scene) -> None:
    two = two_managers(scene)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(alv, ["person", "roles", *words], obj=site.settings)
        return done.exit_code, done.output

    chair = scene.staff[Role.CHAIR]
    assert run(chair.email) == (0, "chair\n")
    assert logged("role.revoke") == []
    assert run(chair.email, "--give", "board", "--give", "teller", "--take", "chair") == (0, "board teller\n")
    assert told(chair) == ["roles"]
    exit_code, output = run(scene.staff[Role.AUDITOR].email, "--give", "secretariat")
    assert exit_code == 1
    assert "Een controleur wijzigt niets" in output
    assert roles_of(scene.staff[Role.AUDITOR]) == {Role.AUDITOR}
    assert run(two[0].email, "--take", "secretariat") == (0, "\n")
    assert run(two[1].email, "--take", "administrator") == (0, "\n"), "nobody is left"
    assert run(chair.email, "--give", "administrator")[0] == 0
    assert run("wie@test.example")[0] == 1
    assert run(chair.email, "--give", "emperor")[0] == 2
    with pytest.raises(Missing), db.transaction():
        personal_data.erase(db.session.get_one(Person, scene.nobody.id), None)
        change_roles(db.session.get_one(Person, scene.nobody.id), {Role.TELLER}, (), None)
