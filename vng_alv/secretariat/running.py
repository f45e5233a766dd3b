"""The running order of a meeting: its agenda with times, the texts and their rounds, and where the meeting is now."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, StopValidation
from wtforms.validators import Optional as MayBeEmpty

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.agenda import MAX_TITLE, begins, is_duration, is_running
from vng_alv.domain.permissions import Permission
from vng_alv.domain.rounds import IN_PREPARATION, RoundState
from vng_alv.errors import Missing, Refused
from vng_alv.meetings import agenda
from vng_alv.meetings.forms import NEEDED, tidy
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.meetings.queries import current_item, get_item, get_meeting
from vng_alv.motions.queries import accounts_at, standing
from vng_alv.motions.service import ACCOUNT_ITEM
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import proposals_of
from vng_alv.refusals import sentence
from vng_alv.secretariat.console import CONSOLE
from vng_alv.secretariat.next_step import to_prepare
from vng_alv.voting import blocks
from vng_alv.voting.models import Round
from vng_alv.voting.order import texts_with_waiting
from vng_alv.voting.queries import rounds_of
from vng_alv.web import UNSAFE, BaseForm, no_controls, page, uuid_or_missing

blueprint = Blueprint("running", __name__)

HERE = CONSOLE + "/draaiboek"
ITEM = HERE + "/<item_id>"
#: How many places each button moves an item.
STEPS = {"omhoog": -1, "omlaag": 1}


def _duration(_form: Any, field: Any) -> None:
    """A validator: so many minutes, in one sentence for whatever else was typed."""
    if field.errors or not is_duration(field.data):
        field.errors = []
        raise StopValidation(_("Vul een heel aantal minuten in, van 1 tot en met 600, of niets."))


class ItemForm(BaseForm):
    """An item of the agenda."""

    title = StringField(
        lazy_gettext("Naam"), [DataRequired(NEEDED), Length(max=MAX_TITLE), no_controls], filters=[tidy]
    )
    note = TextAreaField(
        lazy_gettext("Toelichting"),
        [Length(max=2_000)],
        filters=[tidy],
        description=lazy_gettext("Iedereen kan dit lezen."),
    )
    minutes = IntegerField(
        lazy_gettext("Duur in minuten"),
        [MayBeEmpty(), _duration],
        description=lazy_gettext("Zo lang duurt het naar verwachting. Daarmee rekent het draaiboek de tijden uit."),
        render_kw={"inputmode": "numeric"},
    )


@dataclass(frozen=True)
class Text:
    """A text under an item, with what is put to the vote on it."""

    proposal: Proposal
    rounds: Sequence[Round]
    #: Whether votes on it are still to be prepared.
    unprepared: bool


@dataclass(frozen=True)
class Block:
    """Rounds that open together; ``ready`` are those that can be opened now."""

    number: int
    rounds: Sequence[Round]
    ready: Sequence[Round]


@dataclass(frozen=True)
class Line:
    """An item on the running order; None: what stands under no item."""

    item: AgendaItem | None
    begins: datetime | None
    texts: Sequence[Text]
    blocks: Sequence[Block]
    #: Rounds in preparation, which can be made a block of.
    loose: Sequence[Round]


@blueprint.get(HERE)
@requires(Permission.SECRETARIAT)
def show(meeting_code: str) -> ResponseReturnValue:
    """The whole running order."""
    return _page(get_meeting(meeting_code))


@blueprint.post(HERE)
@requires(Permission.MANAGE_MEETINGS)
def move(meeting_code: str) -> ResponseReturnValue:
    """Move an item one place with a button, or to any place by dragging."""
    meeting, step = get_meeting(meeting_code), request.form.get("stap", "")
    item = get_item(meeting, uuid_or_missing(request.form.get("punt", "")))
    place = item.number + STEPS[step] if step in STEPS else _number("plaats")
    try:
        moved = agenda.move_item(meeting, item.id, place, actor(), version=_number("versie"))
    except Refused as refused:
        return _refused(meeting_code, refused)
    flash(_("%(title)s is nu punt %(number)s.", title=moved.title, number=moved.number), "ok")
    # No fragment: with one, browsers do not put the focus where the page asks for it.
    return redirect(url_for(".show", meeting_code=meeting.code, punt=moved.id, stap=step or None), 303)


@blueprint.route(ITEM, methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def change(meeting_code: str, item_id: str) -> ResponseReturnValue:
    """Give an item another name, note or duration."""
    meeting, key = get_meeting(meeting_code), uuid_or_missing(item_id)
    form = ItemForm(obj=get_item(meeting, key))
    status = 422 if request.method in UNSAFE else 200
    if form.sent():
        try:
            item = agenda.change_item(
                meeting, key, form.title.data, form.note.data, form.minutes.data, actor(), version=_number("versie")
            )
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
            status = refused.status
        else:
            flash(_("Agendapunt %(number)s is bewaard.", number=item.number), "ok")
            return redirect(url_for(".show", meeting_code=meeting.code, punt=key), 303)
    return _item_page(get_meeting(meeting_code), key, form, status)


@blueprint.post(ITEM + "/verwijderen")
@requires(Permission.MANAGE_MEETINGS)
def remove(meeting_code: str, item_id: str) -> ResponseReturnValue:
    """Take an item off the agenda, when nothing hangs on it."""
    meeting = get_meeting(meeting_code)
    try:
        title = agenda.remove_item(meeting, uuid_or_missing(item_id), actor(), version=_number("versie"))
    except Refused as refused:
        return _refused(meeting_code, refused)
    flash(_("Van de agenda gehaald: %(title)s", title=title), "ok")
    return redirect(url_for(".show", meeting_code=meeting.code), 303)


@blueprint.post(HERE + "/nu")
@requires(Permission.RUN_ROUNDS)
def set_current(meeting_code: str) -> ResponseReturnValue:
    """Say which item the meeting is at; without one, that it is at none."""
    meeting, wanted = get_meeting(meeting_code), request.form.get("punt", "")
    try:
        item = agenda.set_current(meeting, uuid_or_missing(wanted) if wanted else None, actor())
    except Refused as refused:
        return _refused(meeting_code, refused)
    said = _("Nu aan de orde: punt %(number)s, %(title)s.", number=item.number, title=item.title) if item else ""
    flash(said or _("Er is nu geen punt aan de orde."), "ok")
    return redirect(url_for(".show", meeting_code=meeting.code, punt=wanted or None, stap="nu" if item else None), 303)


@blueprint.post(HERE + "/blokken")
@requires(Permission.RUN_ROUNDS)
def make_block(meeting_code: str) -> ResponseReturnValue:
    """Let the ticked rounds open together."""
    meeting, labels = get_meeting(meeting_code), request.form.getlist("round")
    if not all(label.isascii() and label.isdigit() for label in labels):
        raise Missing("round")
    try:
        made = blocks.put_together(meeting, [int(label[:9]) for label in labels], actor(), version=_number("versie"))
    except Refused as refused:
        return _refused(meeting_code, refused)
    flash(_("Blok %(number)s is gemaakt. Deze stemmingen opent u samen.", number=made), "ok")
    return redirect(url_for(".show", meeting_code=meeting.code), 303)


@blueprint.post(HERE + "/blokken/opheffen")
@requires(Permission.RUN_ROUNDS)
def end_block(meeting_code: str) -> ResponseReturnValue:
    """Let the rounds of a block each open for themselves again."""
    meeting, number = get_meeting(meeting_code), _number("blok")
    try:
        blocks.take_apart(meeting, number, actor(), version=_number("versie"))
    except Refused as refused:
        return _refused(meeting_code, refused)
    flash(_("Blok %(number)s is opgeheven. De stemmingen staan nog klaar.", number=number), "ok")
    return redirect(url_for(".show", meeting_code=meeting.code), 303)


def _number(name: str) -> int:
    """A whole number that a form of ours carries. Raises ``Missing`` where it does not."""
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise Missing(name)
    return int(text)


def _refused(meeting_code: str, refused: Refused) -> ResponseReturnValue:
    """The running order as it is now; what was refused is undone first, and told."""
    db.rollback()
    return _page(get_meeting(meeting_code), problem=sentence(refused), status=refused.status)


def _item_page(meeting: Meeting, key: uuid.UUID, form: ItemForm, status: int) -> ResponseReturnValue:
    item = get_item(meeting, key)
    hangs = agenda.hangs_on(item)
    current = meeting.current_item_id == item.id
    return page("running/item.html", status, meeting=meeting, item=item, form=form, hangs=hangs, current=current)


def _page(meeting: Meeting, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    lines = _lines(meeting)
    timed = [line.item for line in lines if line.item]
    return page(
        "running/show.html",
        status,
        meeting=meeting,
        lines=lines,
        current=current_item(meeting),
        running=is_running(meeting.starts_at, db.now()) and not meeting.is_written,
        untimed=sum(item.minutes is None for item in timed),
        ends=_ends(meeting),
        account_item=ACCOUNT_ITEM,
        accounts=accounts_at(meeting.id),
        focus=(request.args.get("punt", ""), request.args.get("stap", "")),
        problem=problem,
    )


def _times(meeting: Meeting) -> list[datetime]:
    """When each item begins and, last, when the meeting is over."""
    current = current_item(meeting)
    place = meeting.agenda.index(current) if current else None
    minutes = [item.minutes for item in meeting.agenda]
    return begins(meeting.starts_at, [*minutes, None], place, meeting.current_since)


def _ends(meeting: Meeting) -> datetime | None:
    return _times(meeting)[-1] if any(item.minutes for item in meeting.agenda) else None


def _lines(meeting: Meeting) -> list[Line]:
    """The items with what hangs on them, and then what hangs on none."""
    rounds, proposals = rounds_of(meeting.id), proposals_of(meeting.id)
    valid = [one for one in rounds if one.state is not RoundState.ANNULLED]
    open_texts = {
        one.id
        for one in to_prepare(proposals, rounds, standing([p.id for p in proposals]), texts_with_waiting(meeting.id))
    }
    found = blocks.blocks_of(meeting.id)
    blocked = {one.id for of_block in found.values() for one in of_block}

    def line(item: AgendaItem | None, at: datetime | None) -> Line:
        texts = [
            Text(one, [r for r in valid if r.proposal_id == one.id], one.id in open_texts)
            for one in proposals
            if one.agenda_item_id == (item.id if item else None)
        ]
        here = {r.id for text in texts for r in text.rounds}
        return Line(
            item,
            at,
            texts,
            [
                Block(number, of_block, [r for r in of_block if r.state in IN_PREPARATION])
                for number, of_block in found.items()
                if here & {r.id for r in of_block if r.state in IN_PREPARATION}
            ],
            [r for text in texts for r in text.rounds if r.state in IN_PREPARATION and r.id not in blocked],
        )

    lines = [line(item, at) for item, at in zip(meeting.agenda, _times(meeting), strict=False)]
    without = line(None, None)
    return [*lines, without] if without.texts else lines
