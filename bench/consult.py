"""``./run bench consult [sqlite|postgresql]``: the screens of a consultation at its largest.

A text of 200 sections, 5,000 reactions of 342 municipalities and 300 amendments. Each page is asked for in this
process, without a server, as somebody who may see it: its server time (median and worst of the rounds, in ms, after
one that fills caches), the statements that it sends, and the bytes of its answer, as they are and compressed. The floor
is the page of what the site is (``/over``), measured in the same turns; ratios are what counts.
"""

import gc
import gzip
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, insert

from bench._site import SECRET, database
from config import Settings
from tests import factories
from tests.conftest import settings_for
from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, Person
from vng_alv.amendments.models import Amendment, AmendmentSection
from vng_alv.app import create_app
from vng_alv.consultation import service as consultation
from vng_alv.consultation.models import Comment, Position
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import SubmissionKind, SubmissionState
from vng_alv.members.models import Member, Office, OfficeKind
from vng_alv.proposals.models import Proposal, VersionSection
from vng_alv.proposals.queries import sections_of
from vng_alv.submissions.models import Submission

SECTIONS, MEMBERS, REACTIONS, AMENDMENTS = 200, 342, 5_000, 300
TURNS = 9
TEXT = "/vergaderingen/alv/stukken/R1"
FLOOR = "/over"
PAGES = {
    "guest": (FLOOR, TEXT, f"{TEXT}/onderdelen/A7", f"{TEXT}/amendementen", f"{TEXT}/reacties",
              f"{TEXT}?zoek=gemeenten"),
    "clerk": (f"{TEXT}/reageren",),
    "secretariat": (f"/secretariaat{TEXT}/verwerken", f"/secretariaat{TEXT}/matrix"),
}  # fmt: skip
WORDS = (
    "Gemeenten helpen inwoners dichtbij huis, met wonen, werk, zorg en een veilige straat, en krijgen daarvoor geld en "
    "ruimte om zelf te kiezen wat in hun dorp of stad het beste past."
)


def _text() -> str:
    parts = [
        f"### A{n}. Onderdeel {n}\n\n{WORDS} Dit is onderdeel {n}.\n\n- {WORDS}\n- Punt {n}.\n"
        for n in range(1, SECTIONS + 1)
    ]
    return "# Een groot besluit\n\n" + "\n".join(parts)


def prepare() -> dict[str, str]:
    """All of it in the database; the session of each kind of visitor."""
    with db.transaction():
        factories.association()
        members = [factories.member(n, 1_000 * n, province=f"Provincie {n % 12}") for n in range(1, MEMBERS + 1)]
        now = db.now()
        people = [
            Person(id=uuid.uuid4(), email=f"p{m.code.lower()}@test.example", name=f"Griffier {m.name}", created_at=now)
            for m in members
        ]
        db.session.add_all(people)
        db.session.flush()
        offices = [
            {"id": uuid.uuid4(), "person_id": p.id, "member_id": m.id, "kind": OfficeKind.CLERK}
            for m, p in zip(members, people, strict=True)
        ]
        db.session.execute(insert(Office), offices)
        proposal = factories.proposal(factories.meeting(), _text())
        running = consultation.open_consultation(proposal, now + timedelta(days=9), None)
        sections = list(sections_of(running.version_id))
        db.session.execute(insert(Comment), list(_comments(running.id, members, people, sections)))
        _amend(proposal, running.version_id, members, people, sections)
        running.closes_at = db.now()
        staff = factories.person("secretariaat", roles=[Role.SECRETARIAT])
        return {
            kind: sessions.start(person, hours=1, device="bench", entry=Entry.DEMO, factor=True)
            for kind, person in (("clerk", people[0]), ("secretariat", staff))
        }


def _comments(
    running: uuid.UUID, members: list[Member], people: list[Person], sections: list[VersionSection]
) -> Iterator[dict[str, Any]]:
    stands, now = list(Position), db.now()
    for n in range(REACTIONS):
        who, at = n % MEMBERS, (n // MEMBERS * 13 + n) % SECTIONS
        body, stand = f"{WORDS} Reactie {n}.", stands[n % 3]
        yield {
            "id": uuid.uuid4(), "consultation_id": running, "member_id": members[who].id,
            "section_id": sections[at].section_id, "body": body, "position": stand, "sent_body": body,
            "sent_position": stand, "revision": 1, "author_id": people[who].id, "saved_at": now, "sent_at": now,
        }  # fmt: skip


def _amend(
    proposal: Proposal, version: uuid.UUID, members: list[Member], people: list[Person], sections: list[VersionSection]
) -> None:
    now = db.now()
    keys = [uuid.uuid4() for _ in range(AMENDMENTS)]
    submissions = [
        {
            "id": key, "meeting_id": proposal.meeting_id, "kind": SubmissionKind.AMENDMENT,
            "member_id": members[n % MEMBERS].id, "number": n + 1, "title": f"Amendement {n + 1}", "reason": WORDS,
            "state": SubmissionState.SUBMITTED, "revision": 1, "author_id": people[n % MEMBERS].id, "created_at": now,
            "saved_at": now, "submitted_at": now, "late_reason": "", "closing_note": "",
        }
        for n, key in enumerate(keys)
    ]  # fmt: skip
    db.session.execute(insert(Submission), submissions)
    db.session.execute(
        insert(Amendment),
        [{"submission_id": key, "proposal_id": proposal.id, "version_id": version, "misfits": []} for key in keys],
    )
    changed = [
        {
            "amendment_id": key, "section_id": sections[n % SECTIONS].section_id,
            "heading": sections[n % SECTIONS].heading, "removed": False,
            "body": sections[n % SECTIONS].body.replace("ruimte", f"meer ruimte en {n} kansen"),
        }
        for n, key in enumerate(keys)
    ]  # fmt: skip
    db.session.execute(insert(AmendmentSection), changed)


@contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that are sent inside."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    yield sent
    event.remove(db.engine(), "before_cursor_execute", note)


def measure(client: FlaskClient, path: str) -> dict[str, float]:
    """One answer: milliseconds, statements, bytes."""
    with counting() as sent:
        began = time.perf_counter()
        answer = client.get(path)
        body = answer.get_data()
        took = 1_000 * (time.perf_counter() - began)
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status}")
    return {"ms": took, "statements": len(sent), "bytes": len(body), "gzip": len(gzip.compress(body, 6))}


def main() -> None:
    """Measure, and print the table and one line of JSON."""
    engine = sys.argv[1] if len(sys.argv) > 1 else "postgresql"
    with database(engine) as url, tempfile.TemporaryDirectory(prefix="alv") as folder:
        settings: Settings = settings_for(url, Path(folder), secret_key=SECRET)
        tokens = prepare()
        gc.collect()
        gc.freeze()  # what the preparation left in memory is not the site's to walk through
        app = create_app(settings)
        found: dict[str, list[dict[str, float]]] = {}
        for turn in range(TURNS + 1):
            for kind, paths in PAGES.items():
                client = app.test_client()
                if kind in tokens:
                    client.set_cookie("__Host-alv" if settings.base_url.startswith("https") else "alv", tokens[kind])
                for path in paths:
                    one = measure(client, path)
                    if turn:  # the first one fills the caches
                        found.setdefault(path, []).append(one)
    floor = statistics.median(one["ms"] for one in found[FLOOR])
    table = {}
    for path, ones in found.items():
        times = [one["ms"] for one in ones]
        table[path] = {
            "ms": round(statistics.median(times), 1), "worst": round(max(times), 1),
            "times floor": round(statistics.median(times) / floor, 1),
            **{key: int(ones[-1][key]) for key in ("statements", "bytes", "gzip")},
        }  # fmt: skip
        print(f"{path:55} {table[path]}")
    print(json.dumps({"bench": "consult", "engine": engine, "pages": table}))


if __name__ == "__main__":
    main()
