"""What a person does with second steps, through the pages of the site."""

import json
import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pyotp
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from tests.factories import PASSWORD
from tests.web.authenticator import Authenticator
from tests.web.site import Browser, Site
from vng_alv import db
from vng_alv.accounts.models import LoginSession, Person
from vng_alv.accounts.queries import token_hash
from vng_alv.audit.models import AuditEntry
from vng_alv.notifications.models import Notice, NoticeKind

PAGE = "/account/tweede-stap"
CONFIRM = "Bevestig dat u het bent"


def code(secret: str, later: int = 0) -> str:
    """The code of the app now, or some steps later; never one that is about to end."""
    while time.time() % 30 > 26:
        time.sleep(0.2)
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // 30 + later)


def rewind(person: Person) -> None:
    """Let the app's codes of this moment count again, so that a test need not wait for the next one."""
    with db.transaction():
        db.session.execute(update(Person).where(Person.id == person.id).values(totp_step=0))


def shared_secret(page: TestResponse) -> str:
    """The secret that the page for the app shows."""
    found = re.search(r'<code class="alv-code">([A-Z2-7 ]+)</code>', page.text)
    assert found
    return found[1].replace(" ", "")


def add_app(browser: Browser) -> str:
    """Add an app; its secret."""
    secret = shared_secret(browser.get(PAGE + "/app"))
    answer = browser.submit(PAGE + "/app", code=code(secret))
    assert answer.status_code == 303, answer.text
    return secret


def with_app(site: Site, person: Person) -> tuple[Browser, str]:
    """A browser of somebody who is signed in and has an app whose code was not used yet; and its secret."""
    browser = site.browser(person)
    secret = add_app(browser)
    rewind(person)
    return browser, secret


def ask(browser: Browser, path: str) -> dict[str, object]:
    """The question to a passkey."""
    answer = browser.post(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = json.loads(answer.text)
    return found


def add_passkey(browser: Browser) -> Authenticator:
    """Make a passkey."""
    made = Authenticator()
    answer = browser.post(PAGE + "/passkey", {"passkey": made.create(ask(browser, PAGE + "/passkey/vraag"))})
    assert answer.status_code == 303, answer.text
    return made


def new_codes(browser: Browser) -> list[str]:
    """The recovery codes on the page that shows them."""
    return re.findall(r"<li>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", browser.get("/account/herstelcodes").text)


def sign_in(browser: Browser, person: Person, password: str = PASSWORD) -> TestResponse:
    """Address and password."""
    return browser.submit("/inloggen", action="/inloggen", email=person.email, password=password)


def session_of(browser: Browser) -> LoginSession | None:
    """The session of this browser."""
    with db.transaction(write=False):
        return db.session.get(LoginSession, token_hash(browser.token)) if browser.token else None


def age(browser: Browser, minutes: float | None) -> None:
    """Let the second step of this session be so old; None for a session in which none was shown."""
    with db.transaction():
        moment = None if minutes is None else db.now() - timedelta(minutes=minutes)
        db.session.execute(
            update(LoginSession).where(LoginSession.token_hash == token_hash(browser.token)).values(factor_at=moment)
        )


def later(browser: Browser, hours: float) -> None:
    """Let so much time pass for this session: every moment in its row lies so much longer ago."""
    with db.transaction():
        row = db.session.get_one(LoginSession, token_hash(browser.token))
        ago = timedelta(hours=hours)
        row.created_at, row.last_used_at = row.created_at - ago, row.last_used_at - ago
        row.expires_at, row.ends_at = row.expires_at - ago, row.ends_at - ago


def told(person: Person) -> list[str]:
    """What this person heard by mail of changes to how they sign in."""
    with db.transaction(write=False):
        query = select(Notice).where(Notice.person_id == person.id, Notice.kind == NoticeKind.SIGN_IN_CHANGED)
        return [notice.context["what"] for notice in db.session.scalars(query.order_by(Notice.created_at))]


def logged(act: str) -> list[AuditEntry]:
    """The entries of the log about an act."""
    with db.transaction(write=False):
        return list(db.session.scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.id)))


def sessions_of(person: Person) -> int:
    """How many sessions this person has."""
    with db.transaction(write=False):
        query = select(func.count()).select_from(LoginSession).where(LoginSession.person_id == person.id)
        return db.session.scalar(query) or 0


def count(table: type[db.Base]) -> int:
    """How many rows there are."""
    with db.transaction(write=False):
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def together(*acts: Callable[[], object]) -> list[object]:
    """Do all at the same time; what they answered, the first to be done first."""
    start, found = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        start.wait()
        found.append(act())

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
