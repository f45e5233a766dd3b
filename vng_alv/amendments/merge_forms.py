"""What a person chooses and types on the workbench, and where an amendment is put on a new text."""

import uuid
from collections.abc import Sequence

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField
from wtforms.validators import NumberRange, Optional

from vng_alv.amendments.carried import Misfit
from vng_alv.amendments.forms import as_uuid
from vng_alv.amendments.service import MAX_BODY, MAX_HEADING, SectionChange
from vng_alv.amendments.workbench import Bench
from vng_alv.domain.amendments import Wording, tidied
from vng_alv.domain.merging import Choice, Own
from vng_alv.web import BaseForm

#: The choice for words of one's own, as the form names it.
OWN = "own"
TOO_LONG = _("Deze tekst is te lang.")


class MergeForm(BaseForm):
    """Which amendments go into the text."""

    def keys(self) -> list[uuid.UUID]:
        """Those that were ticked."""
        return [key for text in request.form.getlist("amendement") if (key := as_uuid(text))]

    def ticked(self, key: uuid.UUID) -> bool:
        """Whether one is ticked; all are to begin with."""
        return key in self.keys() if request.method == "POST" else True


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class BenchForm(BaseForm):
    """One section: a choice for each clash, and its text to be written oneself. ``revision`` is what was seen."""

    revision = IntegerField(widget=HiddenField.widget, validators=[Optional(), NumberRange(0, 10**9)])

    def __init__(self, bench: Bench) -> None:
        super().__init__(data={"revision": bench.revision})
        self.bench, self.was = bench, tidied(bench.drafted.heading, bench.drafted.body)
        self.again = request.method == "POST"
        seen = tidied(request.form.get("kop-was", ""), request.form.get("tekst-was", ""))
        self.written = self.again and "tekst" in request.form and self._typed() != seen

    def _typed(self) -> Wording:
        return tidied(request.form.get("kop", ""), request.form["tekst"])

    def validate(self, *args: object, **more: object) -> bool:
        """Whether all of it can be kept."""
        right = bool(super().validate())
        words = [request.form.get("tekst", ""), *(v for n, v in request.form.items() if n.startswith("woorden-"))]
        if any(len(text) > MAX_BODY for text in words) or len(request.form.get("kop", "")) > MAX_HEADING:
            self.form_errors.append(str(TOO_LONG))
            return False
        return right

    def chosen(self, name: str) -> str:
        """What is chosen under this name, as the form says it."""
        if self.again:
            return request.form.get(f"keuze-{name}", "")
        choice = self.bench.choices.get(name, "")
        return OWN if isinstance(choice, Own) else choice

    def words(self, name: str, start: str) -> str:
        """The words of one's own for a clash; ``start`` to begin from."""
        if self.again:
            return _lines(request.form.get(f"woorden-{name}", start))
        choice = self.bench.choices.get(name)
        return choice.words if isinstance(choice, Own) else start

    def choices(self) -> dict[str, Choice]:
        """All that was chosen."""
        found: dict[str, Choice] = {}
        for field in request.form:
            name = field.removeprefix("keuze-")
            if name == field:
                continue
            choice = request.form[field]
            found[name] = Own(_lines(request.form.get(f"woorden-{name}", ""))) if choice == OWN else choice
        return found

    @property
    def text(self) -> Wording:
        """The text of the section as it stands in the form."""
        return self._typed() if self.written else self.was

    def own(self) -> Wording | None:
        """Words of one's own for the whole section: those that were typed, or the ones from before."""
        if "terug" in request.form:
            return None
        return self.text if self.written else self.bench.own

    def meet(self, fresh: Bench) -> None:
        """Go on from what somebody else saved: saving again is done knowingly."""
        self.revision.raw_data, self.revision.data = None, fresh.revision
        self.was = tidied(fresh.drafted.heading, fresh.drafted.body)


class AdaptForm(BaseForm):
    """The sections of an amendment that no longer fit, each to be written on the new text or left out."""

    revision = IntegerField(widget=HiddenField.widget, validators=[Optional(), NumberRange(0, 10**9)])

    def __init__(self, shown: Sequence[Misfit], revision: int) -> None:
        super().__init__(data={"revision": revision})
        self.shown, self.typed = shown, request.method == "POST"

    def again(self, revision: int) -> None:
        """Go on from what stands there now."""
        self.revision.raw_data, self.revision.data = None, revision

    def words(self, one: Misfit) -> Wording:
        """Heading and text as they stand in the form."""
        if self.typed:
            return tidied(request.form.get(f"kop-{one.key}", "")[: MAX_HEADING + 1],
                          request.form.get(f"tekst-{one.key}", "")[: MAX_BODY + 1])  # fmt: skip
        return one.start

    def what(self, one: Misfit) -> str:
        """What is to be done: 'wijzig', 'schrap' or 'weg' (out of the amendment)."""
        usual = "schrap" if one.row.removed else "wijzig"
        gone = one.new is None and one.row.after_id is None
        return request.form.get(f"wat-{one.key}", "weg") if self.typed else "weg" if gone else usual

    def after(self, one: Misfit) -> str:
        """For a new section the key of the one that it comes after."""
        return request.form.get(f"na-{one.key}", "")

    def wishes(self) -> list[SectionChange]:
        """What the amendment asks for now."""
        found = []
        for one in self.shown:
            what = self.what(one)
            if what == "weg":
                continue
            after = as_uuid(self.after(one)) if one.row.after_id else None
            found.append(SectionChange(one.row.section_id, None if what == "schrap" else self.words(one), after))
        return found
