"""A form takes its own fields and nothing else: each real form is sent with and without others."""

import html
import io
import random
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import make_url
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.web import second_steps
from tests.web.house import PEOPLE, House
from tests.web.site import REGISTER, Browser, Site, count, forms_of, snapshot
from tests.web.test_access import addresses
from tests.web.test_attachments import GOOD
from tests.web.test_typed import good
from vng_alv import db, schema
from vng_alv.domain.permissions import Permission, Role
from vng_alv.voting import choosing, secret_views

#: A moment that no form gives, in the way a form would write it.
MOMENT = "2001-02-03T04:05"
#: A value for columns that no row fills.
OTHERWISE = "1"
#: What nobody should be able to give, beside the name of every column of every table.
NAMES = {
    "admin": "1", "is_admin": "true", "role": Role.ADMINISTRATOR, "roles": Role.ADMINISTRATOR, "votes": "75",
    "permission": Permission.MANAGE_PEOPLE, "permissions": Permission.RUN_ROUNDS, "expires": MOMENT,
}  # fmt: skip
RANDOM = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32,64}\b|\$argon2\S+|[\w-]{40,}"
    r"|\b[2-9A-Z]{4}(?:-?[2-9A-Z]{4}){3}\b|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:\+\d\d:\d\d|Z)?"
)
Changes = dict[str, tuple[list[Any], list[Any]]]

#: Addresses that are never seen to do something here, and why.
NOT_DONE: dict[str, str] = {
    "amendments.preview": "shows what would be changed, and records nothing",
    "amendments.preview_new": "shows what would be changed, and records nothing",
    "checking.checked": "tells what stands in the list for a receipt, and records nothing",
    "voting.review": "shows what would be cast, and records nothing",
    "factors.passkey_options": "a script asks it for a question, which is recorded nowhere",
    "identity.passkey_options": "a script asks it for a question, which is recorded nowhere",
    "joining.passkey_options": "a script asks it for a question, which is recorded nowhere",
    **dict.fromkeys(("closing.publish_minutes", "convening.documents"), "a file that a process of its own looks at"),
}
CONSOLE = "/secretariaat/vergaderingen/alv"
COOKIES = ("alv", "alv-form", "alv-second", "alv-device")


@pytest.fixture
def database(scratch: Path) -> Iterator[str]:
    """A database of the embedded kind only: what a form may fill in does not depend on what keeps it."""
    path = scratch / f"fields-{uuid.uuid4().hex}.sqlite3"
    schema.upgrade(db.connect(f"sqlite:///{path}"))
    yield f"sqlite:///{path}"
    db.session.remove()
    db.engine().dispose()
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


# --- The forms


@dataclass(frozen=True)
class Ready:
    """A form of somebody's page, filled in with something right and with one of its buttons pressed."""

    browser: Browser
    endpoint: str
    action: str
    values: MultiDict[str, Any]
    file: str | None
    button: str | None
    own: frozenset[str]
    #: What an app shares with the site, where a code of it is asked: that is one of the moment that it is sent.
    app: str


def parts(block: str, tag: str) -> Iterator[dict[str, str]]:
    """The attributes of each element of one kind."""
    for found in re.findall(rf"<{tag}\b[^>]*>", block):
        yield {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', found)}


def forms(site: Site, browser: Browser, path: str, answer: TestResponse) -> Iterator[Ready]:
    """The forms on a page, one for each of their buttons."""
    blocks = re.findall(r"<form\b.*?</form>", answer.text, re.S)
    for form, block in zip(forms_of(answer, path), blocks, strict=True):
        if form.method != "post":
            continue
        values = form.values.copy()
        values.pop("csrf_token")
        for name in (*form.typed, "office"):
            if not values.get(name, "-").strip() and (typed := good(name.partition("-")[0])):
                values[name] = typed
        app = second_steps.shared_secret(answer) if form.action == second_steps.PAGE + "/app" else ""
        for box in parts(block, "input"):
            if "name" in box and box.get("type") in {"radio", "checkbox"}:
                values.setdefault(box["name"], box.get("value", "on"))
        own = frozenset(re.findall(r'\bname="([^"]+)"', block))
        file = form.files[0] if form.files and "text" not in form.typed else None
        for button in parts(block, "button"):
            sent, pressed, action = values.copy(), button.get("name"), button.get("formaction", form.action)
            if pressed:
                sent.add(pressed, button.get("value", ""))
            endpoint, _ = site.app.url_map.bind("localhost").match(urlsplit(action).path, method="POST")
            yield Ready(browser, str(endpoint), action, sent, file, pressed, own, app)


# --- What a form did


def extras(rows: Mapping[str, list[Any]]) -> MultiDict[str, str]:
    """A value for the name of every column, from a row that has one, and for what could be taken for one."""
    found: MultiDict[str, str] = MultiDict()
    for table in db.Base.metadata.sorted_tables:
        for place, column in enumerate(table.columns):
            values = [row[place] for row in rows[table.name] if row[place] is not None]
            if values:
                found.add(column.name, MOMENT if isinstance(values[0], datetime) else str(values[-1]))
    for name in (column.name for table in db.Base.metadata.sorted_tables for column in table.columns):
        found.setdefault(name, OTHERWISE)
    for name, value in NAMES.items():
        found.add(name, value)
    return found


def known_words(rows: Mapping[str, list[Any]]) -> set[str]:
    """What looks random and was there before, so that it is no accident when it turns up somewhere else."""
    return {found for table in rows.values() for row in table for cell in row for found in RANDOM.findall(str(cell))}


def changes(before: Mapping[str, list[Any]], after: Mapping[str, list[Any]]) -> Changes:
    """Rows that went and rows that came, for each table."""
    found = {}
    for table, rows in after.items():
        went, came = [r for r in before[table] if r not in rows], [r for r in rows if r not in before[table]]
        if went or came:
            found[table] = went, came
    return found


def shape(row: Any, known: set[str]) -> list[str]:
    """A row without what is random or of this moment."""
    return [
        "moment" if isinstance(cell, datetime) else RANDOM.sub(lambda m: m[0] if m[0] in known else "…", str(cell))
        for cell in row
    ]


def same(one: Changes, other: Changes, known: set[str]) -> bool:
    """Whether two changes are the same, but for random keys and for moments less than a minute apart."""
    if one.keys() != other.keys():
        return False
    for table in one:
        for left, right in zip(one[table], other[table], strict=True):
            left, right = (sorted(rows, key=lambda row: shape(row, known)) for rows in (left, right))
            if [shape(row, known) for row in left] != [shape(row, known) for row in right]:
                return False
            for a, b in zip((c for r in left for c in r), (c for r in right for c in r), strict=True):
                if isinstance(a, datetime) and abs(a - b) > timedelta(minutes=1):
                    return False
    return True


class Trial:
    """A scene as it was kept, to which everything goes back before a form is sent."""

    def __init__(self, database: str, right: Mapping[str, Mapping[str, str | Callable[[], str]]]) -> None:
        self.path, self.right = str(make_url(database).database), right
        self.before = snapshot()
        self.known = known_words(self.before)
        self.extras = extras(self.before)
        self.kept = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.path)) as here:
            here.backup(self.kept)

    def send(self, form: Ready, more: MultiDict[str, str]) -> tuple[TestResponse, Changes]:
        """Send a form, with ``more`` in it and in its address; the answer, and what it did."""
        db.session.remove()
        with closing(sqlite3.connect(self.path)) as here:
            self.kept.backup(here)
        data, address = form.values.copy(), form.action
        if form.app:
            data["code"] = second_steps.code(form.app)
        if form.file:
            content = REGISTER if "leden" in form.action else GOOD["docx"] if "bijlagen" in form.action else PEOPLE
            data.setlist(form.file, [(io.BytesIO(content), "bestand.csv")])
        for name, value in self.right.get(form.endpoint, {}).items():
            data[name] = value() if callable(value) else value
        for name, values in more.lists():
            data.setlist(name, values)
        if more:
            address += ("&" if "?" in address else "?") + urlencode(list(more.items(multi=True)))
        browser = Browser(form.browser.site)
        for name in COOKIES:
            if cookie := form.browser.client.get_cookie(name):
                browser.client.set_cookie(name, cookie.value)
        answer = browser.post(address, data)
        return answer, changes(self.before, snapshot())

    def differs(self, form: Ready, own: frozenset[str]) -> tuple[TestResponse, str]:
        """The answer to a form as it is, and what is different when it comes with what it does not have."""
        more = MultiDict((name, value) for name, value in self.extras.items(multi=True) if name not in own)
        answer, done = self.send(form, MultiDict())
        other, also_done = self.send(form, more)
        if answer.status_code != other.status_code:
            return answer, f"{answer.status_code}, and with more {other.status_code}"
        if self._where(answer) != self._where(other):
            return answer, f"to {self._where(answer)}, and with more to {self._where(other)}"
        return answer, "" if same(done, also_done, self.known) else f"{done}\n  and with more {also_done}"

    def _where(self, answer: TestResponse) -> str:
        return shape([answer.headers.get("Location", "")], self.known)[0]


def walk(house: House, database: str, found: Iterable[tuple[Browser, str, TestResponse]]) -> set[str]:
    """Send every form of these pages, and of the pages that answer them, both ways; the endpoints that did as asked."""
    todo = [form for browser, path, answer in found for form in forms(house.site, browser, path, answer)]
    # A field that stands in some of the forms to an address only, belongs to all of them.
    own = {one.endpoint: frozenset[str]().union(*(o.own for o in todo if o.endpoint == one.endpoint)) for one in todo}
    trial, wrong = Trial(database, house.right), []
    taken: dict[tuple[Any, ...], int] = {}
    for form in todo:  # grows
        key = form.endpoint, form.button, frozenset(name.partition("-")[0] for name in form.own)
        if taken.get(key, 400) < 400:
            continue
        answer, difference = trial.differs(form, form.own | own.get(form.endpoint, frozenset()))
        if difference:
            wrong.append(f"{form.endpoint} {form.button or ''}: {difference}")
        taken[key] = answer.status_code
        if answer.status_code == 200:
            todo += forms(house.site, form.browser, form.action, answer)
    assert not wrong, "\n".join(wrong)
    return {endpoint for (endpoint, *_), status in taken.items() if 300 <= status < 400}


# --- The test


@pytest.mark.slow
def test_no_form_takes_more_than_its_own_fields(site: Site, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its body or in its address: the names of all columns, with values of other rows."""
    monkeypatch.setattr(choosing.secrets, "SystemRandom", lambda: random.Random(1))  # lots fall the same way twice
    monkeypatch.setattr(secret_views, "seal", lambda *_what: "A" * 200)  # a ballot is sealed the same twice
    house = House(site)
    taken = walk(house, database, house.pages())
    for one in house.scene.open:
        count(one, publish=False)
    chair = site.browser(house.scene.staff[Role.CHAIR])
    taken |= walk(house, database, [(chair, CONSOLE, chair.get(CONSOLE))])  # now that there is something to pronounce
    posts = {endpoint for endpoint, method in addresses(site.app) if method == "POST"}
    assert posts - taken == set(NOT_DONE)
