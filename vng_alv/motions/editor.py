"""Where a motion is written: the form, its items, and what the buttons between them do."""

from collections.abc import Mapping

from flask import request
from flask_babel import gettext as _

from vng_alv.domain.motions import MAX_ITEMS, OPERATIVE, Group, MotionText
from vng_alv.errors import Refused
from vng_alv.meetings.forms import tidy
from vng_alv.motions.forms import Items, MotionForm
from vng_alv.motions.models import Motion
from vng_alv.web import UNSAFE

#: What the button says that cuts up a pasted motion.
CUT = "verdeel"


class Editor:
    """The page on which a motion is written, of a new one or of ``motion``; ``action`` is where it is sent."""

    def __init__(self, action: str, sent: Mapping[str, str], motion: Motion | None = None) -> None:
        self.action, self.motion = action, motion
        known = motion.text if motion else MotionText("")
        reason = motion.submission.reason if motion else ""
        revision = motion.submission.revision if motion else 0
        self.form = MotionForm(data={"title": known.title, "reason": reason, "revision": revision})
        self.items = Items.typed(sent) if request.method in UNSAFE else Items.of(known)
        self.status, self.note = 200, ""
        #: What a colleague saved in between.
        self.theirs: Motion | None = None

    def ready(self) -> bool:
        """Whether the form was sent to be saved and is right; a button between the items is done here."""
        if request.method not in UNSAFE:
            return False
        do = request.form.get("doe", "")
        if do == CUT:
            self._cut()
            return False
        if do:
            self.items.step(do)
            return False
        self.status = 422
        right = self.items.are_right()  # both are asked, so that all faults are told at once
        return self.form.sent() and right

    def text(self) -> MotionText:
        """The motion that was typed."""
        return self.items.text(self.form.title.data)

    @property
    def revision(self) -> int:
        """The revision that the writer saw."""
        return self.form.revision.data or 0

    def refuse(self, refused: Refused, theirs: Motion | None = None) -> None:
        """Show why it was refused; who saves again after a colleague's change does so knowingly."""
        self.status = refused.status
        self.form.refuse(refused)
        if theirs:
            self.theirs = theirs
            self.form.revision.raw_data, self.form.revision.data = None, theirs.submission.revision

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(field, what is wrong) of all that is wrong."""
        found = [
            (field.id, f"{field.label.text}: {field.errors[0]}") for field in self.form if field.errors and field.label
        ]
        found += [(key, f"{self.words_of(Group(key.partition('-')[0]))}: {said}") for key, said in self.items.problems]
        found += [
            (f"{group.value}-0", _("%(group)s: ten hoogste %(max)s punten.", group=self.words_of(group), max=MAX_ITEMS))
            for group in self.items.full
        ]
        return found

    @staticmethod
    def words_of(group: Group) -> str:
        """What stands above a group, as a label."""
        return {
            Group.NOTING: "Constaterende dat",
            Group.CONSIDERING: "Overwegende dat",
            Group.DECLARES: "Spreekt uit dat",
            Group.REQUESTS: "Verzoekt het bestuur",
        }[group]

    @property
    def groups(self) -> list[tuple[Group, str, str]]:
        """The groups with their words and what to write there."""
        hints = {
            Group.NOTING: _("De feiten: wat is er aan de hand?"),
            Group.CONSIDERING: _("De redenen: waarom moet er iets gebeuren?"),
            Group.DECLARES: _("Wat vindt de vergadering? Dit wordt een besluit."),
            Group.REQUESTS: _("Wat moet het bestuur doen? Dit wordt een besluit."),
        }
        return [(group, self.words_of(group), hints[group]) for group in Group]

    @staticmethod
    def decides(group: Group) -> bool:
        """Whether the items of a group are decided on."""
        return group in OPERATIVE

    def _cut(self) -> None:
        """Cut the pasted motion into the groups; what belongs to none of them goes to the explanation."""
        whole = tidy(self.form.whole.data)
        found, rest = self.items.paste(whole)
        if not found:
            self.status = 422
            self.note = _(
                "In deze tekst staat nergens 'constaterende dat', 'overwegende dat', 'spreekt uit' of 'verzoekt' aan "
                "het begin van een regel. De tekst staat hieronder nog; verdeel hem zelf."
            )
            return
        self.form.whole.data = ""
        if rest:
            self.form.reason.data = "\n\n".join(filter(None, [self.form.reason.data, rest]))
        self.note = _(
            "De motie is verdeeld. Kijk de tekst na; er is nog niets bewaard. Wat bij geen groep hoort, staat bij de "
            "toelichting."
        )
