"""An assembly that votes in every way, and the bundles of its rounds."""

import random
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import factories
from tests.database.options_desk import ABC, MAJORITY, MOST_WINS, put
from tests.database.secret_desk import SecretDesk
from vng_alv import db
from vng_alv.audit.service import seal
from vng_alv.domain.chain import canonical
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.permissions import Actor
from vng_alv.domain.rounds import Way
from vng_alv.domain.rulebook import RULES
from vng_alv.exports.bundles import signed_bundle
from vng_alv.meetings.service import give_proxy
from vng_alv.members.queries import get_association
from vng_alv.members.service import change_association
from vng_alv.proposals.models import ProposalKind
from vng_alv.signing import service as signing
from vng_alv.voting import acclamation, service
from vng_alv.voting.cast import cast
from vng_alv.voting.choosing import draw_lots
from vng_alv.voting.models import Round
from vng_alv.voting.tally import tally

#: The last two are advisory.
POPULATIONS = (250_000, 74_999, 75_000, 40_500, 1_499, 1_000, 999, 12_000, 12_000, 8_000, 6_000)


class Assembly:
    """Members that vote, a chair, and a key that signs."""

    def __init__(self, folder: Path) -> None:
        self.dice, self.where = random.Random(1), signing.place("", folder)
        self.desk = SecretDesk(POPULATIONS, advisory=2)
        self.world = self.desk.world
        with db.transaction():
            signing.prepare(self.where, None)
            change_association(get_association(), None, proxies_per_member=1)
            self.world.meeting.starts_at = db.now()
            at = db.session.merge(self.world.meeting)
            give_proxy(at, db.session.merge(self.world.members[4]), db.session.merge(self.world.members[3]), None)

    def motion(self, rule: str, *, divides: bool = False) -> uuid.UUID:
        """A motion that is open, by this rule."""
        with db.transaction():
            change_association(get_association(), None, divides_votes=divides)
            code = f"M{self.dice.randrange(10**6)}"
            text = factories.proposal(
                db.session.merge(self.world.meeting), f"# Motie {code}\n\nDoe iets.\n", code, ProposalKind.MOTION
            )
            (made,) = service.prepare(text, self.world.chair, rule=rule)
            service.open_rounds([made.id], self.world.chair)
        return made.id

    def vote(self, key: uuid.UUID, *choices: str, everybody: bool = True) -> None:
        """The members vote, each with one of these by chance; most of them, or all."""
        for who, member in enumerate(self.world.members):
            if everybody or self.dice.random() < 0.8:
                holder: Actor = self.world.delegates[3 if who == 4 else who]
                with db.transaction(write=False):
                    cast("alv", member.code, {key: self.dice.choice(choices)}, uuid.uuid4(), holder)

    def divide(self, key: uuid.UUID) -> None:
        """The first member divides its votes."""
        with db.transaction(write=False):
            cast("alv", "GM0001", {key: "for:40+against:35"}, uuid.uuid4(), self.world.delegates[0])

    def end(self, key: uuid.UUID) -> None:
        """Close, count and pronounce."""
        with db.transaction():
            service.close([key], self.world.chair)
            tally(key)
            service.publish([key], self.world.chair)

    def bundle(self, key: uuid.UUID) -> dict[str, Any]:
        """The bundle of a published round."""
        with db.transaction():
            seal()
        with db.transaction(write=False):
            found = db.session.get_one(Round, key)
            assert found.published_at is not None
            return signed_bundle(found, found.meeting, self.where, "Na te rekenen.")

    def sign(self, content: dict[str, Any]) -> str:
        """A signature of the association under whatever it is given."""
        with db.transaction(write=False):
            return signing.sign(canonical(content), self.where).signature


def every_kind(folder: Path) -> tuple[Assembly, dict[str, dict[str, Any]]]:
    """The bundles of rounds of every kind, by name."""
    made = Assembly(folder)
    keys: dict[str, uuid.UUID] = {}

    def ended(name: str, key: uuid.UUID, vote: Callable[[uuid.UUID], object]) -> None:
        vote(key)
        made.end(key)
        keys[name] = key

    for rule in RULES:
        ended(rule, made.motion(rule), lambda key: made.vote(key, "for", "for", "against", "abstain", everybody=False))
    ended("nobody", made.motion("simple"), lambda _key: None)
    ended(
        "divided", made.motion("simple", divides=True), lambda key: (made.vote(key, "for", "against"), made.divide(key))
    )
    with db.transaction():
        change_association(get_association(), None, divides_votes=False)
    two = OptionRule(Winning.MOST, Even.AGAIN, 2)
    texts = OptionRule(Winning.MAJORITY, Even.LOTS, 1, none=True)
    ended("most", put(made.world, MOST_WINS), lambda key: made.vote(key, "1", "2", "2", "abstain", everybody=False))
    ended("run-off", put(made.world, MAJORITY), lambda key: made.vote(key, "1", "2", "3"))
    ended("two seats", put(made.world, two), lambda key: made.vote(key, "1+2", "2", "2+3", everybody=False))
    ended("texts", put(made.world, texts, ABC[:2]), lambda key: made.vote(key, "1", "2", "none"))
    ended("lots", put(made.world, MOST_WINS), lambda key: _even(made, key))
    with db.transaction():
        draw_lots(db.session.get_one(Round, keys["lots"]), ["2"], made.world.chair)
    with db.transaction():
        found = db.session.get_one(Round, made.world.ids[0])
        acclamation.choose(found, Way.ACCLAMATION, made.world.chair)
        service.open_rounds([found.id], made.world.chair)
        acclamation.note(found, made.world.members[1].id, made.world.chair, against=True)
        acclamation.pronounce([found.id], made.world.chair)
        keys["acclamation"] = found.id
    desk = made.desk.open()
    for who in range(len(POPULATIONS)):
        if who != 4:
            desk.vote(who, made.dice.choice(("1", "2", "3")))
    desk.count()
    desk.publish(without_numbers=True)
    keys["secret"] = desk.key
    return made, {name: made.bundle(key) for name, key in keys.items()}


def _even(made: Assembly, key: uuid.UUID) -> None:
    """Two members with as many votes choose two others."""
    for who, choice in ((7, "2"), (8, "3")):
        with db.transaction(write=False):
            cast("alv", made.world.members[who].code, {key: choice}, uuid.uuid4(), made.world.delegates[who])
