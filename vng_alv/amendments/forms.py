"""What a person types in an amendment: title, reason, and the text of each section that it changes."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from vng_alv.amendments.models import AmendmentSection
from vng_alv.amendments.service import MAX_BODY, MAX_HEADING, MAX_SECTIONS, SectionChange
from vng_alv.domain.amendments import Wording, tidied
from vng_alv.meetings.forms import tidy
from vng_alv.proposals.models import VersionSection
from vng_alv.submissions.forms import MAX_TEXT, TOO_LONG
from vng_alv.web import BaseForm, no_controls

#: How the key of a new section that was not saved yet begins; a number follows.
NEW = "nieuw"


class AmendmentForm(BaseForm):
    """Title and reason; ``revision`` is the one that the writer saw."""

    title = StringField(
        _("Titel"),
        [
            DataRequired(_("Geef het amendement een titel.")),
            Length(max=MAX_HEADING, message=TOO_LONG),
            no_controls,
        ],
        filters=[tidy],
        description=_("In een paar woorden: wat wilt u veranderen?"),
    )
    reason = TextAreaField(
        _("Toelichting"), [Length(max=MAX_TEXT, message=TOO_LONG)], filters=[tidy], description=_("Waarom wilt u dit?")
    )
    revision = IntegerField(widget=HiddenField.widget, validators=[Optional(), NumberRange(0, 10**9)], default=0)


@dataclass(frozen=True)
class Block:
    """One section on the page where it is written: ``base`` is what stands in the text, None for a new one."""

    key: str
    base: VersionSection | None
    heading: str
    body: str
    removed: bool = False
    #: For a new section the key of the one that it comes after.
    after: str = ""
    #: What a colleague saved in between, where that is something else.
    theirs: AmendmentSection | None = None

    @property
    def text(self) -> str:
        """Heading and body in one, as they are compared; '' for a section that goes."""
        return "" if self.removed else tidied(self.heading, self.body).text

    @property
    def base_text(self) -> str:
        """What stands in the text now."""
        return Wording(self.base.heading, self.base.body).text if self.base else ""

    def change(self) -> SectionChange:
        """What this asks for."""
        words = None if self.removed else tidied(self.heading, self.body)
        if self.base:
            return SectionChange(self.base.section_id, words)
        return SectionChange(as_uuid(self.key), words, as_uuid(self.after))


def as_uuid(text: str) -> uuid.UUID | None:
    """A key, or None for what is not one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def untouched(section: VersionSection) -> Block:
    """A section as it stands in the text, to be changed."""
    return Block(str(section.section_id), section, section.heading, section.body)


def saved(rows: Sequence[AmendmentSection], sections: Sequence[VersionSection]) -> list[Block]:
    """The sections of an amendment as they were saved, in the order of the text."""
    known = {section.section_id: section for section in sections}
    found = []
    for row in rows:
        base = None if row.after_id else known.get(row.section_id)
        words = (base.heading, base.body) if row.removed and base else (row.heading, row.body)
        after = str(row.after_id or "")
        found.append(Block(str(row.section_id), base, *words, removed=row.removed, after=after))
    return in_order(found, sections)


def typed(form: Mapping[str, str], sections: Sequence[VersionSection]) -> list[Block]:
    """The sections as they stand in a form that was sent, in the order of the text."""
    known = {str(section.section_id): section for section in sections}
    keys = [name.removeprefix("tekst-") for name in form if name.startswith("tekst-")][:MAX_SECTIONS]
    found = []
    for key in keys:
        base, after = known.get(key), form.get(f"na-{key}", "")
        if base is None and after not in known:
            continue
        words = tidied(form.get(f"kop-{key}", "")[: MAX_HEADING + 1], form[f"tekst-{key}"][: MAX_BODY + 1])
        removed = base is not None and bool(form.get(f"schrap-{key}"))
        found.append(Block(key, base, words.heading, words.body, removed, "" if base else after))
    return in_order(found, sections)


def in_order(blocks: Sequence[Block], sections: Sequence[VersionSection]) -> list[Block]:
    """Blocks in the order of the text; new ones after the section that they follow."""
    place = {str(section.section_id): section.position for section in sections}
    return sorted(blocks, key=lambda block: (place.get(block.after or block.key, 0), block.base is None))


def stepped(blocks: Sequence[Block], form: Mapping[str, str], sections: Sequence[VersionSection]) -> list[Block]:
    """Blocks after a step that saves nothing: one more section to change, a new one, or one less."""
    known = {str(section.section_id): section for section in sections}
    found = [block for block in blocks if block.key != form.get("weg")]
    chosen, here = form.get("welk", ""), {block.key for block in found}
    if form.get("stap") == "erbij" and chosen in known and chosen not in here:
        found.append(untouched(known[chosen]))
    if form.get("stap") == "nieuw" and chosen in known:
        number = next(n for n in range(1, MAX_SECTIONS + 2) if f"{NEW}{n}" not in here)
        found.append(Block(f"{NEW}{number}", None, "", "", after=chosen))
    return in_order(found[:MAX_SECTIONS], sections)


def beside(
    blocks: Sequence[Block], theirs: Sequence[AmendmentSection], sections: Sequence[VersionSection]
) -> list[Block]:
    """Blocks with what a colleague saved in between beside them; what only the colleague changed comes along."""
    rows, found = {str(row.section_id): row for row in theirs}, []
    for block in blocks:
        row = rows.pop(block.key, None)
        now = (row.heading, row.body, row.removed) if row else None
        mine = ("", "", True) if block.removed else (block.heading, block.body, False)
        found.append(replace(block, theirs=row if now and now != mine else None))
    return in_order([*found, *saved(list(rows.values()), sections)], sections)
