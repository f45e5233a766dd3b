"""A real browser before a real server: the demo under its supervisor, on scratch data."""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bench.screenshots import FLAGS
from tests import factories
from tests.worker.running import Demo, fetch, free_ports, until
from vng_alv import db
from vng_alv.accounts import service as accounts
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import find_person_by_email, get_actor
from vng_alv.demo.browsing import Browser as Client
from vng_alv.demo.people import email_of
from vng_alv.domain.ballots import Choice
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Role
from vng_alv.meetings import service as meetings
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_member
from vng_alv.members.service import give_office
from vng_alv.proposals.models import ProposalKind
from vng_alv.voting import service as rounds
from vng_alv.voting.preparing import Preparer

#: How long anything on a page may take, in milliseconds.
PATIENCE = 8_000
#: Members whose delegates can vote in the meetings that tests make.
VOTERS = ("GM0014", "GM0034", "GM0037")

Visit = Callable[..., Page]
#: A sign-in service that never answers.
AWAY = {
    "name": "weg", "label": "Samenwerking Voorbeeld", "issuer": "http://localhost:1/", "client_id": "a",
    "client_secret": "b",
}  # fmt: skip


@pytest.fixture(scope="package")
def demo(scratch: Path) -> Iterator[Demo]:
    """The demo, running, until tests of another kind begin; these leave it to each other as they go."""
    found = Demo(scratch / "demo-browser", free_ports(2), OIDC_PROVIDERS=json.dumps([AWAY]))
    found.start()
    yield found
    found.end()


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """The browser; it leaves before tests of another kind begin."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        expect.set_options(timeout=PATIENCE)
        yield found
        found.close()


@pytest.fixture
def visit(demo: Demo, browser: Browser) -> Iterator[Visit]:
    """A function that opens a window of its own for a visitor, who steps in as one of the demo's people if named.

    No page may break its own scripts, or our policy on content.
    """
    contexts: list[BrowserContext] = []
    broken: list[str] = []

    def open_window(key: str = "", path: str = "/", **options: Any) -> Page:
        # axe would take a colour half-way to another one for the one that is meant.
        context = browser.new_context(base_url=demo.base, **{"locale": "nl-NL", "reduced_motion": "reduce", **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(f"{page.url}: {error}"))
        page.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)
        if key:
            page.goto("/demo")
            token = page.locator("input[name=csrf_token]").first.input_value()
            form = {"csrf_token": token, "als": key}
            assert context.request.post("/demo/instappen", form=form, headers={"Origin": demo.base}).ok
        page.goto(path)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert broken == []


@dataclass
class Invited:
    """Somebody with a link in their mail."""

    person: Person
    path: str


Invite = Callable[..., Invited]


@pytest.fixture
def invite(demo: Demo) -> Invite:
    """A function that invites somebody: a delegate at a meeting, or with a role."""

    def make(meeting: str = "", *roles: Role) -> Invited:
        db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
        with db.transaction():
            person = factories.person(f"nieuw-{uuid.uuid4().hex[:8]}", roles=roles)
            if meeting:
                member = get_member(VOTERS[0])
                give_office(person, member, OfficeKind.CLERK, None)
                meetings.give_mandate(get_meeting(meeting), member, person, None)
            invitation = accounts.invite(person, None, days=1, secret=demo.secret)
            token = accounts.invitation_token(invitation.id, demo.secret)
        db.engine().dispose()
        return Invited(person, f"/uitnodiging/{token}")

    return make


class Hall:
    """A meeting of its own with rounds, which are open unless told otherwise; people vote and the chair acts over HTTP,
    from other browsers.
    """

    def __init__(self, demo: Demo, kind: ProposalKind, voters: Sequence[str] = VOTERS, *, is_open: bool = True) -> None:
        self.demo = demo
        self.code = f"zaal-{uuid.uuid4().hex[:8]}"
        db.connect(f"sqlite:///{demo.data / 'alv.sqlite3'}")
        with db.transaction():
            meeting = factories.meeting(self.code)
            meeting.starts_at = db.now()  # of today: the demo's association knows no early voting
            for code in voters:
                clerk = find_person_by_email(email_of(code))
                assert clerk
                meetings.give_mandate(meeting, get_member(code), clerk, None)
            made = rounds.prepare(factories.proposal(meeting, kind=kind), None)
            if is_open:
                rounds.open_rounds([r.id for r in made], None)
            self.rounds = {r.number: str(r.id) for r in made}
        db.engine().dispose()

    def path(self, number: int = 1) -> str:
        """The page of an outcome."""
        return f"/vergaderingen/{self.code}/uitslagen/{number}"

    @property
    def results(self) -> str:
        """The page of all outcomes."""
        return f"/vergaderingen/{self.code}/uitslagen"

    @property
    def ballot(self) -> str:
        """The page of the ballot."""
        return f"/stemmen/{self.code}"

    def vote(self, code: str, choice: str, *numbers: int) -> None:
        """A delegate votes the same in everything, or in the rounds with these numbers."""
        client = Client(self.demo.base).step_in(code)
        chosen = {f"choice-{self.rounds[number]}": choice for number in numbers or self.rounds}
        client.get(self.ballot)
        review = client.post(self.ballot + "/controle", gemeente=code, **chosen)
        key = re.search(r'name="key" value="([^"]+)"', review)
        assert key
        client.post(self.ballot + "/uitbrengen", gemeente=code, key=key[1], **chosen)
        assert "/stembewijs/" in client.address

    def chair(self, act: str, number: int = 1) -> None:
        """The chair closes ('sluiten') or pronounces ('bekendmaken') a round."""
        desk = f"/secretariaat/vergaderingen/{self.code}"
        client = Client(self.demo.base).step_in("voorzitter")
        client.get(desk)
        client.post(f"{desk}/{act}", round=str(number), sure="1")

    def open_another(self, prepared: str = "") -> None:
        """One more question is put to the vote; the first voter's people prepared to be for it, with this reason."""
        db.connect(f"sqlite:///{self.demo.data / 'alv.sqlite3'}")
        with db.transaction():
            text = factories.RESOLUTION.replace("Een besluit", "Nog een vraag")
            made = factories.proposal(get_meeting(self.code), text, "M9", ProposalKind.MOTION)
            drafts = rounds.prepare(made, None)
            clerk = find_person_by_email(email_of(VOTERS[0]))
            if prepared and clerk:
                preparer = Preparer(get_meeting(self.code), get_member(VOTERS[0]), get_actor(clerk.id))
                preparer.save(made.id, Choice.FOR, prepared, 0)
            rounds.open_rounds([r.id for r in drafts], None)
        db.engine().dispose()

    def standing(self) -> list[dict[str, Any]]:
        """States and turnout, as everybody may know them."""
        found: list[dict[str, Any]] = json.loads(fetch(f"{self.demo.base}/vergaderingen/{self.code}/stand.json")[1])[
            "rounds"
        ]
        return found

    def counted(self, number: int = 1) -> None:
        """Close a round and wait for the worker."""
        self.chair("sluiten", number)
        until(lambda: self.standing()[number - 1]["state"] == "counted", f"round {number} is counted")


@pytest.fixture
def hall(demo: Demo) -> Callable[..., Hall]:
    """A function that makes a meeting to vote in: on one question, or on a resolution with three."""

    def make(*, questions: int = 1) -> Hall:
        return Hall(demo, ProposalKind.RESOLUTION if questions > 1 else ProposalKind.MOTION)

    return make
