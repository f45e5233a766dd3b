"""Many people at many things of several municipalities, each signed in as surely as can be, and what they ask."""

import hmac
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import factories
from tests.web.asked_about import AMENDMENTS, BY_QUERY, BY_STAFF, MOTIONS
from tests.web.held_scene import held
from tests.web.secret_scene import ADDRESSES as SECRET
from tests.web.secret_scene import secret_rounds
from tests.web.site import BASE, Scene, Site, address_of, amend, attach, bring_motion, react
from tests.web.test_access import ADDRESSES, EVERYBODY, MAY, addresses
from tests.web.test_access_scopes import SCOPES, Level, Outcome, Thing, Visitor, expected, oneself
from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, FactorReset, LoginSession, Passkey, Person
from vng_alv.accounts.queries import get_actor, token_hash
from vng_alv.amendments import merging
from vng_alv.amendments import service as amendments
from vng_alv.amendments.models import Amendment
from vng_alv.consultation.models import Comment
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.meetings.service import give_mandate, give_proxy
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association
from vng_alv.members.service import give_office
from vng_alv.notifications.models import Notice, NoticeKind, NoticeState
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import get_proposal, sections_of
from vng_alv.secretariat import people_import
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.voting.cast import cast

OWN, OTHER, LENT, NONE = "GM0001", "GM0002", "GM0003", "GM9999"
PEOPLE = b"gemeentecode,naam,e-mail,functie\nGM0001,Nieuw,nieuw@gm0001.example,griffier\n"


@dataclass(frozen=True)
class Cell:
    """One question to the site."""

    endpoint: str
    method: str
    who: Visitor
    level: Level
    what: Thing | None

    @property
    def expected(self) -> Outcome:
        """What the tables say."""
        return expected(self.endpoint, self.method, self.who, self.level, self.what)

    def __str__(self) -> str:
        about = f" ({self.what.name})" if self.what else ""
        return f"{self.method} {self.endpoint}{about} by {self.who.name}, {self.level}"


class Crowd:
    """The scene with more people in it, each of them signed in as surely as each level says."""

    def __init__(self, site: Site, scene: Scene) -> None:
        self.site, self.scene = site, scene
        self.client = FlaskClient(site.app, site.app.response_class, use_cookies=False)
        self.secret = secret_rounds(scene)
        held(scene, scene.draft.number, self.secret.draft)
        with db.transaction():
            self._people()
            self._things()
        with db.transaction():
            self.tokens = {(v.name, level): self._sign_in(v, level) for v in self.visitors for level in Level}
            self.sessions = {key: self._session(token).id for key, token in self.tokens.items()}
            db.session.get_one(Person, self.gone_id).active = False
        self.passkeys: dict[uuid.UUID | None, uuid.UUID] = {}
        with db.transaction(write=False):
            choices = {one.id: "for" for one in scene.open}
            done = cast(scene.meeting.code, LENT, choices, uuid.uuid4(), get_actor(self.delegate_id))
        codes = {OWN: scene.receipts[0], OTHER: scene.receipts[1], LENT: done.receipt, NONE: "2222-2222-2222-2222"}
        for member, values in self.values.items():
            values["code"] = codes[member]
        self._paths: dict[tuple[str, str, str], str] = {}

    def _people(self) -> None:
        scene, merge = self.scene, db.session.merge
        get_association().proxies_per_member = 2
        members, meeting = [merge(member) for member in scene.members], merge(scene.meeting)
        aldermen = [factories.clerk(m, f"wethouder{n}", OfficeKind.ALDERMAN) for n, m in enumerate(members[:3])]
        more = [factories.clerk(m, f"ambtenaar{n}", OfficeKind.OFFICIAL) for n, m in enumerate(members[1:3])]
        secretary = factories.clerk(members[0], "secretaris", OfficeKind.SECRETARY)
        self.officials, self.aldermen = [merge(scene.official), *more], aldermen
        both = factories.person("ambtenaar-voorzitter", roles=[Role.CHAIR])
        give_office(both, members[0], OfficeKind.OFFICIAL, None)
        helper = factories.person("griffier-auditor", roles=[Role.AUDITOR])
        give_office(helper, members[1], OfficeKind.CLERK, None)
        gone = factories.clerk(members[0], "weg")
        give_mandate(meeting, members[0], aldermen[0], None)
        give_mandate(meeting, members[1], aldermen[1], None)
        give_proxy(meeting, members[2], members[0], None)
        everybody, clerk = frozenset(EVERYBODY), OfficeKind.CLERK
        self.gone_id, self.delegate_id = gone.id, aldermen[0].id
        alderman, official = OfficeKind.ALDERMAN, OfficeKind.OFFICIAL
        self.visitors = [
            Visitor("no office", scene.nobody.id, everybody, {}),
            Visitor("delegate", aldermen[0].id, everybody, {OWN: alderman}, frozenset({OWN, LENT})),
            Visitor("other delegate", aldermen[1].id, everybody, {OTHER: alderman}, frozenset({OTHER})),
            Visitor("official", scene.official.id, everybody, {OWN: official}),
            Visitor("clerk", scene.clerks[0].id, everybody, {OWN: clerk}),
            Visitor("secretary", secretary.id, everybody, {OWN: OfficeKind.SECRETARY}),
            Visitor("other clerk", scene.clerks[1].id, everybody, {OTHER: clerk}),
            Visitor("clerk that lent", scene.clerks[2].id, everybody, {LENT: clerk}),
            Visitor("official and chair", both.id, frozenset(MAY[Role.CHAIR]), {OWN: official}),
            Visitor("clerk and auditor", helper.id, frozenset(MAY[Role.AUDITOR]), {OTHER: clerk}),
            Visitor("out of use", gone.id, everybody, {OWN: clerk}, signed_in=False),
            *(Visitor(role.value, scene.staff[role].id, frozenset(MAY[role]), {}) for role in Role),
        ]
        self.guest = Visitor("guest", None, frozenset(), {}, signed_in=False)

    def _things(self) -> None:
        """What stands for the parts of an address, about each member: its own people, comment, reset and notice."""
        scene, now = self.scene, db.now()
        running = get_proposal(scene.meeting.id, "R2")
        react(running, db.session.merge(scene.members[2]), db.session.merge(scene.clerks[2]), send=True)
        files = {
            m.code: attach(running, db.session.merge(m), db.session.merge(who), name="nota.pdf").id
            for m, who in zip(scene.members, scene.clerks, strict=True)
        }
        comments = {
            OWN: scene.comment.id,
            **{
                member: db.session.scalars(
                    select(Comment.id).where(Comment.member_id == scene.members[n].id, Comment.sent_at.is_not(None))
                ).one()
                for n, member in ((1, OTHER), (2, LENT))
            },
        }
        kept, _ = people_import.prepare(PEOPLE, "mensen.csv", None)
        assert kept is not None
        meeting = db.session.merge(scene.meeting)
        self.motions = {
            (m.code, state): bring_motion(meeting, db.session.merge(m), db.session.merge(who), state).submission_id
            for m, who in zip(scene.members[:3], scene.clerks, strict=False)
            for state in (SubmissionState.DRAFT, SubmissionState.SUBMITTED, SubmissionState.ADOPTED)
        }
        self._amendments(running)
        self.values: dict[str, dict[str, Any]] = {}
        self.holders = {member: str(person.id) for member, person in zip(comments, self.aldermen, strict=True)}
        for member, person in zip(comments, self.officials, strict=True):
            reset = FactorReset(
                id=uuid.uuid4(), person_id=uuid.UUID(self.holders[member]), asked_by=scene.nobody.id, asked_at=now,
                reason="kwijt",
            )  # fmt: skip
            notice = Notice(
                id=uuid.uuid4(), kind=NoticeKind.INVITATION, person_id=person.id, context={"member": ""},
                state=NoticeState.FAILED, created_at=now, next_attempt_at=now, attempts=7, last_error="550 nee",
            )  # fmt: skip
            db.session.add_all([reset, notice])
            self.values[member] = {
                "attachment_id": files[member],
                "member_code": member, "person_id": person.id, "comment_id": comments[member],
                "reset_id": reset.id, "notice_id": notice.id, "people": kept.id,
            }  # fmt: skip
        self.values[NONE] = {
            "member_code": NONE,
            **{name: uuid.uuid4() for name in ("person_id", "comment_id", "reset_id", "notice_id", "attachment_id")},
        }

    def _amendments(self, running: Proposal) -> None:
        """Of each member a draft that came too late and was offered, one that does not fit the text, one that was
        submitted to a meeting that is still to come, and a draft of GM0004 that only this member was asked to submit
        along; and one of GM0004 that is being put into the text."""
        members = [db.session.merge(member) for member in self.scene.members]
        later = factories.proposal(factories.meeting("later"))
        later.meeting.amendments_until = db.now() + timedelta(hours=1)
        self.amendments: dict[tuple[str, str], uuid.UUID] = {}
        staff = get_actor(self.scene.staff[Role.SECRETARIAT].id)
        for member, person in zip(members[:3], self.scene.clerks, strict=False):
            asked = amend(running, members[3], self.scene.clerks[3], submit=False)
            submissions.ask_along(db.session.get_one(Submission, asked), [member], get_actor(self.scene.clerks[3].id))
            submitted = amend(later, member, person, submit=True)
            submissions.advise(db.session.get_one(Submission, submitted), AdviceKind.TAKE_OVER, "", staff)
            self.amendments |= {
                (member.code, "draft"): amend(running, member, person, submit=False),
                (member.code, "submitted"): submitted,
                (member.code, "misfit"): self._misfit(running, member, person),
                (member.code, "unfit"): self._misfit(later, member, person, submit=True),
                (member.code, "asked"): asked,
            }
        sections = [s for one in (running, later) for s in sections_of(one.versions[0].id)]
        self.gone = {f"{name}-{s.section_id}": "1" for s in sections for name in ("tekst", "schrap")}
        taken = amend(running, members[3], self.scene.clerks[3], submit=True)
        submissions.move(db.session.get_one(Submission, taken), SubmissionState.TAKEN_OVER, staff)
        merging.start(running, [taken], staff)
        running.meeting.amendments_until = db.now() - timedelta(hours=1)
        for member, person in zip(members[:3], self.scene.clerks, strict=False):
            late = db.session.get_one(Amendment, self.amendments[member.code, "draft"])
            amendments.offer_late(late, "Stroomstoring", get_actor(person.id))

    def _misfit(self, text: Proposal, member: Member, person: Person, *, submit: bool = False) -> uuid.UUID:
        """An amendment on a section that, as it were, was another one when it was written; a draft or submitted."""
        made = db.session.get_one(Amendment, amend(text, member, person, submit=submit))
        made.misfits = [[str(row.section_id), str(made.version_id)] for row in made.sections]
        if not submit:
            self.struck = {f"wat-{row.section_id}": "schrap" for row in made.sections}
        return made.submission_id

    def _sign_in(self, who: Visitor, level: Level) -> str:
        person = db.session.get_one(Person, who.person_id)
        token = sessions.start(person, hours=1, device="test", entry=Entry.PASSWORD, factor=True)
        if level in {Level.PASSWORD, Level.ONE}:
            self._session(token).factor_at = None
        elif level in {Level.VOUCHED_BEFORE, Level.STALE}:
            self._session(token).factor_at = db.now() - timedelta(minutes=15, seconds=1)
        return token

    def _session(self, token: str) -> LoginSession:
        return db.session.get_one(LoginSession, token_hash(token))

    def make_factors(self) -> None:
        """Give everybody a second step."""
        with db.transaction():
            for visitor in self.visitors:
                passkey = Passkey(
                    id=uuid.uuid4(), credential_id=uuid.uuid4().hex, person_id=visitor.person_id, public_key=b"x",
                    sign_count=0, name="sleutel", created_at=db.now(),
                )  # fmt: skip
                db.session.add(passkey)
                self.passkeys[visitor.person_id] = passkey.id

    # --- The cells

    def cells(self, *, has_factor: bool) -> Iterator[Cell]:
        """All that can be asked by people with, or without, a second step, the least sure first.

        Whoever is let in is not asked to show more: what opens to a level opens to those above it. Who lacks the
        permission is asked at the lowest and the highest level only, and for a step about one thing only.
        """
        levels = [level for level in Level if level.has_factor is has_factor]
        for endpoint, method in addresses(self.site.app):
            if ADDRESSES[endpoint] == "public" and not has_factor:
                continue
            for who in [self.guest, *self.visitors]:
                things = self._about(endpoint, method, who, has_factor=has_factor)
                for what in things:
                    for level in levels if who.signed_in else levels[:1]:
                        cell = Cell(endpoint, method, who, level, what)
                        if cell.expected is Outcome.NO and level not in {Level.PASSWORD, Level.SURE}:
                            continue
                        if cell.expected in {Outcome.CONFIRM, Outcome.ENROL} and what is not things[0]:
                            continue
                        yield cell
                        if cell.expected is Outcome.IN:
                            break

    def _about(self, endpoint: str, method: str, who: Visitor, *, has_factor: bool) -> list[Thing | None]:
        scope = SCOPES.get((endpoint, method))
        if scope is None:
            return [None]
        if scope is oneself:
            other = self.visitors[0] if who is not self.visitors[0] else self.visitors[1]
            mine = Thing("their own", OWN, person_id=who.person_id)
            theirs = Thing("somebody else's", OTHER, person_id=other.person_id)
            none = Thing("none", NONE, exists=False, person_id=uuid.UUID(int=0))
            return [theirs, none] if endpoint == "factors.remove_passkey" and not has_factor else [mine, theirs, none]
        things: list[Thing | None] = [
            Thing("of GM0001", OWN, seen_by=frozenset({OWN})),
            Thing("of GM0002", OTHER, seen_by=frozenset({OTHER})),
            Thing("of GM0003, lent to GM0001", LENT, seen_by=frozenset({OWN, LENT})),
            Thing("none", NONE, exists=False),
        ]
        if endpoint in {"municipality.office", "municipality.leave"}:
            things.append(Thing("at GM0001, of somebody of GM0002", OWN, works_there=False))
        return things

    def _parts(self, cell: Cell) -> dict[str, Any]:
        parts = {**self.scene.address, **self.values[cell.what.member if cell.what else OWN]}
        if cell.endpoint.startswith("inviting."):
            parts["import_id"] = self.values[OWN]["people"]
        if cell.endpoint in {
            "consultation.comments",
            "consultation.comments_csv",
            "exports.public_answers",
            "tables.reactions",
        } or (cell.endpoint == "answering.answer" and cell.what and cell.what.member == OWN):
            parts["proposal_code"] = "R1"
        if cell.endpoint in {"proposals.correct", "proposals.recognise"}:
            parts["proposal_code"] = "V1"
        if cell.endpoint in SECRET:
            parts["number"] = self.secret.number(cell.endpoint)
        if cell.endpoint in AMENDMENTS:
            wanted = (cell.what.member if cell.what else OWN, AMENDMENTS[cell.endpoint])
            parts["submission_id"] = self.amendments.get(wanted, uuid.UUID(int=0))
        if cell.endpoint in MOTIONS:
            key = (cell.what.member if cell.what else OWN, MOTIONS[cell.endpoint])
            parts["submission_id"] = self.motions.get(key, uuid.UUID(int=0))
        if cell.what and not cell.what.works_there:
            parts["person_id"] = self.values[OTHER]["person_id"]
        if cell.what and cell.what.person_id:
            names = {v.person_id: v.name for v in self.visitors}
            key = (names.get(cell.what.person_id, ""), cell.level)
            parts["session_id"] = self.sessions.get(key, cell.what.person_id)
            parts["passkey_id"] = self.passkeys.get(cell.what.person_id, cell.what.person_id)
        return parts

    def _path(self, cell: Cell) -> str:
        if cell.what and cell.what.person_id:
            return address_of(self.site, cell.endpoint, cell.method, self._parts(cell))
        key = (cell.endpoint, cell.method, cell.what.name if cell.what else "")
        if key not in self._paths:
            query = ""
            if cell.what and cell.endpoint in BY_QUERY:
                query = f"?gemeente={cell.what.member}"
            if cell.endpoint == "voting.find_receipt" and cell.what:
                query = f"?code={self.values[cell.what.member]['code']}"
            self._paths[key] = address_of(self.site, cell.endpoint, cell.method, self._parts(cell)) + query
        return self._paths[key]

    def _form(self, cell: Cell) -> Mapping[str, str]:
        """What is right where it is allowed, so that only the person and the member decide."""
        if cell.what is None:
            move = {"punt": str(self.scene.address["item_id"]), "stap": "omlaag", "versie": "1"}
            return {**BY_STAFF, "running.move": move, **self.secret.tellers_forms()}.get(cell.endpoint, {})
        person = {"name": "Nieuw", "email": "nieuw@test.example", "office": "mayor"}
        found: dict[str, Mapping[str, str]] = {
            "preparing.prepare": {f"choice-{self.scene.address['question_key']}": "for"},
            "municipality.invite": person,
            "municipality.office": {"office": "councillor"},
            "municipality.mandate": {"person": self.holders.get(cell.what.member, "")},
            "municipality.give_proxy": {"receiver": "GM0004"},
            "secretariat.invite": {**person, "member": cell.what.member, "locale": "nl", "meeting": ""},
            "consultation.react": {"body-geheel": "Eens", "revision-geheel": "0", "position-geheel": "agree"},
            "amendments.create": self._words(),
            "amendments.edit": self._words(),
            "amendments.change": self._words(),
            "amendments.submit": {"seen": "1", "late": "Stroomstoring"},
            "amendments.offer_late": {"late": "Toch"},
            "submissions.ask_along": {"municipality": "GM0004"},
            "submissions.answer_along": {"gemeente": cell.what.member, "antwoord": "joined"},
            "merging.adapt": {"revision": "1", **self.struck},
            "submissions.advise": {"kind": "take_over", "body": ""},
            "submissions.publish_advice": {"versie": "1"},
            "submissions.discard_advice": {"versie": "1"},
            "submissions.decide": {"decision": "taken_over", "note": "Goed"},
            "consultation.history": {"revision": "1", "seen": "1"},
            "consultation.change_attachment": {"act": "houden"},
            "secretariat_factors.ask": {"reason": "Telefoon kwijt"},
            **{
                key: {"gemeente": cell.what.member}
                for key in (
                    "attending.record",
                    "console.note",
                    "noting.note",
                    "console.enter_paper",
                    "console.withdraw_paper",
                )
            },
            "registering.show": {"coming": "hall", "guests": "2"},
            "motions.create": {"title": "Nieuw", "requests-0": "iets te doen"},
            "motions.edit": {"title": "Anders", "requests-0": "iets te doen", "revision": "1"},
            "motions.submit": {"seen": "1", "late": "Actueel."},
            "motions.change": {"title": "Anders", "requests-0": "iets te doen", "revision": "1"},
            "motions.split": {"seen": "1", "deel-0": "1", "deel-1": "2"},
            "voting.cast_secret": {"gemeente": cell.what.member, "choice": "1", "key": str(uuid.uuid4())},
            "console.lapse": {"note": "Past niet meer."},
            "motions.follow_up": {"progress": "done", "account": "Gedaan."},
        }
        ballot = {"gemeente": cell.what.member, f"choice-{self.scene.open[0].id}": "for", "key": str(uuid.uuid4())}
        return ballot if cell.endpoint in {"voting.review", "voting.cast"} else found.get(cell.endpoint, {})

    def _words(self) -> Mapping[str, str]:
        """An amendment that takes every section out, whatever the text is."""
        return {"title": "Weg", "reason": "", "revision": "1", **self.gone}

    def ask(self, cell: Cell) -> TestResponse:
        """The answer; a failure comes as a problem document, which costs no page."""
        token = self.tokens.get((cell.who.name, cell.level), "")
        cookie = f"alv={token}" if token else "alv-form=guest"
        headers = {"Cookie": cookie, "Accept": "application/json", "Origin": BASE}
        if cell.method == "GET":
            return self.client.get(self._path(cell), base_url=BASE, headers=headers)
        secret = self.site.settings.secret_key.encode()
        guard = hmac.digest(secret, b"csrf:" + cookie.partition("=")[2].encode(), "sha256").hex()
        data = {"csrf_token": guard, **self._form(cell)}
        return self.client.post(self._path(cell), base_url=BASE, headers=headers, data=data)
