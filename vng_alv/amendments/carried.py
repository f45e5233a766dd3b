"""What became of an amendment when the text changed: where it no longer fits, and what stands in the text already."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from vng_alv.amendments.merge_queries import sections_by_version
from vng_alv.amendments.models import Amendment, AmendmentSection
from vng_alv.amendments.workbench import misfits_of, wanted, wording
from vng_alv.domain.amendments import Wording
from vng_alv.domain.merging import suggestion
from vng_alv.domain.redline import Span, redline
from vng_alv.proposals.models import VersionSection

NOTHING = Wording("", "")


@dataclass(frozen=True)
class Misfit:
    """A section where an amendment no longer fits: what it changed in the text of then, and what that became."""

    row: AmendmentSection
    #: The section as it stood; for a new one that which it came after.
    old: VersionSection | None
    #: The section as it stands; None where it is gone.
    new: VersionSection | None
    #: The number of the version that it was written for.
    version: int
    wished: tuple[Span, ...]
    became: tuple[Span, ...]
    #: Words to begin from: the new text with one's own words where they clash.
    start: Wording

    @property
    def key(self) -> str:
        """The key of the section."""
        return str(self.row.section_id)


def misfits_shown(amendment: Amendment) -> list[Misfit]:
    """Where it no longer fits, in the order of the text of then."""
    stale = misfits_of(amendment)
    if not stale:
        return []
    texts = sections_by_version({amendment.version_id, *stale.values()})
    numbers = {version.id: version.number for version in amendment.proposal.versions}
    found = []
    for row in amendment.sections:
        if row.section_id not in stale:
            continue
        was = texts[stale[row.section_id]]
        old = was.get(row.after_id or row.section_id)
        new = None if row.after_id else texts[amendment.version_id].get(row.section_id)
        words = wanted(row)
        base = wording(old) if old and not row.after_id else NOTHING
        now = wording(new) if new else NOTHING
        start = now if words is None else suggestion(base, now, words) if new else words
        found.append(
            Misfit(
                row, old, new, numbers[stale[row.section_id]],
                redline(base.text.strip(), words.text if words else ""),
                () if row.after_id else redline(base.text.strip(), now.text.strip()), start,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: one.old.position if one.old else 0)


def misfit_numbers(amendments: Sequence[Amendment]) -> dict[uuid.UUID, list[str]]:
    """For each amendment the numbers of the sections where it does not fit, as they were when it was written."""
    stale = {amendment.submission_id: misfits_of(amendment) for amendment in amendments}
    texts = sections_by_version({version for found in stale.values() for version in found.values()})
    numbers: dict[uuid.UUID, list[str]] = {}
    for amendment in amendments:
        places = {row.section_id: row.after_id or row.section_id for row in amendment.sections}
        found = [
            texts[version].get(places[section])
            for section, version in stale[amendment.submission_id].items()
            if section in places
        ]
        known = sorted((one for one in found if one), key=lambda one: one.position)
        numbers[amendment.submission_id] = [one.number for one in known]
    return numbers


def fitting(amendment: Amendment) -> list[AmendmentSection]:
    """The sections of an amendment where it fits the text."""
    stale = misfits_of(amendment)
    return [row for row in amendment.sections if row.section_id not in stale]


def in_text_already(amendment: Amendment, sections: Sequence[VersionSection]) -> list[str]:
    """The numbers of the sections of its text that say what an amendment asks for already."""
    wishes = {row.section_id: wanted(row) for row in fitting(amendment)}
    return [one.number for one in sections if one.section_id in wishes and wishes[one.section_id] == wording(one)]
