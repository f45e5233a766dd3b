"""What a person types in a motion: its title, four groups of items, and what is asked about it afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from vng_alv.domain.motion_paste import cut
from vng_alv.domain.motions import (
    MAX_CHARACTERS,
    MAX_ITEMS,
    OPERATIVE,
    FollowUpState,
    Group,
    MotionText,
    Parts,
    numbers_of,
    parts_of,
    shortened,
)
from vng_alv.meetings.forms import NEEDED, tidy
from vng_alv.meetings.models import Meeting
from vng_alv.submissions.forms import MAX_TEXT, TOO_LONG
from vng_alv.web import BaseForm, no_controls

#: So many items are read of a group whatever was sent, to show them again with what is wrong.
READ = 200
FOLLOW_UPS: dict[FollowUpState, Any] = {
    FollowUpState.IN_PROGRESS: _("In uitvoering"),
    FollowUpState.DONE: _("Afgedaan"),
    FollowUpState.HELD_OVER: _("Aangehouden"),
}


class MotionForm(BaseForm):
    """Title, explanation, and a whole motion to be cut up; ``revision`` is the one that the writer saw."""

    title = StringField(
        _("Titel"),
        [DataRequired(_("Geef de motie een titel.")), Length(max=300, message=TOO_LONG), no_controls],
        filters=[tidy],
        description=_("In een paar woorden: waar gaat de motie over?"),
    )
    reason = TextAreaField(
        _("Toelichting"),
        [Length(max=MAX_TEXT, message=TOO_LONG)],
        filters=[tidy],
        description=_("Achtergrond bij de motie. Hierover wordt niet gestemd."),
    )
    whole = TextAreaField(
        _("Plak de hele motie"),
        [Length(max=100_000, message=TOO_LONG)],
        filters=[tidy],
        description=_(
            "Heeft u de motie al in een ander programma geschreven? Plak de tekst hier en laat hem verdelen. "
            "Kijk daarna na of alles goed staat."
        ),
    )
    revision = IntegerField(widget=HiddenField.widget, validators=[Optional(), NumberRange(0, 10**9)], default=0)


@dataclass
class Item:
    """One item as it is typed; ``part`` is the part that it is voted on in, 0 where nobody said so."""

    text: str
    part: int = 0
    problem: str = ""


@dataclass
class Items:
    """All items on the page where a motion is written, and which of them the writer goes on with."""

    groups: dict[Group, list[Item]] = field(default_factory=lambda: {group: [] for group in Group})
    focus: str = ""
    full: set[Group] = field(default_factory=set)

    @classmethod
    def of(cls, text: MotionText) -> "Items":
        """Those of a motion, with the part of each thing to decide on."""
        numbers = iter(numbers_of(text.parts, len(text.operative)))
        found = cls()
        for group in Group:
            found.groups[group] = [
                Item(words, next(numbers) if group in OPERATIVE else 0) for words in text.items(group)
            ]
        return found

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> "Items":
        """Those that were sent."""
        found = cls()
        for group in Group:
            for i in range(READ):
                if f"{group.value}-{i}" in form:
                    number = form.get(f"deel-{group.value}-{i}", "")
                    part = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
                    found.groups[group].append(Item(tidy(form[f"{group.value}-{i}"]), part))
        return found

    def shown(self) -> dict[Group, list[Item]]:
        """The items with at least an empty one in each group."""
        return {group: items or [Item("")] for group, items in self.groups.items()}

    def step(self, do: str) -> None:
        """Do what a button of the page says: 'erbij-noting', 'weg-noting-2', 'omhoog-noting-2' or 'omlaag-noting-2'."""
        act, _dash, rest = do.partition("-")
        name, _dash, place = rest.partition("-")
        if name not in set(Group):
            return
        group = Group(name)
        items = self.groups[group] = self.groups[group] or [Item("")]
        i = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else -1
        if act == "erbij" and len(items) < MAX_ITEMS:
            items.append(Item("", items[-1].part))
            self.focus = f"{name}-{len(items) - 1}"
        elif act == "weg" and 0 <= i < len(items):
            del items[i]
            self.focus = f"{name}-{max(0, min(i, len(items) - 1))}"
        elif act in {"omhoog", "omlaag"} and 0 <= i < len(items):
            then = max(0, min(i + (1 if act == "omlaag" else -1), len(items) - 1))
            items.insert(then, items.pop(i))
            self.focus = f"{name}-{then}"

    def paste(self, whole: str) -> tuple[bool, str]:
        """Add the items of a whole motion; whether any group was found, and what belongs to none of them."""
        found = cut(whole)
        for group, words in found.groups.items():
            self.groups[group] = [item for item in self.groups[group] if item.text] + [Item(one) for one in words]
        return found.found, "\n\n".join([*found.before, *found.after])

    def are_right(self) -> bool:
        """Whether none is too long and no group too full; the faults stand with them."""
        for group, items in self.groups.items():
            for item in items:
                if len(item.text) > MAX_CHARACTERS:
                    item.problem = str(TOO_LONG) % {"max": MAX_CHARACTERS}
            if sum(bool(item.text) for item in items) > MAX_ITEMS:
                self.full.add(group)
        return not self.full and not self.problems

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(the item's own name, what is wrong with it)."""
        return [
            (f"{group.value}-{i}", item.problem)
            for group, items in self.groups.items()
            for i, item in enumerate(items)
            if item.problem
        ]

    def text(self, title: str) -> MotionText:
        """The motion that was typed. Something new to decide on goes with the part of what stands before it."""
        said = {group.value: tuple(item.text for item in items if item.text) for group, items in self.groups.items()}
        numbers: list[int] = []
        for group in OPERATIVE:
            for item in self.groups[group]:
                if item.text:
                    numbers.append(item.part or (numbers[-1] if numbers else 1))
        return MotionText(title=title, **said, parts=parts_of(numbers))


@dataclass(frozen=True)
class Choice:
    """Something to decide on, on the page where a motion is split."""

    group: Group
    text: str
    part: int

    @property
    def short(self) -> str:
        """Its first words, for an accessible name."""
        return shortened(self.text, 80)


def choices(text: MotionText, form: Mapping[str, str]) -> list[Choice]:
    """What is decided on, with the part that was chosen for it (fields ``deel-0``, ``deel-1`` …)."""
    numbers = numbers_of(text.parts, len(text.operative))
    found = []
    for i, (group, words) in enumerate(text.operative):
        typed = form.get(f"deel-{i}", "")
        most = len(text.operative)
        part = int(typed) if typed.isascii() and typed.isdigit() and 1 <= int(typed[:4]) <= most else numbers[i]
        found.append(Choice(group, words, part))
    return found


def chosen(found: Iterable[Choice]) -> Parts:
    """The parts that were chosen."""
    return parts_of([choice.part for choice in found])


class SeenForm(BaseForm):
    """That a page was looked at; ``seen`` is the revision that stood there."""

    seen = IntegerField(widget=HiddenField.widget, validators=[InputRequired(), NumberRange(0, 10**9)])


class FollowUpForm(BaseForm):
    """Where the work stands that a motion asks for."""

    progress = RadioField(
        _("Stand van zaken"),
        [InputRequired(_("Kies een stand van zaken."))],
        choices=[SelectChoice(state.value, words) for state, words in FOLLOW_UPS.items()],
    )
    account = TextAreaField(
        _("Verantwoording"),
        [DataRequired(NEEDED), Length(max=MAX_TEXT, message=TOO_LONG)],
        filters=[tidy],
        description=_("Wat is er gedaan, en wat volgt nog? Iedereen kan dit lezen."),
    )


class AgendaForm(BaseForm):
    """At which coming meeting account is given."""

    meeting = SelectField(_("Vergadering"), [InputRequired(NEEDED)])

    def offer(self, coming: Iterable[Meeting]) -> None:
        """The meetings to choose from."""
        self.meeting.choices = [SelectChoice(m.code, m.title) for m in coming]
