"""A site under test, browsers that use its real pages, and a scene with something on every page."""

import hmac
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config import Settings
from tests import factories
from tests.web.applications import app_of
from vng_alv import db
from vng_alv.accounts import service as accounts
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, Person
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import service as amendments
from vng_alv.amendments.service import SectionChange
from vng_alv.answering import service as answering
from vng_alv.audit.service import seal
from vng_alv.consultation import attachments
from vng_alv.consultation import service as consultation
from vng_alv.consultation.models import Attachment, Comment, Position
from vng_alv.consultation.queries import get_consultation
from vng_alv.domain.amendments import Wording
from vng_alv.domain.consultation import FileKind
from vng_alv.domain.motions import MotionText
from vng_alv.domain.permissions import Role
from vng_alv.domain.rulebook import RULES
from vng_alv.domain.submissions import SubmissionState
from vng_alv.meetings.models import Meeting
from vng_alv.members import importing
from vng_alv.members.models import Association, Member, OfficeKind
from vng_alv.members.rules import make_rule
from vng_alv.motions import service as motions
from vng_alv.motions.models import Motion
from vng_alv.notifications.models import Notice, NoticeKind, NoticeState
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.voting import service as rounds
from vng_alv.voting.cast import Cast, cast
from vng_alv.voting.models import Round
from vng_alv.voting.tally import tally

BASE = "http://localhost:8000"
TYPED = {"text", "email", "tel", "search", "password", "number", "date", "time", "url"}


@dataclass
class Form:
    """A form as it stands on a page: what a browser would send, and where a person may type."""

    action: str
    method: str
    values: MultiDict[str, Any] = field(default_factory=MultiDict)
    typed: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.found, self._form = path, [], None
        self._area: str | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._form = Form(a.get("action", self.path), a.get("method", "get").lower())
            self.found.append(self._form)
        form, name = self._form, a.get("name", "")
        if form is None:
            return
        if tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((a.get("value", ""), "selected" in a))
        elif tag == "textarea" and name:
            self._area = name
            form.typed.append(name)
            form.values.add(name, "")
        elif tag == "button" and name:
            form.buttons.append((name, a.get("value", "")))
        elif tag == "input" and name:
            self._input(form, name, a)

    def _input(self, form: Form, name: str, a: dict[str, str]) -> None:
        kind = a.get("type", "text")
        if kind == "file":
            form.files.append(name)
        elif kind in {"radio", "checkbox"}:
            if "checked" in a:
                form.values.add(name, a.get("value", "on"))
        else:
            form.values.add(name, a.get("value", ""))
            if kind in TYPED:
                form.typed.append(name)

    def handle_data(self, data: str) -> None:
        if self._area and self._form:
            self._form.values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area and self._form:
            self._form.values[self._area] = self._form.values[self._area].removeprefix("\n")
            self._area = None
        elif tag == "select" and self._select and self._form:
            chosen = [value for value, selected in self._options if selected] or [v for v, _ in self._options[:1]]
            if chosen:
                self._form.values.add(self._select, chosen[0])
            self._select = None


class Browser:
    """Somebody with cookies, who sends the forms of our pages."""

    def __init__(self, site: "Site", token: str = "") -> None:
        self.site, self.client = site, site.app.test_client()
        if token:
            self.client.set_cookie("alv", token)

    @property
    def token(self) -> str:
        """The session that this browser keeps."""
        cookie = self.client.get_cookie("alv")
        return cookie.value if cookie else ""

    def csrf(self) -> str:
        """The token that a form of this browser carries."""
        cookie = self.client.get_cookie("alv") or self.client.get_cookie("alv-form")
        if cookie is None:
            self.get("/over")
            cookie = self.client.get_cookie("alv-form")
        assert cookie is not None
        secret = self.site.settings.secret_key.encode()
        return hmac.digest(secret, b"csrf:" + cookie.value.encode(), "sha256").hex()

    def get(self, path: str, **options: Any) -> TestResponse:
        """One page."""
        return self.client.get(path, base_url=BASE, **options)

    def post(
        self, path: str, data: Mapping[str, Any] | None = None, *, headers: Mapping[str, str] | None = None
    ) -> TestResponse:
        """A form of ours, sent as a browser does."""
        values = data.copy() if isinstance(data, MultiDict) else MultiDict()
        for name, value in () if isinstance(data, MultiDict) else (data or {}).items():
            values.setlist(name, value if isinstance(value, list) else [value])
        values.setdefault("csrf_token", self.csrf())
        return self.client.post(path, base_url=BASE, data=values, headers={"Origin": BASE, **(headers or {})})

    def forms(self, path: str) -> list[Form]:
        """The forms on a page that change something, less those that every page has."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return [f for f in forms_of(answer, path) if f.method == "post" and f.action not in {"/uitloggen", "/taal"}]

    def submit(self, path: str, *, action: str | None = None, **typed: Any) -> TestResponse:
        """Fill in the (first) form of a page, or the one that goes to ``action``, and send it."""
        form = next(f for f in self.forms(path) if action is None or f.action.endswith(action))
        values = form.values.copy()
        for name, value in typed.items():
            values.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
        return self.post(form.action, values)


def forms_of(answer: TestResponse, path: str) -> list[Form]:
    """All forms of a page."""
    parser = _Forms(path)
    parser.feed(answer.text)
    return parser.found


class Site:
    """The application on the database of the test."""

    def __init__(self, settings: Settings, app: Flask | None = None) -> None:
        self.settings, self.app = settings, app or app_of(settings)

    def browser(self, person: Person | uuid.UUID | None = None) -> Browser:
        """A browser of somebody who is signed in, or of a guest."""
        if person is None:
            return Browser(self)
        with db.transaction():
            found = db.session.get_one(Person, person if isinstance(person, uuid.UUID) else person.id)
            return Browser(self, sessions.start(found, hours=1, device="test", entry=Entry.PASSWORD, factor=True))


def snapshot(*leave: str) -> dict[str, list[Any]]:
    """All rows of all tables, to see whether anything changed."""
    with db.transaction(write=False):
        return {
            table.name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
            for table in db.Base.metadata.sorted_tables
            if table.name not in leave
        }


@dataclass
class Scene:
    """Everything at once: one of each state of rounds, consultations, imports and notices."""

    members: list[Member]
    #: The clerk of each member, in the order of ``members``.
    clerks: list[Person]
    official: Person
    nobody: Person
    staff: dict[Role, Person]
    meeting: Meeting
    open: list[Round]
    published: Round
    counted: Round
    draft: Round
    receipts: list[str]
    comment: Comment
    #: Motions of the first member by state.
    motions: dict[SubmissionState, uuid.UUID]
    #: What stands for the parts of an address.
    address: dict[str, Any]

    def everybody(self) -> Iterator[tuple[str, Person | None]]:
        """Each kind of visitor by name: a guest, people of members, and one person for each role."""
        yield "guest", None
        yield "nobody", self.nobody
        yield "own", self.clerks[0]
        yield "other", self.clerks[1]
        yield "official", self.official
        for role, person in self.staff.items():
            yield role.value, person


MOTION = "# Een motie\n\nVerzoekt het bestuur iets te doen.\n"
REGISTER = b"code,naam,provincie,inwoners\nGM0001,Nieuwe naam,Utrecht,123000\nGM0900,Erbij,Zeeland,5000\n"


def _motion(meeting: Meeting, code: str) -> Round:
    made = factories.proposal(meeting, MOTION.replace("Een", code), code, ProposalKind.MOTION)
    return rounds.prepare(made, None)[0]


def vote(scene_or_world: Any, who: int, choices: Mapping[uuid.UUID, str]) -> Cast:
    """A cast by the holder of a member's mandate, as the web does it."""
    members = scene_or_world.members
    people = scene_or_world.clerks if isinstance(scene_or_world, Scene) else scene_or_world.delegates
    with db.transaction(write=False):
        actor = get_actor(people[who].id)
        return cast(scene_or_world.meeting.code, members[who].code, choices, uuid.uuid4(), actor)


def count(one: Round, *, publish: bool) -> None:
    """Close a round, count it and perhaps pronounce it."""
    with db.transaction():
        rounds.close([one.id], None)
        tally(one.id)
        if publish:
            rounds.publish([one.id], None)


def react(proposal: Proposal, member: Member, who: Person, *, send: bool, body: str = "Wij zijn het eens.") -> Comment:
    """A reaction of a member to the first section."""
    running = db.session.scalars(
        select(consultation.Consultation).where(consultation.Consultation.proposal_id == proposal.id)
    ).one()
    section = sections_of(running.version_id)[0]
    made = consultation.save_draft(running, member, section.section_id, body, Position.AGREE_IF, 0, get_actor(who.id))
    assert made is not None
    if send:
        consultation.send(running, member, get_actor(who.id))
    return made


def bring_motion(meeting: Meeting, member: Member, who: Person, state: SubmissionState) -> Motion:
    """A motion of a member, in two things to decide on: a draft, submitted (late), or adopted by acclamation."""
    words = MotionText(f"Motie {state.value} van {member.code}", requests=("dit te doen", "dat te melden"))
    made = motions.begin(meeting, member, words, "Toelichting", get_actor(who.id))
    if state is not SubmissionState.DRAFT:
        motions.submit(made, get_actor(who.id), late_reason="Het is actueel.")
    if state is SubmissionState.ADOPTED:
        submissions.move(made.submission, state, None)
    return made


def attach(proposal: Proposal, member: Member, who: Person, *, name: str = "brief.pdf") -> Attachment:
    """A file beside the reaction of a member, a draft, whatever is in it."""
    running = get_consultation(proposal.id)
    return attachments.add(running, member, name, f"%PDF- {member.code} {name}".encode(), FileKind.PDF,
                           get_actor(who.id))  # fmt: skip


def amend(
    proposal: Proposal, member: Member, who: Person, *, submit: bool, title: str = "Meer bouwen", body: str = "Anders."
) -> uuid.UUID:
    """An amendment of a member on the first section; the key of its submission."""
    version = published(proposal)
    assert version is not None
    first = sections_of(version.id)[0]
    wanted = [SectionChange(first.section_id, Wording(first.heading, body))]
    made = amendments.begin(proposal, member, title, "Daarom.", wanted, get_actor(who.id))
    if submit:
        amendments.submit(made, 1, get_actor(who.id))
    return made.submission_id


def scene() -> Scene:
    """Make it, in a few transactions."""
    with db.transaction():
        association: Association = factories.association()
        assert association.id == 1
        rule = make_rule("Benoemingen", RULES["double"], None)
        members = [factories.member(n, p) for n, p in enumerate((250_000, 40_500, 999), 1)]
        members.append(factories.member(4, 12_000, advisory=True))
        clerks = [factories.clerk(m) for m in members]
        official = factories.clerk(members[0], "ambtenaar", OfficeKind.OFFICIAL)
        nobody = factories.person("niemand", password=factories.PASSWORD)
        staff = {role: factories.person(role.value, roles=[role]) for role in Role}
        meeting = factories.meeting()
        for member, person in zip(members, clerks, strict=True):
            factories.meetings.give_mandate(meeting, member, person, None)
        over, running = factories.proposal(meeting), factories.proposal(meeting, code="R2")
        factories.proposals.give_advice(over, "Overnemen.", None)
        waiting = factories.proposals.create(meeting, "V1", ProposalKind.PROPOSAL, "Nog niet", None)
        factories.proposals.import_text(waiting, factories.proposals.read_text(MOTION.encode()), None)
        closed = consultation.open_consultation(over, db.now() + timedelta(hours=1), None)
        consultation.open_consultation(running, db.now() + timedelta(hours=1), None)
        comment = react(over, members[0], clerks[0], send=True)
        answering.answer_one(comment, "Dank u.", answering.seen_of(comment), get_actor(staff[Role.SECRETARIAT].id))
        consultation.set_deadline(closed, db.now(), get_actor(staff[Role.SECRETARIAT].id))
        react(running, members[0], clerks[0], send=False, body="Geheim concept van GM0001")
        file, section = attach(running, members[0], clerks[0]), sections_of(running.versions[0].id)[0].section_id
        early = react(running, members[1], clerks[1], send=True, body="Vroege reactie van GM0002")
        themes = [
            answering.group(get_consultation(running.id), [early.id], None, title, get_actor(staff[Role.RAPPORTEUR].id))
            for title in ("Wonen en water", "Geld")
        ]
        published_, counted, draft = (_motion(meeting, code) for code in ("M1", "M2", "M3"))
        opened = rounds.open_rounds([r.id for r in rounds.prepare(over, None)], None)
        rounds.open_rounds([published_.id, counted.id], None)
        kept, _, _ = importing.prepare(REGISTER, "leden.csv", None)
        assert kept is not None
        invited = factories.person("genodigde")
        token = accounts.invitation_token(accounts.invite(invited, None, days=14, secret="x" * 40).id, "x" * 40)
        notice = Notice(
            id=uuid.uuid4(), kind=NoticeKind.INVITATION, person_id=invited.id, context={"member": ""},
            state=NoticeState.FAILED, created_at=db.now(), next_attempt_at=db.now(), attempts=7, last_error="550 nee",
        )  # fmt: skip
        db.session.add(notice)
        brought = {
            state: bring_motion(meeting, members[0], clerks[0], state).submission_id
            for state in (SubmissionState.DRAFT, SubmissionState.SUBMITTED, SubmissionState.ADOPTED)
        }
        assert published(waiting) is None
        meeting.amendments_until = db.now() + timedelta(hours=1)
        submission = amend(running, members[0], clerks[0], submit=True)
        paper = factories.document(meeting, get_actor(staff[Role.SECRETARIAT].id))
    made = Scene(
        members, clerks, official, nobody, staff, meeting, opened, published_, counted, draft, [], comment, brought, {}
    )
    for one in (published_, counted):
        for who, choice in ((0, "for"), (1, "against"), (3, "against")):
            vote(made, who, {one.id: choice})
    made.receipts = [vote(made, who, {r.id: "against" for r in opened}).receipt for who in (0, 1, 3)]
    count(published_, publish=True)
    count(counted, publish=False)
    with db.transaction():
        seal()
    made.address = {
        "meeting_code": meeting.code, "proposal_code": "R2", "number": published_.number, "code": made.receipts[0],
        "token": token, "import_id": kept.id, "person_id": invited.id, "notice_id": notice.id,
        "comment_id": comment.id, "attachment_id": file.id, "section_key": section,
        "question_key": opened[0].section_id or over.id,
        "member_code": members[0].code, "key": "0-0",
        "passkey_id": uuid.uuid4(), "reset_id": uuid.uuid4(), "session_id": uuid.uuid4(), "name": "stad",
        "submission_id": submission, "section_number": "A1", "section_id": section, "theme_id": themes[0][0].id,
        "kind": "pdf", "answers": "kandidaten", "rule_id": rule.id, "document_id": paper.id,
        "item_id": meeting.agenda[1].id, "form": "xlsx", "program": "verify.py", "listed": "GM0001", "other": 999,
    }  # fmt: skip
    return made


def address_of(site: Site, endpoint: str, method: str, values: Mapping[str, Any]) -> str:
    """The address of an endpoint, with what the scene has for its parts."""
    rules = [r for r in site.app.url_map.iter_rules(endpoint) if method in (r.methods or ())]
    with site.app.test_request_context(base_url=BASE):
        built = rules[0].build({name: values[name] for name in rules[0].arguments}, append_unknown=False)
    assert built is not None
    return urlsplit(built[1]).path
