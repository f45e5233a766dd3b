"""The number of statements of the pages of amendments does not grow with them."""

import uuid

import pytest
from sqlalchemy import insert, select

from tests.web.site import Browser, Scene, Site
from tests.web.test_amendments import LIST, draft, words_of
from tests.web.test_queries import MOST, counting
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments.models import Amendment, AmendmentSection
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import CoAnswer, SubmissionKind, SubmissionState
from vng_alv.members.models import Member
from vng_alv.proposals.queries import get_proposal, published, sections_of
from vng_alv.submissions.models import CoSubmitter, Submission

# --- How much it asks of the database


def crowd(scene: Scene, number: int) -> None:
    """So many amendments that were submitted, each with a co-submitter, on both sections in turn."""
    with db.transaction():
        proposal = get_proposal(scene.meeting.id, "R2")
        version = published(proposal)
        assert version is not None
        parts, now = sections_of(version.id), db.now()
        members = [m.id for m in db.session.scalars(select(Member)).all()]
        keys = [uuid.uuid4() for _ in range(number)]
        actor = get_actor(scene.clerks[0].id)
        db.session.execute(
            insert(Submission),
            [
                {"id": key, "meeting_id": scene.meeting.id, "kind": SubmissionKind.AMENDMENT, "member_id": members[0],
                 "number": n + 100, "title": f"Nummer {n}", "reason": "", "state": SubmissionState.SUBMITTED,
                 "revision": 1, "author_id": actor.id, "created_at": now, "saved_at": now, "submitted_at": now,
                 "late_reason": "", "closing_note": ""}
                for n, key in enumerate(keys)
            ],
        )  # fmt: skip
        db.session.execute(
            insert(Amendment),
            [{"submission_id": k, "proposal_id": proposal.id, "version_id": version.id, "misfits": []} for k in keys],
        )
        db.session.execute(
            insert(AmendmentSection),
            [
                {"amendment_id": k, "section_id": parts[n % 2].section_id, "heading": "Kop", "body": f"Tekst {n}.",
                 "removed": False}
                for n, k in enumerate(keys)
            ],
        )  # fmt: skip
        db.session.execute(
            insert(CoSubmitter),
            [
                {"submission_id": k, "member_id": members[1], "answer": CoAnswer.JOINED, "asked_at": now,
                 "asked_by": actor.id}
                for k in keys
            ],
        )  # fmt: skip


def test_no_page_asks_more_of_the_database_for_300_amendments(
    site: Site, scene: Scene, sections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, hidden = draft(scene, submit=True), draft(scene)
    guest, clerk = site.browser(), site.browser(scene.clerks[0])
    staff = site.browser(scene.staff[Role.SECRETARIAT])
    words = {"title": "T", f"kop-{sections[0]}": "Wonen", f"tekst-{sections[0]}": "Wij slopen."}

    def visits() -> dict[str, int]:
        found: dict[str, int] = {}

        def look(name: str, browser: Browser, address: str, data: dict[str, str] | None = None) -> None:
            with counting(monkeypatch) as sent:
                answer = browser.post(address, data) if data else browser.get(address)
            assert answer.status_code == 200, name
            found[name] = len(sent)

        look("list", guest, LIST)
        look("own list", clerk, LIST)
        look("one", guest, path)
        look("own", clerk, path)
        look("edit", clerk, f"{hidden}/bewerken")
        look("preview", clerk, f"{hidden}/bekijken", words)
        look("submit", clerk, f"{hidden}/indienen")
        look("advice", staff, "/secretariaat/vergaderingen/alv/preadviezen")
        look("home", clerk, "/")
        return found

    few = visits()
    crowd(scene, 300)
    many = visits()
    assert {name: number for name, number in many.items() if number > few[name]} == {}
    assert max(many.values()) <= MOST
    assert "Raakt dezelfde woorden als AM100 van Gemeente 1" in words_of(guest.get(path).text)
