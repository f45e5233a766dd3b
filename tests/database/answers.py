"""Municipalities that reacted, and the people who answer them."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from tests import factories
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.answering import queries, service
from vng_alv.consultation import service as consultations
from vng_alv.consultation.models import Comment, Consultation, Position, Theme
from vng_alv.domain.answering import Outcome
from vng_alv.domain.permissions import Actor, Role
from vng_alv.members.models import Member
from vng_alv.proposals.queries import sections_of

POPULATIONS = (250_000, 40_500, 999, 60_000, 19_999)


@dataclass
class Desk:
    """Municipalities that reacted to one text, and two people who answer."""

    found: Consultation
    members: list[Member]
    #: The reactions in force, in no order: (member, section or None) to key.
    sent: dict[tuple[int, int | None], uuid.UUID]
    one: Actor
    other: Actor
    auditor: Actor
    clerks: list[Actor]

    def group(self, title: str, *keys: tuple[int, int | None], by: Actor | None = None) -> Theme:
        """Put reactions under a theme, in a transaction of its own."""
        with db.transaction():
            return service.group(self.found, [self.sent[key] for key in keys], None, title, by or self.one)[0]

    def answer(self, theme: Theme, body: str, revision: int = 1, *, by: Actor | None = None, title: str = "") -> None:
        """Answer a theme, in a transaction of its own."""
        with db.transaction():
            service.save_theme(theme, title or theme.title, body, Outcome.ADOPTED, revision, by or self.one)

    def under(self, theme: Theme) -> set[tuple[int, int | None]]:
        """What is under a theme."""
        with db.transaction(write=False):
            links = {link.comment_id for link in queries.links_of(theme.id)}
        return {key for key, comment_id in self.sent.items() if comment_id in links}

    def theme(self, theme: Theme) -> Theme:
        """A theme as it is now."""
        with db.transaction(write=False):
            return queries.get_theme(self.found.id, theme.id)


def react(
    found: Consultation, member: Member, section: uuid.UUID | None, stand: Position | None, who: Actor
) -> Comment:
    """A draft."""
    return consultations.save_draft(found, member, section, f"Wij van {member.name}", stand, 0, who)


def make_desk() -> Desk:
    """Members 1 to 5 react to the whole, 1 to 3 to section 1, member 1 to section 2; the last one is advisory."""
    with db.transaction():
        factories.association()
        members = [
            factories.member(n, people, province=("Utrecht", "Zeeland")[n % 2], advisory=n == 5)
            for n, people in enumerate(POPULATIONS, 1)
        ]
        factories.member(6, 5_000)
        clerks = [get_actor(factories.clerk(member).id) for member in members]
        text = factories.proposal(factories.meeting())
        found = consultations.open_consultation(text, db.now() + timedelta(hours=1), None)
        sections = sections_of(found.version_id)
        keys: dict[tuple[int, int | None], uuid.UUID] = {}
        stands = (Position.AGREE, Position.AGREE_IF, Position.DISAGREE, None, Position.AGREE)
        for n, (member, clerk) in enumerate(zip(members, clerks, strict=True), 1):
            places = [None, *range(2)] if n == 1 else [None, 0] if n < 4 else [None]
            for place in places:
                section = None if place is None else sections[place].section_id
                keys[n, place] = react(found, member, section, stands[n - 1], clerk).id
            consultations.send(found, member, clerk)
        one = factories.actor("rapporteur", Role.RAPPORTEUR)
        other, auditor = factories.actor("secretariaat", Role.SECRETARIAT), factories.actor("c", Role.AUDITOR)
    return Desk(found, members, keys, one, other, auditor, clerks)
