"""The work of putting amendments into a text, as it stands: what each section asks for, and what comes of it."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vng_alv.amendments import merge_queries as queries
from vng_alv.amendments.models import Amendment, AmendmentSection, Merge, MergeSection
from vng_alv.domain import merging
from vng_alv.domain.amendments import Wording, tidied
from vng_alv.domain.merging import Choice, Outcome, Own, Part
from vng_alv.domain.sections import SectionText
from vng_alv.domain.submissions import ACCEPTED
from vng_alv.proposals.models import VersionSection
from vng_alv.proposals.queries import published, sections_of
from vng_alv.proposals.service import section_text


def misfits_of(amendment: Amendment) -> dict[uuid.UUID, uuid.UUID]:
    """The sections where an amendment does not fit, with the version that its words were written for."""
    return {uuid.UUID(section): uuid.UUID(version) for section, version in amendment.misfits}


def wording(section: VersionSection) -> Wording:
    """The words of a section as amendments are compared with them."""
    return tidied(section.heading, section.body)


def wanted(row: AmendmentSection) -> Wording | None:
    """What an amendment makes of a section; None: it goes."""
    return None if row.removed else Wording(row.heading, row.body)


def read_choices(kept: Mapping[str, Any]) -> dict[str, Choice]:
    """Choices as the database keeps them: words of one's own stand in a list of one."""
    return {name: Own(value[0]) if isinstance(value, list) else value for name, value in kept.items()}


def kept_choices(choices: Mapping[str, Choice]) -> dict[str, Any]:
    """Choices for the database."""
    return {name: [choice.words] if isinstance(choice, Own) else choice for name, choice in choices.items()}


def own_words(kept: str | None) -> Wording | None:
    """Words of one's own for a whole section."""
    return None if kept is None else Wording(*kept.partition("\n\n")[::2])


@dataclass(frozen=True)
class Bench:
    """One section on the workbench: ``base`` is None for a new one, which comes after ``after``."""

    section_id: uuid.UUID
    base: VersionSection | None
    after: VersionSection | None
    part: Part
    choices: dict[str, Choice]
    own: Wording | None
    #: How often it was saved; 0: never.
    revision: int

    @property
    def asked(self) -> list[str]:
        """The names of the choices that it asks for."""
        return merging.asked(self.part, self.choices)

    @property
    def missing(self) -> list[str]:
        """Those that still have to be made."""
        return merging.open_choices(self.part, self.choices, self.own)

    @property
    def chosen(self) -> int:
        """How many of those that it asks for were made."""
        return sum(name not in self.missing for name in self.asked)

    @property
    def outcome(self) -> Outcome:
        """What becomes of it. Raises ``ValueError`` while something is missing."""
        return merging.outcome(self.part, self.choices, self.own)

    @property
    def drafted(self) -> Wording:
        """Its words so far, to go on from."""
        return self.own or merging.drafted(self.part, self.choices)

    @property
    def number(self) -> str:
        """What it is called: its number, or that of the one before it."""
        place = self.base or self.after
        return place.number if place else ""


class Workbench:
    """A merge with its amendments and all sections that they touch, in the order of the text."""

    def __init__(self, merge: Merge) -> None:
        self.merge = merge
        found = queries.amendments_by_key(map(uuid.UUID, merge.amendments))
        self.amendments = {str(amendment.submission_id): amendment for amendment in found}
        self.sections = {section.section_id: section for section in sections_of(merge.base_id)}
        self.kept: dict[uuid.UUID, MergeSection] = {row.section_id: row for row in merge.sections}

    @property
    def outdated(self) -> bool:
        """Whether the text or what was decided changed since the work began."""
        newest = published(self.merge.proposal)
        return newest is None or newest.id != self.merge.base_id or any(
            amendment.submission.state not in ACCEPTED or amendment.version_id != self.merge.base_id
            for amendment in self.amendments.values()
        )  # fmt: skip

    @cached_property
    def _rows(self) -> dict[uuid.UUID, dict[str, AmendmentSection]]:
        found: dict[uuid.UUID, dict[str, AmendmentSection]] = {}
        for key, amendment in self.amendments.items():
            for row in amendment.sections:
                if row.section_id in self.sections or row.after_id in self.sections:
                    found.setdefault(row.section_id, {})[key] = row
        return found

    @cached_property
    def _new(self) -> dict[uuid.UUID, list[tuple[uuid.UUID, str]]]:
        """After each section the new ones with the amendment that each is from, by number of that."""
        found: dict[uuid.UUID, list[tuple[uuid.UUID, str]]] = {}
        for section_id, rows in self._rows.items():
            for key, row in rows.items():
                if row.after_id:
                    found.setdefault(row.after_id, []).append((section_id, key))
        for new in found.values():
            new.sort(key=lambda one: self.amendments[one[1]].submission.number or 0)
        return found

    @cached_property
    def after(self) -> dict[uuid.UUID, tuple[uuid.UUID, int]]:
        """For each new section the one that it follows, and its place there: the lowest number comes first."""
        chosen = {section_id: read_choices(row.choices).get(merging.PLACE, "") for section_id, row in self.kept.items()}
        return {
            section_id: (anchor, number)
            for anchor, new in self._new.items()
            for number, section_id in enumerate(merging.in_places([key for key, _ in new], chosen))
        }

    def _together(self, section_id: uuid.UUID) -> list[uuid.UUID]:
        """The new sections that come where this one does, itself too, where they are of several amendments."""
        new = self._new[self.after[section_id][0]] if section_id in self.after else []
        return [key for key, _ in new] if len({amendment for _, amendment in new}) > 1 else []

    def beside(self, bench: Bench) -> list[Bench]:
        """The other new sections that come at the place of this one, where they are of several amendments."""
        here = set(self._together(bench.section_id)) - {bench.section_id}
        return [one for one in self.benches if one.section_id in here]

    @property
    def order(self) -> list[uuid.UUID]:
        """The sections that are touched, in the order of the text."""
        place = {section_id: section.position for section_id, section in self.sections.items()}

        def where(section_id: uuid.UUID) -> tuple[int, int]:
            anchor, number = self.after.get(section_id, (section_id, -1))
            return place[anchor], number

        return sorted(self._rows, key=where)

    def bench(self, section_id: uuid.UUID) -> Bench | None:
        """One section, or None where no amendment touches it."""
        rows = self._rows.get(section_id)
        if rows is None:
            return None
        base = self.sections.get(section_id)
        unfit = frozenset(key for key in rows if section_id in misfits_of(self.amendments[key]))
        part = merging.part(
            wording(base) if base else None,
            {key: wanted(row) for key, row in rows.items() if key not in unfit},
            unfit,
            len(self._together(section_id)),
        )
        kept = self.kept.get(section_id)
        after = self.sections.get(self.after[section_id][0]) if section_id in self.after else None
        choices = merging.allowed(part, read_choices(kept.choices)) if kept else {}
        own = own_words(kept.body) if kept else None
        return Bench(section_id, base, after, part, choices, own, kept.revision if kept else 0)

    @cached_property
    def benches(self) -> list[Bench]:
        """All sections that are touched, in order."""
        return [bench for section_id in self.order if (bench := self.bench(section_id))]

    def those(self, keys: Iterable[str]) -> list[Amendment]:
        """These amendments, by number."""
        return [amendment for key, amendment in self.amendments.items() if key in set(keys)]

    def by(self, bench: Bench) -> list[Amendment]:
        """The amendments that touch a section, by number."""
        return self.those(self._rows[bench.section_id])

    @property
    def open_numbers(self) -> list[str]:
        """The numbers of the sections where something is still to be chosen."""
        return [bench.number for bench in self.benches if bench.missing]

    def outcomes(self) -> dict[uuid.UUID, Outcome]:
        """What becomes of each section that is touched. Raises ``ValueError`` while something is missing."""
        return {bench.section_id: bench.outcome for bench in self.benches}

    def result(self, outcomes: Mapping[uuid.UUID, Outcome]) -> list[tuple[uuid.UUID, SectionText]]:
        """The whole new text."""
        base = {section_id: section_text(section) for section_id, section in self.sections.items()}
        changed = {
            section_id: made.words
            for section_id, made in outcomes.items()
            if section_id not in self.sections or made.words != wording(self.sections[section_id])
        }
        return merging.assembled(base, changed, self.after)

    def unused(self, outcomes: Mapping[uuid.UUID, Outcome]) -> list[Amendment]:
        """The amendments of which nothing comes into the text."""
        used = {key for made in outcomes.values() for key in made.keys}
        return [amendment for key, amendment in self.amendments.items() if key not in used]
