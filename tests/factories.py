"""Small worlds to test in: each function makes one thing through the product's own use cases."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vng_alv import db
from vng_alv.accounts import service as accounts
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.convening import service as convening
from vng_alv.convening.models import MeetingDocument
from vng_alv.domain.consultation import FileKind
from vng_alv.domain.permissions import Actor, Role
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import Meeting, MeetingKind
from vng_alv.members.models import Association, Member, OfficeKind
from vng_alv.members.service import give_office, set_up_association
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round

RESOLUTION = """# Een besluit

Wij besluiten dit samen.

## Deel A

### A1. Wonen

Wij bouwen.

### A2. Water

Wij houden droge voeten.
"""
PASSWORD = "een lang wachtwoord"


def association() -> Association:
    """The association with the preset `vng`, whose members may vote a month before a meeting."""
    return set_up_association(None, phone="070 000 00 00", email="alv@vereniging.example", early_voting_days=30)


def member(number: int, population: int = 10_000, *, advisory: bool = False, province: str = "Utrecht") -> Member:
    """A municipality with code GM0001, GM0002 …"""
    made = Member(
        id=uuid.uuid4(), code=f"GM{number:04d}", name=f"Gemeente {number}", province=province, population=population,
        advisory=advisory,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def person(name: str, *, roles: Sequence[Role] = (), password: str | None = None) -> Person:
    """Someone with an account at name@example."""
    made = accounts.create_person(f"{name}@test.example", name.title(), None, roles=roles)
    if password:
        accounts.set_password(made, password, None)
    return made


def actor(name: str, *roles: Role, password: str | None = None) -> Actor:
    """Someone who acts."""
    return get_actor(person(name, roles=roles, password=password).id)


def clerk(of: Member, name: str | None = None, kind: OfficeKind = OfficeKind.CLERK) -> Person:
    """Someone with an office at a member."""
    made = person(name or f"griffier-{of.code.lower()}", password=PASSWORD)
    give_office(made, of, kind, None)
    return made


def meeting(code: str = "alv") -> Meeting:
    """An assembly next week."""
    return meetings.create(code, "ALV", MeetingKind.ALV, datetime.now(UTC) + timedelta(days=7), "Utrecht", None)


def proposal(
    at: Meeting, text: str = RESOLUTION, code: str = "R1", kind: ProposalKind = ProposalKind.RESOLUTION
) -> Proposal:
    """A published proposal."""
    document = proposals.read_text(text.encode())
    made = proposals.create(at, code, kind, document.title, None)
    proposals.import_text(made, document, None)
    proposals.publish(made, None)
    return made


def document(at: Meeting, by: Actor, content: bytes = b"%PDF- notulen") -> MeetingDocument:
    """A public document of a meeting."""
    return convening.add_document(at, "Notulen", "notulen.pdf", content, FileKind.PDF, None, by)


@dataclass
class World:
    """A meeting with rounds in draft, and one delegate for each member."""

    meeting: Meeting
    members: list[Member]
    delegates: list[Actor]
    rounds: list[Round]
    chair: Actor

    @property
    def ids(self) -> list[uuid.UUID]:
        """The keys of all rounds."""
        return [r.id for r in self.rounds]


def world(populations: Sequence[int] = (250_000, 40_500, 999), *, is_open: bool = True, advisory: int = 0) -> World:
    """Members with these populations (the last ``advisory`` of them advisory), a resolution and its rounds."""
    association()
    members = [
        member(n, population, advisory=n > len(populations) - advisory) for n, population in enumerate(populations, 1)
    ]
    people = [clerk(m) for m in members]
    at = meeting()
    for m, p in zip(members, people, strict=True):
        meetings.give_mandate(at, m, p, None)
    made = rounds.prepare(proposal(at), None)
    chair = actor("voorzitter", Role.CHAIR, password=PASSWORD)
    if is_open:
        rounds.open_rounds([r.id for r in made], chair)
    return World(at, members, [get_actor(p.id) for p in people], made, chair)
