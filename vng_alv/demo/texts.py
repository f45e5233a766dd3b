"""The demo's texts: read from its own files and put to its meetings."""

from datetime import datetime
from pathlib import Path

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.meetings.models import Meeting
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, ProposalKind, Version, VersionKind

DATA = Path(__file__).parent / "data"


def text(meeting: Meeting, code: str, kind: ProposalKind, file: str, **more: object) -> tuple[Proposal, Version]:
    """A proposal with the text of a file, in preparation."""
    document = proposals.read_text((DATA / file).read_bytes())
    proposal = proposals.create(meeting, code, kind, document.title, None, **more)  # type: ignore[arg-type]
    return proposal, proposals.import_text(proposal, document, None)


def next_text(proposal: Proposal, file: str, kind: VersionKind) -> Version:
    """The text of a file as the next version, in preparation."""
    return proposals.import_text(proposal, proposals.read_text((DATA / file).read_bytes()), None, kind=kind)


def published_at(version: Version, moment: datetime) -> None:
    """Write that a version was published in the past; nobody is told."""
    version.published_at = moment
    db.session.flush()
    record("version.publish", None, f"version:{version.id}", number=version.number, hash=version.text_hash)
