"""A secret round with its two tellers; used by the tests of secret rounds."""

import uuid
from collections.abc import Callable, Sequence

import pyrage
import pytest
from sqlalchemy import func, select

from tests import factories
from vng_alv import db
from vng_alv.domain.ballots import SEALED
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind
from vng_alv.errors import Refused
from vng_alv.voting import choosing, service, tellers
from vng_alv.voting.cast import Cast, cast
from vng_alv.voting.choosing import Option
from vng_alv.voting.models import Result, Round
from vng_alv.voting.sealing import seal
from vng_alv.voting.secret_queries import teller_keys_of
from vng_alv.voting.summary import Summary, summary

MOST = OptionRule(Winning.MOST, Even.LOTS)
NAMES = [Option("Jansen"), Option("De Vries"), Option("Bakker")]


class SecretDesk:
    """Members that vote, the chair, and two tellers with their private keys."""

    def __init__(self, populations: Sequence[int], *, advisory: int = 0, rule: OptionRule = MOST) -> None:
        with db.transaction():
            self.world = factories.world(populations, is_open=False, advisory=advisory)
            self.tellers: list[Actor] = [factories.actor(name, Role.TELLER) for name in ("een", "twee")]
            self.chair = self.world.chair
            proposal = self.world.rounds[0].proposal
            made = choosing.ask(proposal, RoundKind.CANDIDATES, "Wie?", NAMES, rule, self.chair, secret=True)
        self.key = made.id
        self.secrets = [pyrage.x25519.Identity.generate() for _ in self.tellers]

    @property
    def round(self) -> Round:
        """As it is now; not to be asked inside a transaction."""
        with db.transaction(write=False):
            return db.session.get_one(Round, self.key, populate_existing=True)

    def give_keys(self, *who: int) -> None:
        """Tellers hand in their public keys: both, or these."""
        for n in who or (0, 1):
            found = self.round
            with db.transaction():
                tellers.give_key(found, str(self.secrets[n].to_public()), self.tellers[n])

    def open(self) -> "SecretDesk":
        self.give_keys()
        with db.transaction():
            service.open_rounds([self.key], self.chair)
        return self

    def sealed(self, ballot: str) -> str:
        with db.transaction(write=False):
            return seal(self.key, ballot, *teller_keys_of(self.key))

    def vote(self, who: int, ballot: str, key: uuid.UUID | None = None, sealed: str | None = None) -> Cast:
        """A cast, as the web does it."""
        text = self.sealed(ballot) if sealed is None else sealed
        with db.transaction(write=False):
            return cast(
                "alv", self.world.members[who].code, {self.key: SEALED}, key or uuid.uuid4(),
                self.world.delegates[who], {self.key: text},
            )  # fmt: skip

    def close(self) -> None:
        with db.transaction():
            service.close([self.key], self.chair)

    def use_key(self, who: int, private: str | None = None) -> Result | None:
        """A teller opens envelopes, with their own private key or this one."""
        found = self.round
        with db.transaction():
            return tellers.open_envelopes(found, private or str(self.secrets[who]), self.tellers[who])

    def count(self) -> Result:
        """Close, and let both tellers open."""
        self.close()
        assert self.use_key(1) is None
        result = self.use_key(0)
        assert result is not None
        return result

    def publish(self, *, without_numbers: bool = False) -> Summary:
        with db.transaction():
            service.publish([self.key], self.chair, without_numbers=without_numbers)
        with db.transaction(write=False):
            return summary(db.session.get_one(Round, self.key), "nl")


def kept(table: type[db.Base]) -> int:
    """How many rows a table has."""
    with db.transaction(write=False):
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def refuses(refusal: Refusal, act: Callable[[], object]) -> None:
    """It is refused, with this reason."""
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.refusal is refusal


def voted(desk: SecretDesk, *ballots: str) -> SecretDesk:
    """The round is open, and the first members voted."""
    desk.open()
    for who, ballot in enumerate(ballots):
        desk.vote(who, ballot)
    return desk
