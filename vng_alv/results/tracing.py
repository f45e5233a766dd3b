"""Where the words of a section come from: its versions, and the amendments that went into them."""

import uuid
from dataclasses import dataclass

from vng_alv.domain.comparing import Fate
from vng_alv.proposals.models import Proposal, Version, VersionSection
from vng_alv.results import reading
from vng_alv.results.comparing import text_of
from vng_alv.submissions.models import Submission


@dataclass(frozen=True)
class Step:
    """A section in one version: what happened to it there, and the amendments that went into it."""

    version: Version
    section: VersionSection | None
    before: Version | None
    was: VersionSection | None
    fate: Fate
    amendments: list[Submission]


def trace(proposal: Proposal, section_id: uuid.UUID) -> list[Step]:
    """The published versions from the one that a section came in with, the newest first."""
    words, sources = dict[uuid.UUID, VersionSection](), reading.sources(section_id)
    for version, section in reading.wordings(section_id):
        words[version.id] = section
    steps: list[Step] = []
    before: Version | None = None
    for version in proposal.versions:
        if version.published_at is None:
            continue
        was, now = words.get(before.id) if before else None, words.get(version.id)
        if was or now:
            steps.append(Step(version, now, before, was, _fate(was, now), sources.get(version.id, [])))
        before = version
    return steps[::-1]


def _fate(was: VersionSection | None, now: VersionSection | None) -> Fate:
    if was is None:
        return Fate.NEW
    if now is None:
        return Fate.DROPPED
    return Fate.SAME if text_of(was) == text_of(now) else Fate.CHANGED
