"""What nobody sent, submitted or published is read by nobody else: words that must not come out, and who finds them."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pprint import pformat
from typing import Any

import pypdf
import pytest
from sqlalchemy import select

from tests.web.site import Browser, Scene, Site, address_of, amend, attach
from tests.web.test_access import addresses
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import merging
from vng_alv.amendments import service as amendments
from vng_alv.amendments.service import SectionChange
from vng_alv.answering import service as answering
from vng_alv.audit.models import AuditEntry
from vng_alv.consultation import service as consultation
from vng_alv.consultation.queries import comments_of, get_consultation
from vng_alv.domain.amendments import Wording
from vng_alv.domain.answering import Outcome
from vng_alv.domain.ballots import Choice
from vng_alv.domain.motions import Group, MotionText
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.exports import views as exports
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member
from vng_alv.motions import service as motions
from vng_alv.notifications.models import Notice
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.proposals.queries import get_proposal, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.voting.notices import composer
from vng_alv.voting.preparing import Preparer

#: Stands in every secret, and is looked for on the pages that search.
COMMON = "zwijgplicht"
#: What pages are asked with, besides nothing: to search, and for another state or version, or for the member.
QUERIES = ("", f"?zoek={COMMON}&stand=open", "?gemeente=GM0001&staat=draft&versie=2&van=1&naar=2")
#: What of a member the secretariat reads: what was sent, before the deadline too.
READ_BY_STAFF = {"sent file", "sent reaction"}


@dataclass
class Secrets:
    """Words by what they stand in, and the things that have them."""

    #: Of the first member: what its people write.
    of_member: dict[str, str] = field(default_factory=dict)
    #: Of the association: what its people prepare.
    of_staff: dict[str, str] = field(default_factory=dict)
    #: What stands for the parts of an address, in each of the ways that leads to something.
    ways: list[dict[str, Any]] = field(default_factory=list)

    def of(self, where: str, words: dict[str, str]) -> str:
        """A secret to put somewhere."""
        words[where] = f"ZWIJG{len(self.of_member) + len(self.of_staff):02d}X"
        return f"{COMMON} {words[where]}"

    def mine(self, where: str) -> str:
        """One of the member."""
        return self.of(where, self.of_member)

    def ours(self, where: str) -> str:
        """One of the association."""
        return self.of(where, self.of_staff)


@pytest.fixture
def secrets(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """A secret wherever something waits, in the things of the first member and of the association."""
    monkeypatch.setattr(exports, "KEEP", 0)
    kept = Secrets()
    with db.transaction():
        member, other = (db.session.merge(one) for one in scene.members[:2])
        clerk, staff = get_actor(scene.clerks[0].id), get_actor(scene.staff[Role.SECRETARIAT].id)
        meeting, running = db.session.merge(scene.meeting), get_proposal(scene.meeting.id, "R2")
        files = _reactions(kept, running, member, clerk)
        theme = _themes(kept, running, other, staff)
        texts = _amendments(kept, running, member, clerk, staff)
        motion = _motion(kept, meeting, member, clerk)
        question = _intended(kept, meeting, member, clerk)
        for key in (texts["submitted"], scene.motions[SubmissionState.SUBMITTED]):
            _advice(kept, key, staff)
        _preparing(kept, running)
    usual = {**scene.address, "theme_id": theme, "submission_id": texts["draft"]}
    kept.ways = [
        usual,
        *({**usual, "attachment_id": file} for file in files),
        *({**usual, "submission_id": key} for key in (texts["submitted"], motion, *scene.motions.values())),
        {**usual, "question_key": question},
        *({**usual, "proposal_code": code} for code in ("R1", "V2")),
        *({**usual, "kind": kind} for kind in ("docx", "xlsx")),
    ]
    return kept


def _person(actor: Actor) -> Person:
    return db.session.get_one(Person, actor.id)


def _reactions(kept: Secrets, running: Proposal, member: Member, clerk: Actor) -> list[uuid.UUID]:
    """A reaction that was sent before the deadline, with another in its place, one that was never sent, and files."""
    asked, second = get_consultation(running.id), sections_of(running.versions[0].id)[1].section_id

    def save(section: uuid.UUID | None, words: str) -> None:
        known = comments_of(asked.id, member.id).get(section)
        consultation.save_draft(asked, member, section, words, None, known.revision if known else 0, clerk)

    sent = attach(running, member, _person(clerk), name=kept.mine("sent file") + ".pdf")
    save(second, kept.mine("sent reaction"))
    consultation.send(asked, member, clerk)
    save(second, kept.mine("reaction in the place of another"))
    save(None, kept.mine("reaction that was never sent"))
    draft = attach(running, member, _person(clerk), name=kept.mine("file that was not sent") + ".pdf")
    return [sent.id, draft.id]


def _themes(kept: Secrets, running: Proposal, other: Member, staff: Actor) -> uuid.UUID:
    """A theme with its answer, while the consultation is open."""
    asked = get_consultation(running.id)
    early = next(one for one in comments_of(asked.id, other.id).values() if one.sent_at)
    theme, _new = answering.group(asked, [early.id], None, kept.ours("theme"), staff)
    words = kept.ours("answer to a theme")
    answering.save_theme(theme, theme.title, words, Outcome.ADOPTED, theme.revision, staff)
    answering.answer_one(early, kept.ours("answer to one reaction"), answering.seen_of(early), staff)
    return theme.id


def _amendments(kept: Secrets, running: Proposal, member: Member, clerk: Actor, staff: Actor) -> dict[str, uuid.UUID]:
    """A draft, one that was submitted, and one that is being put into the text."""
    first, second = sections_of(running.versions[0].id)[:2]
    wanted = [
        SectionChange(first.section_id, Wording(kept.mine("heading"), kept.mine("words of an amendment"))),
        SectionChange(None, Wording(kept.mine("new heading"), kept.mine("new section")), second.section_id),
    ]
    draft = amendments.begin(running, member, kept.mine("title"), kept.mine("reason"), wanted, clerk)
    submitted = amend(running, member, _person(clerk), submit=True, title="Openbaar")
    taken = amend(running, member, _person(clerk), submit=True, title="Erin")
    submissions.move(db.session.get_one(Submission, taken), SubmissionState.TAKEN_OVER, staff)
    merge = merging.start(running, [taken], staff)
    own = Wording(first.heading, kept.ours("words at the workbench"))
    merging.save(merge, first.section_id, {}, own, 0, staff)
    return {"draft": draft.submission_id, "submitted": submitted}


def _motion(kept: Secrets, meeting: Meeting, member: Member, clerk: Actor) -> uuid.UUID:
    """A draft."""
    items = {group.value: (kept.mine(f"motion: {group.value}"),) for group in Group}
    words = MotionText(kept.mine("motion: title"), **items)
    return motions.begin(meeting, member, words, kept.mine("motion: reason"), clerk).submission_id


def _intended(kept: Secrets, meeting: Meeting, member: Member, clerk: Actor) -> uuid.UUID:
    """What the member intends to vote, on each question that is open or in draft; on one of them with what stood there
    before, whose key it is."""
    preparer = Preparer(meeting, member, clerk)
    keys = [key for key, asked in preparer.asked.items() if asked.closed is None]
    for n, key in enumerate(keys):
        preparer.save(key, Choice.AGAINST, kept.mine(f"intended vote {n}"), 0)
    preparer.save(keys[0], None, kept.mine("intended vote in the place of another"), 1)
    return keys[0]


def _advice(kept: Secrets, key: uuid.UUID, staff: Actor) -> None:
    """Advice of which the second version is not published."""
    about = db.session.get_one(Submission, key)
    submissions.advise(about, AdviceKind.HOLD_OVER, "Wacht er even mee.", staff)
    submissions.publish_advice(about, 1, staff)
    submissions.advise(about, AdviceKind.TAKE_OVER, kept.ours(f"advice on {about.kind.value}"), staff)


def _preparing(kept: Secrets, running: Proposal) -> None:
    """The next version of a text, in preparation, and a text of which nothing was published."""
    title, heading, body = (kept.ours(f"version in preparation: {part}") for part in ("title", "heading", "body"))
    proposals.import_text(running, proposals.read_text(f"# {title}\n\n## {heading}\n\n{body}\n".encode()), None)
    waiting = proposals.create(running.meeting, "V2", ProposalKind.PROPOSAL, kept.ours("title of a new text"), None)
    proposals.import_text(waiting, proposals.read_text(f"# {waiting.title}\n\n{kept.ours('new text')}".encode()), None)


def words_of(data: bytes) -> str:
    """All that a file says, whatever it is packed in."""
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return "\n".join(f"{name} {words_of(packed.read(name))}" for name in packed.namelist())
    if data[:5] == b"%PDF-" and data.rstrip().endswith(b"%%EOF"):
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    return data.decode("utf-8", "replace")


def paths(site: Site, ways: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every address that shows something, in each way, plain and with what can be asked of it."""
    plain = set()
    for endpoint, method in addresses(site.app):
        for way in ways if method == "GET" else ():
            with suppress(ValueError):  # a kind of file that this one is not made as
                plain.add(address_of(site, endpoint, method, way))
    return [path + query for path in sorted(plain) for query in QUERIES if not query or "." not in path[-5:]]


def found(browser: Browser, walk: Iterable[str], words: Mapping[str, str]) -> dict[str, set[str]]:
    """Where each of these words came out, by what it stands in."""
    out: dict[str, set[str]] = {}
    for path in walk:
        answer = browser.get(path)
        assert answer.status_code < 500, path
        said = (words_of(answer.data) + str(answer.headers)).upper()
        for where, word in words.items():
            if word in said:
                out.setdefault(where, set()).add(path)
    return out


def test_what_was_not_sent_submitted_or_published_comes_out_nowhere(
    site: Site, scene: Scene, secrets: Secrets, capfd: pytest.CaptureFixture[str]
) -> None:
    """To the public and to other municipalities nothing; to each side what is its own, so that it is a real walk."""
    every = {**secrets.of_member, **secrets.of_staff}
    walk = paths(site, secrets.ways)
    for person in (None, scene.clerks[2]):
        out = found(site.browser(person), walk, every)
        assert not out, pformat(out)
    assert found(site.browser(scene.clerks[0]), walk, every).keys() == secrets.of_member.keys()
    staff = found(site.browser(scene.staff[Role.SECRETARIAT]), walk, every)
    assert staff.keys() == secrets.of_staff.keys() | READ_BY_STAFF
    assert COMMON not in "".join(capfd.readouterr()), "no word of it is in the technical log"


def test_logbook_and_mail_tell_nothing_of_a_draft(site: Site, scene: Scene, secrets: Secrets) -> None:
    """The logbook names what was done, never the words of a member; mail goes to others without them."""
    unsent = {where: word for where, word in secrets.of_member.items() if where not in READ_BY_STAFF}
    own = {scene.clerks[0].id, scene.official.id}
    with db.transaction(write=False):
        logged = [f"{entry.act} {json.dumps(entry.data)}" for entry in db.session.scalars(select(AuditEntry))]
        compose = composer(site.settings.base_url, site.settings.mail_from, site.settings.secret_key)
        notices = db.session.scalars(select(Notice)).all()
        mails = [compose(one, one.person).as_string() for one in notices if one.person_id not in own]
    assert len(logged) > 50
    assert len(mails) > 10
    assert not [(where, one) for one in logged for where, word in unsent.items() if word in one]
    every = {**secrets.of_member, **secrets.of_staff}
    assert not [(where, one) for one in mails for where, word in every.items() if word in one]
