"""Beside the scene, what a meeting has that was called together, prepared and held: a convocation, a block of rounds,
and minutes."""

from tests.web.site import Scene
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.convening.service import convene
from vng_alv.domain.consultation import FileKind
from vng_alv.domain.permissions import Role
from vng_alv.meetings import minutes
from vng_alv.voting.blocks import put_together


def held(scene: Scene, *drafts: int) -> None:
    """Make them, in the meeting of the scene; the block is of the rounds with these numbers."""
    with db.transaction():
        meeting, staff = db.session.merge(scene.meeting), get_actor(scene.staff[Role.SECRETARIAT].id)
        convene(meeting, "", staff, late=True)
        put_together(meeting, drafts, staff)
        minutes.publish(meeting, "notulen.pdf", b"%PDF-1.7", FileKind.PDF, staff)
