"""The part of the log of a meeting that everybody may read: acts on what is public, without who did them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vng_alv.audit.queries import entries_about
from vng_alv.convening.models import MeetingDocument
from vng_alv.meetings.models import Meeting
from vng_alv.proposals.queries import proposals_of
from vng_alv.voting.models import Round

#: The acts that are public, each with what of its data is. Sums are not: of a secret vote they may be withheld.
ACTS = {
    "meeting.create": (),
    "meeting.convene": (),
    "meeting.supplement": ("papers",),
    "document.add": ("sha256", "publish_at"),
    "document.publish": (),
    "minutes.publish": ("number", "sha256"),
    "version.publish": ("number", "hash"),
    "round.open": ("text", "roll", "rule", "closes_at", "way"),
    "round.close": ("by",),
    "round.count": (),
    "round.publish": ("verdict", "way"),
    "round.lots": ("drawn", "by"),
    "round.annul": ("reason",),
}


@dataclass(frozen=True)
class PublicLog:
    """The entries, oldest first: ``at``, ``act``, ``about``, ``data``, and ``number`` and ``hash`` of the seal (None
    while it has none)."""

    entries: Sequence[dict[str, Any]]
    #: When the newest was written.
    moment: datetime | None


def log_of(meeting: Meeting, rounds: Sequence[Round], documents: Sequence[MeetingDocument]) -> PublicLog:
    """What was done to a meeting, its published versions, and these rounds and documents, which are public."""
    names = {f"meeting:{meeting.id}": meeting.code}
    names |= {f"round:{one.id}": f"stemming {one.number}" for one in rounds}
    names |= {f"document:{one.id}": one.title for one in documents}
    names |= {
        f"version:{version.id}": f"{proposal.code}, versie {version.number}"
        for proposal in proposals_of(meeting.id)
        for version in proposal.versions
    }
    found = entries_about(names.keys(), ACTS.keys())
    entries = [
        {
            "at": entry.at.isoformat(timespec="microseconds"),
            "act": entry.act,
            "about": names[entry.subject],
            "data": {key: entry.data[key] for key in ACTS[entry.act] if key in entry.data},
            "number": number,
            "hash": sealed,
        }
        for entry, number, sealed in found
    ]
    return PublicLog(entries, found[-1][0].at if found else None)
