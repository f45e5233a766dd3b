"""A forgotten password and another address: what a link opens, when it stops, and what nobody learns."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from tests.factories import PASSWORD
from tests.web.site import Browser, Scene, Site
from tests.web.test_accounts import NEW, plain, sessions_of, sign_in, signed_in
from vng_alv import db
from vng_alv.accounts import links, service
from vng_alv.accounts.models import MailLink, MailLinkKind, PasswordRequest, Person
from vng_alv.audit.models import AuditEntry
from vng_alv.identity import passwords
from vng_alv.notifications.mail import Sender, compose
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.voting.notices import facts

SECRET = "x" * 40
OWN = "griffier-gm0001@test.example"
OTHER = "nieuw@test.example"


def answer() -> None:
    """What the worker does."""
    with db.transaction():
        passwords.answer(SECRET)


def mails(kind: NoticeKind) -> list[tuple[str, str]]:
    """(to, text) of the mails of a kind, the oldest first."""
    with db.transaction(write=False):
        found = []
        for notice in db.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.created_at)):
            sender = Sender("ALV", "alv@vereniging.example", "070", "http://localhost:8000", False)
            made = facts(notice, notice.person, sender.base_url, SECRET)
            message = compose(notice, notice.person, sender, made)
            body = message.get_body(("plain",))
            assert body is not None
            found.append((str(message["To"]), body.get_content()))
        return found


def path_in(text: str) -> str:
    """The path of the link in a mail."""
    found = re.search(r"http://localhost:8000(/\S+)", text)
    assert found, text
    return found[1]


def reset_link(browser: Browser, email: str = OWN) -> str:
    """Ask for a new password, let the worker answer, and read the mail."""
    assert browser.submit("/wachtwoord-vergeten", email=email).status_code == 303
    answer()
    return path_in(mails(NoticeKind.RESET_PASSWORD)[-1][1])


def fresh(person: Person) -> Person:
    """The person as the database has them."""
    with db.transaction(write=False):
        return db.session.get_one(Person, person.id)


# --- A forgotten password


def test_a_new_password_comes_by_mail_and_ends_every_session(site: Site, scene: Scene) -> None:
    old = [site.browser(scene.clerks[0]) for _ in range(2)]
    browser = site.browser()
    path = reset_link(browser)
    to, text = mails(NoticeKind.RESET_PASSWORD)[0]
    assert OWN in to
    assert "De link werkt één keer" in text
    assert browser.submit(path, password=NEW, again=NEW).headers["Location"] == "/inloggen"
    assert not signed_in(browser), "choosing a password is not signing in"
    assert not any(signed_in(one) for one in old)
    assert sign_in(site.browser(), OWN, PASSWORD).status_code == 200, "the old one no longer works"
    assert sessions_of(scene.clerks[0]) == 0
    assert sign_in(browser, OWN, NEW).status_code == 303
    assert "Uw wachtwoord is gewijzigd." in mails(NoticeKind.SIGN_IN_CHANGED)[0][1]
    with db.transaction(write=False):
        acts = db.session.scalars(select(AuditEntry.act)).all()
    assert {"password.ask", "person.password"} <= set(acts)


def test_second_steps_stay_as_they_are(site: Site, scene: Scene) -> None:
    with db.transaction():
        person = db.session.get_one(Person, scene.clerks[0].id)
        person.totp_secret, person.totp_step = "versleuteld", 1
    browser = site.browser()
    browser.submit(reset_link(browser), password=NEW, again=NEW)
    assert fresh(scene.clerks[0]).totp_secret == "versleuteld"
    answer = sign_in(browser, OWN, NEW)
    assert answer.headers["Location"] == "/inloggen/tweede-stap"
    assert not signed_in(browser)


WAYS = (
    "used",
    "expired",
    "disabled",
    "forged",
    "voided by another link",
    "voided by changing it",
    "voided by the desk",
)


@pytest.mark.parametrize("how", WAYS)
def test_a_link_that_no_longer_counts_opens_nothing(site: Site, scene: Scene, how: str) -> None:
    browser = site.browser()
    path = reset_link(browser)
    if how == "used":
        browser.submit(path, password=NEW, again=NEW)
    elif how == "forged":
        path = "/wachtwoord/" + "0" * 64
    elif how == "voided by another link":
        browser.submit(reset_link(browser), password=NEW, again=NEW)
    with db.transaction():
        person = db.session.get_one(Person, scene.clerks[0].id)
        if how == "expired":
            db.session.execute(update(MailLink).values(expires_at=db.now() - timedelta(seconds=1)))
        elif how == "disabled":
            person.active = False
        elif how == "voided by changing it":
            service.set_password(person, PASSWORD, None)
        elif how == "voided by the desk":
            service.set_active(person, False, None)
            service.set_active(person, True, None)
    before = fresh(scene.clerks[0]).password_hash
    for answered in (browser.get(path), browser.post(path, {"password": NEW + "!", "again": NEW + "!"})):
        assert answered.status_code == 410
        assert "Deze link werkt niet meer" in answered.text
    assert fresh(scene.clerks[0]).password_hash == before


def test_a_link_lasts_an_hour_and_no_table_holds_it(site: Site, scene: Scene) -> None:
    path = reset_link(site.browser())
    with db.transaction(write=False):
        kept = db.session.scalars(select(MailLink)).one()
        assert kept.expires_at - kept.created_at == timedelta(hours=1)
        notices = [str(n.context) for n in db.session.scalars(select(Notice))]
        assert path.rpartition("/")[2] not in str(vars(kept)) + str(notices)


def test_a_link_to_an_address_is_no_link_to_a_password(site: Site, scene: Scene) -> None:
    with db.transaction():
        made = links.make(
            MailLinkKind.TAKE_ADDRESS, scene.clerks[0].id, lasts=timedelta(hours=1), secret=SECRET, email=OTHER
        )
    token = links.link_token(made.id, SECRET)
    assert site.browser().get(f"/wachtwoord/{token}").status_code == 410
    token = reset_link(site.browser()).rpartition("/")[2]
    assert site.browser().get(f"/adres/{token}").status_code == 410


@pytest.mark.parametrize("email", ["onbekend@test.example", "genodigde@test.example", "uit@test.example"])
def test_whoever_asks_learns_nothing(site: Site, scene: Scene, email: str) -> None:
    with db.transaction():
        service.create_person("uit@test.example", "Uit", None).password_hash = "x"
        db.session.flush()
        db.session.execute(update(Person).where(Person.email == "uit@test.example").values(active=False))
    known, unknown = site.browser(), site.browser()
    done = []
    for browser, typed in ((known, OWN), (unknown, email)):
        sent: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object, sent: list[str] = sent) -> None:
            sent.append(statement)

        browser.csrf()
        event.listen(db.engine(), "before_cursor_execute", note)
        answered = browser.post("/wachtwoord-vergeten", {"email": typed})
        event.remove(db.engine(), "before_cursor_execute", note)
        page = browser.get(answered.headers["Location"])
        done.append((answered.status_code, answered.headers["Location"], plain(page.text), sent))
    assert done[0] == done[1], "the same status, text and statements"
    answer()
    assert [to for to, _ in mails(NoticeKind.RESET_PASSWORD) if OWN not in to] == []
    assert len(mails(NoticeKind.RESET_PASSWORD)) == 1


def test_asking_often_sends_three_links_an_hour_and_says_nothing_of_it(site: Site, scene: Scene) -> None:
    pages = set()
    for _ in range(6):
        browser = site.browser()
        answered = browser.submit("/wachtwoord-vergeten", email=OWN)
        pages.add(plain(browser.get(answered.headers["Location"]).text))
        answer()
    assert len(pages) == 1
    assert len(mails(NoticeKind.RESET_PASSWORD)) == 3
    with db.transaction(write=False):
        assert db.session.scalar(select(func.count()).select_from(PasswordRequest)) == 0


def test_one_address_cannot_ask_without_end(site: Site, scene: Scene) -> None:
    browser = site.browser()
    statuses = [browser.post("/wachtwoord-vergeten", {"email": f"a{n}@test.example"}).status_code for n in range(62)]
    assert statuses == [303] * 60 + [429] * 2


# --- Another address


def ask(browser: Browser, email: str = OTHER) -> tuple[str, str]:
    """Ask for another address; the paths for the old and the new one."""
    assert browser.submit("/account/adres", email=email).headers["Location"] == "/account"
    left, taken = mails(NoticeKind.LEAVE_ADDRESS)[-1], mails(NoticeKind.TAKE_ADDRESS)[-1]
    assert OWN in left[0]
    assert taken[0] == email.lower()
    return path_in(left[1]), path_in(taken[1])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_another_address_counts_when_both_said_yes(site: Site, scene: Scene, order: tuple[int, int]) -> None:
    here, there = site.browser(scene.clerks[0]), site.browser(scene.clerks[0])
    paths = ask(here, "Nieuw@Test.example")
    first, second = (paths[n] for n in order)
    guest = site.browser()
    assert "klaar" not in guest.submit(first).headers["Location"]
    assert fresh(scene.clerks[0]).email == OWN
    assert guest.post(first).status_code == 410, "each works once"
    assert here.submit(second).headers["Location"].endswith("klaar=1")
    assert fresh(scene.clerks[0]).email == OTHER
    assert signed_in(here)
    assert not signed_in(there)
    assert [to for to, text in mails(NoticeKind.SIGN_IN_CHANGED) if "e-mailadres is gewijzigd" in text] == [OWN, OTHER]
    assert sign_in(site.browser(), OTHER).status_code == 303
    with db.transaction(write=False):
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.act.in_(["address.ask", "person.address"])))
        assert [entry.act for entry in entries] == ["address.ask", "person.address"]


@pytest.mark.parametrize("how", ["expired", "asked again", "new password", "looking only"])
def test_without_both_nothing_changes(site: Site, scene: Scene, how: str) -> None:
    browser = site.browser(scene.clerks[0])
    left, taken = ask(browser)
    if how == "looking only":
        assert browser.get(left).status_code == browser.get(taken).status_code == 200
    else:
        assert browser.submit(left).status_code == 303
    if how == "expired":
        with db.transaction():
            db.session.execute(update(MailLink).values(expires_at=db.now()))
    elif how == "asked again":
        ask(browser, "anders@test.example")
    elif how == "new password":
        with db.transaction():
            service.set_password(db.session.get_one(Person, scene.clerks[0].id), NEW, None)
    if how != "looking only":
        assert browser.post(taken).status_code == 410
    assert fresh(scene.clerks[0]).email == OWN


def test_an_address_of_somebody_else_is_not_told_and_not_taken(site: Site, scene: Scene) -> None:
    free, taken = site.browser(scene.clerks[0]), site.browser(scene.clerks[1])
    answers = [
        browser.submit("/account/adres", email=email)
        for browser, email in ((free, OTHER), (taken, "griffier-gm0003@test.example"))
    ]
    assert len({(a.status_code, a.headers["Location"]) for a in answers}) == 1
    to, text = mails(NoticeKind.TAKE_ADDRESS)[-1]
    assert to == "griffier-gm0003@test.example"
    assert "hoort al bij een account" in text
    assert "http" not in text.partition("--")[0]
    assert taken.submit(path_in(mails(NoticeKind.LEAVE_ADDRESS)[-1][1])).status_code == 303
    assert fresh(scene.clerks[1]).email == "griffier-gm0002@test.example"


def test_an_address_that_somebody_got_meanwhile_is_refused(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    left, taken = ask(browser)
    browser.submit(left)
    with db.transaction():
        service.create_person(OTHER, "Sneller", None)
    assert browser.post(taken).status_code == 409
    assert fresh(scene.clerks[0]).email == OWN


def test_one_person_cannot_send_mails_without_end(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    statuses = [browser.post("/account/adres", {"email": f"a{n}@test.example"}).status_code for n in range(7)]
    assert statuses == [303] * 5 + [429] * 2


# --- Mails about signing in


def test_a_browser_that_is_new_is_told_by_mail_once(site: Site, scene: Scene) -> None:
    browser = site.browser()
    for _ in range(2):
        assert sign_in(browser, OWN).status_code == 303
        browser.post("/uitloggen")
    (to, text) = mails(NoticeKind.NEW_DEVICE)[0]
    assert OWN in to
    assert "een apparaat dat we nog niet kenden: Onbekend apparaat" in text
    assert "http://localhost:8000/account" in text
    assert len(mails(NoticeKind.NEW_DEVICE)) == 1


WHAT = (
    "password", "address", "single_sign_on", "passkey_added", "passkey_removed", "totp_added", "totp_removed",
    "recovery_code_used", "recovery_codes_new", "factors_reset",
)  # fmt: skip


def test_every_change_of_signing_in_has_words_in_its_mail(site: Site, scene: Scene) -> None:
    with db.transaction():
        for what in WHAT:
            notify(NoticeKind.SIGN_IN_CHANGED, [scene.clerks[0].id], what=what)
    assert len({text for _to, text in mails(NoticeKind.SIGN_IN_CHANGED)}) == len(WHAT)
