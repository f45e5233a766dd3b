"""A text with amendments that is put to the vote; used by the tests of the order of voting."""

import uuid
from collections.abc import Sequence

from tests.database.merging_desk import Desk, make_desk
from tests.factories import actor as new_actor
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.rounds import RoundKind
from vng_alv.meetings.service import give_mandate
from vng_alv.members.models import Member
from vng_alv.voting import queries, service
from vng_alv.voting.brought import rounds_about
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Round
from vng_alv.voting.tally import tally


def keys(found: Sequence[Round]) -> list[uuid.UUID]:
    """Of rounds."""
    return [one.id for one in found]


class VotingDesk:
    """A text of three sections, a member that votes, and the chair."""

    def __init__(self) -> None:
        self.desk: Desk = make_desk()
        with db.transaction():
            self.chair: Actor = new_actor("voorzitter", Role.CHAIR)
            person, member = db.session.get_one(Person, self.desk.clerk.id), self._member
            give_mandate(self.desk.proposal.meeting, member, person, None)
            self.voter = get_actor(person.id)
            self.meeting, self.member_code = self.desk.proposal.meeting.code, member.code

    @property
    def _member(self) -> Member:
        return db.session.get_one(Member, self.desk.member_id)

    def prepare(self) -> None:
        """Rounds on all that waits."""
        with db.transaction():
            service.prepare(self.desk.proposal, self.chair)

    def rounds(self, kind: RoundKind | None = None) -> list[Round]:
        """Those that are not void, by number; all of them or of one kind."""
        with db.transaction(write=False):
            found = rounds_about(self.desk.proposal_id)
            return [one for one in found if one.state != "annulled" and kind in (None, one.kind)]

    def on(self, *amendments: uuid.UUID) -> list[uuid.UUID]:
        """The rounds on amendments."""
        by = {one.amendment_id: one.id for one in self.rounds(RoundKind.AMENDMENT)}
        return [by[key] for key in amendments]

    def opened(self, ids: Sequence[uuid.UUID], *, anyway: bool = False) -> str:
        """Open rounds together."""
        with db.transaction():
            service.open_rounds(ids, self.chair, anyway=anyway)
        return "opened"

    def vote(
        self, ids: Sequence[uuid.UUID], choice: str = "for", *, anyway: bool = False, publish: bool = True
    ) -> None:
        """Open rounds, let the member vote, close and count them, and perhaps pronounce the outcome."""
        self.opened(ids, anyway=anyway)
        with db.transaction(write=False):
            cast(self.meeting, self.member_code, dict.fromkeys(ids, choice), uuid.uuid4(), self.voter)
        with db.transaction():
            service.close(ids, self.chair)
            for key in ids:
                tally(key)
            if publish:
                service.publish(ids, self.chair)

    def annul(self, key: uuid.UUID) -> None:
        """Declare a round void."""
        with db.transaction():
            service.annul(db.session.get_one(Round, key), "Fout", self.chair)

    def merged(self, *amendments: uuid.UUID) -> None:
        """Put amendments that do not clash into the text."""
        self.desk.finish(self.desk.start(*amendments))

    def get(self, key: uuid.UUID) -> Round:
        """A round as it is in the database now, with what it is about."""
        with db.transaction(write=False):
            found = db.session.get_one(Round, key, populate_existing=True)
            assert found.version.sections is not None
            return found

    def turnout(self, key: uuid.UUID) -> int:
        """How many members voted."""
        with db.transaction(write=False):
            return queries.turnouts([key])[key].members
