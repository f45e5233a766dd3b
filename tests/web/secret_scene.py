"""Secret rounds beside the scene: one in preparation, one open, and one whose envelopes wait for their teller."""

import uuid
from dataclasses import dataclass

import pyrage

from tests import factories
from tests.web.site import Scene
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.ballots import SEALED
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundKind
from vng_alv.voting import choosing, tellers
from vng_alv.voting import service as rounds
from vng_alv.voting.cast import cast
from vng_alv.voting.choosing import Option
from vng_alv.voting.models import Round
from vng_alv.voting.sealing import seal
from vng_alv.voting.secret_queries import teller_keys_of

MOST = OptionRule(Winning.MOST, Even.LOTS)
#: Which round each address is about; in others, the one in preparation.
OPEN, CLOSED = {"voting.secret_ballot", "voting.cast_secret"}, {"console.open_envelopes"}
ADDRESSES = OPEN | CLOSED | {"console.tellers_of", "console.give_key", "console.take_key_away"}


@dataclass
class SecretRounds:
    """Their numbers, and the private half of the key that the teller of the scene gave for each."""

    draft: int
    open: int
    closed: int
    private: str

    def number(self, endpoint: str) -> int:
        """The round that an address is asked about."""
        return self.open if endpoint in OPEN else self.closed if endpoint in CLOSED else self.draft

    def tellers_forms(self) -> dict[str, dict[str, str]]:
        """What is right in each form of the tellers."""
        return {
            "console.give_key": {"public_key": str(pyrage.x25519.Identity.generate().to_public())},
            "console.open_envelopes": {"private_key": self.private},
            "console.take_key_away": {"place": "1"},
        }


def secret_rounds(scene: Scene) -> SecretRounds:
    """Make them, in the meeting of the scene; in the closed one the holder of the first mandate voted."""
    mine, other = (pyrage.x25519.Identity.generate() for _ in range(2))
    names = [Option("Jansen"), Option("De Vries")]
    with db.transaction():
        teller = get_actor(scene.staff[Role.TELLER].id)
        second = factories.actor("tweede-teller", Role.TELLER)
        proposal = factories.proposal(db.session.merge(scene.meeting), code="K1")
        draft, opened, closed = (
            choosing.ask(proposal, RoundKind.CANDIDATES, title, names, MOST, None, secret=True)
            for title in ("In voorbereiding", "Open", "Gesloten")
        )
        tellers.give_key(draft, str(mine.to_public()), teller)
        for one in (opened, closed):
            tellers.give_key(one, str(other.to_public()), second)
            tellers.give_key(one, str(mine.to_public()), teller)  # the second place, whose turn comes first
        rounds.open_rounds([opened.id, closed.id], None)
    _vote(scene, closed)
    with db.transaction():
        rounds.close([closed.id], None)
    return SecretRounds(draft.number, opened.number, closed.number, str(mine))


def _vote(scene: Scene, one: Round) -> None:
    with db.transaction(write=False):
        sealed = seal(one.id, "1", *teller_keys_of(one.id))
        holder = get_actor(scene.clerks[1].id)
        cast(scene.meeting.code, scene.members[1].code, {one.id: SEALED}, uuid.uuid4(), holder, {one.id: sealed})
