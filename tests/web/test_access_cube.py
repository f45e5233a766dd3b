"""Every address, for everybody, about their own member and another, signed in as surely as can be: one cube of answers.

What each cell answers follows from the tables (``test_access``, ``test_access_scopes``) and is compared with what the
site says. Whoever is refused changes nothing; what is allowed is undone, so that no cell depends on another.
"""

import json
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.crowd import Cell, Crowd
from tests.web.secret_scene import ADDRESSES as SECRET
from tests.web.site import Scene, Site, snapshot
from tests.web.test_access import ADDRESSES
from tests.web.test_access_scopes import SCOPES, Outcome
from vng_alv import db
from vng_alv.accounts.models import LoginSession

#: So many cells there are at least; fewer means that some were lost.
CELLS = {"sqlite": 12_000, "postgresql": 4_000}
#: What has nothing to show here: to whoever has no such link or no app, or about a service that is not set, a text of
#: one version, a vote that nobody disputes, one without a tie, a meeting without an archive, or a second vote.
NOTHING_HERE = {
    "single_sign_on.begin", "single_sign_on.back", "recovering.reset", "recovering.confirm_address",
    "factors.remove_app", "exports.compared_docx", "console.confirm_annul", "console.keep_after_all",
    "console.draw_lots", "closing.archive_file", "closing.archive_progress", "tables.differences",
}  # fmt: skip
#: What is let in here and refused for having no file: each file is read by a process, which takes too long for a cube.
BY_A_PROCESS = {("consultation.attachments", "POST")}
#: What leads to one's second steps by itself.
LEADS_TO_STEPS = {"steps.confirm", "factors.codes", "factors.remove_passkey", "factors.remove_app"}
#: Refusals that must not tell whether there is something.
SILENT = {Outcome.MISSING, Outcome.NO, Outcome.NOT_HOLDER}


def outcome(cell: Cell, answer: TestResponse) -> Outcome | str:
    """What an answer says; what no cell may answer comes as it is."""
    status, to = answer.status_code, answer.headers.get("Location", "")
    if status == 401 or (status == 303 and to.startswith("/inloggen?next=")):
        return Outcome.SIGN_IN
    if status == 303 and to.partition("?")[0] == "/account/tweede-stap" and cell.endpoint not in LEADS_TO_STEPS:
        return Outcome.ENROL
    if status == 303 and to.startswith("/bevestigen?next="):
        return Outcome.CONFIRM
    if status == 403:
        return Outcome.CONFIRM if "Bevestig dat u het bent" in answer.text else Outcome.NO
    if status == 404:
        return Outcome.IN if cell.endpoint in NOTHING_HERE else Outcome.MISSING
    if status == 422 and "stemkaart van deze gemeente niet" in answer.text:
        return Outcome.NOT_HOLDER
    if status == 422 and "U mag dit niet doen." in answer.text:
        return Outcome.NOT_ALLOWED
    # A link that is used up, and too many guesses, are answers of pages that everybody may open.
    fine = {200, 303, 409, 422, 410, 429} if ADDRESSES[cell.endpoint] == "public" else {200, 303, 409, 422}
    return Outcome.IN if status in fine else f"{status} {answer.text[:200]}"


def told(answer: TestResponse) -> str:
    """All that an answer tells, less what differs each time."""
    problem = {**json.loads(answer.text), "instance": ""} if answer.is_json else answer.text
    return f"{answer.status_code} {problem}"


def used() -> list[tuple[object, ...]]:
    """The sessions, but for when they were last used: a walk takes longer than the minutes after which that is kept."""
    with db.transaction(write=False):
        one = LoginSession
        rows = select(one.id, one.person_id, one.factor_at, one.ends_at).order_by(one.id)
        return [tuple(row) for row in db.session.execute(rows)]


def test_every_address_answers_everybody_as_the_tables_say(
    site: Site, scene: Scene, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it on SQLite; on PostgreSQL what names something of a member or a person, once a second step is there."""
    full = engine_name == "sqlite"
    crowd = Crowd(site, scene)
    wrong: list[str] = []
    seen: Counter[Outcome] = Counter()
    done: set[tuple[str, str]] = set()
    worked: set[str] = set()
    silent: dict[str, set[str]] = {}

    def walk(cells: list[Cell]) -> None:
        for cell in cells:
            answer = crowd.ask(cell)
            found = outcome(cell, answer)
            seen[cell.expected] += 1
            if found is Outcome.IN and answer.status_code in {200, 303}:
                worked.add(cell.endpoint)
            if found != cell.expected:
                wrong.append(f"{cell}: {found}, expected {cell.expected}")
            elif cell.what and found is Outcome.IN and answer.status_code in {200, 303, 409}:
                done.add((cell.endpoint, cell.method))
            elif cell.what and found in SILENT and cell.expected is found:
                silent.setdefault(str(replace(cell, what=None)), set()).add(f"{found} {told(answer)}")

    for has_factor in (False, True) if full else (True,):
        if has_factor:
            crowd.make_factors()
        cells = [cell for cell in crowd.cells(has_factor=has_factor) if full or cell.what]
        before = snapshot("login_session"), used()
        walk([cell for cell in cells if cell.expected is not Outcome.IN])
        changed = snapshot("login_session"), used()
        assert not wrong, f"{len(wrong)} of {seen.total()} cells:\n" + "\n".join(wrong[:60])
        assert changed == before
        with monkeypatch.context() as undone:
            undone.setattr(db, "commit", db.rollback)
            walk([cell for cell in cells if cell.expected is Outcome.IN])
    assert not wrong, f"{len(wrong)} of {seen.total()} cells:\n" + "\n".join(wrong[:60])
    assert not [f"{cell}: {said}" for cell, said in silent.items() if len(said) > 1]
    assert done == set(SCOPES) - BY_A_PROCESS
    assert not full or worked >= SECRET
    assert set(seen) == set(Outcome) - (set() if full else {Outcome.ENROL})
    print(seen.total(), seen)
    assert seen.total() >= CELLS[engine_name], seen
