"""The list of reactions: putting them under themes, many at once, and answering one alone.

The pages of a theme are ``theming``, the matrix and who is silent ``overview``; all are on one blueprint.
"""

import uuid
from collections.abc import Sequence

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv.access import actor, requires
from vng_alv.answering import overview, queries, seen, service, theming
from vng_alv.answering.desk import TEXT, Desk, blueprint, desk_of, filters, wanted
from vng_alv.answering.forms import SIZES, GroupForm, OneAnswerForm
from vng_alv.answering.queries import WHOLE, Wanted
from vng_alv.consultation.models import Comment
from vng_alv.consultation.queries import provinces
from vng_alv.consultation.service import is_open
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.web import UNSAFE, Page, page, page_number, uuid_or_missing

__all__ = ["blueprint", "overview", "theming"]

#: Reactions on one page.
SIZE = 100


@blueprint.get(TEXT + "/verwerken")
@requires(Permission.READ_REACTIONS)
def process(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """The reactions that were sent, with their themes and answers."""
    return _process_page(desk_of(meeting_code, proposal_code), GroupForm())


@blueprint.post(TEXT + "/verwerken")
@requires(Permission.ANSWER)
def group(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Put the ticked reactions under a theme, or take them out of it; the list comes back where it was."""
    desk, form = desk_of(meeting_code, proposal_code), GroupForm()
    ticked = [uuid_or_missing(key) for key in dict.fromkeys(request.form.getlist("reactie"))]
    changed = None
    if form.sent():
        shown = [comment.id for comment in _shown(desk)[1].items]
        try:
            said = _regroup(desk, ticked, form)
        except Refused as refused:
            form.refuse(refused)
            changed = refused if isinstance(refused, service.ReactionsChanged) else None
        else:
            flash(said, "ok")
            return redirect(desk.url(".process", _beside(shown, ticked), **filters()), 303)
    return _process_page(desk, form, ticked, changed)


def _regroup(desk: Desk, ticked: Sequence[uuid.UUID], form: GroupForm) -> str:
    chosen = uuid_or_missing(form.theme.data) if form.theme.data else None
    if request.form.get("doe") == "eruit":
        if chosen is None:
            raise Refused(Refusal.NO_THEME)
        theme, number = service.ungroup(desk.consultation, ticked, chosen, actor())
        words = ngettext(
            "Eén reactie is uit het thema gehaald: %(title)s.",
            "%(num)s reacties zijn uit het thema gehaald: %(title)s.",
            number,
            title=theme.title,
        )
        return str(words)
    theme, number = service.group(
        desk.consultation, ticked, chosen, form.new.data, actor(), seen=seen.read(form.seen.data or "")
    )
    words = ngettext(
        "Eén reactie staat nu onder het thema: %(title)s.",
        "%(num)s reacties staan nu onder het thema: %(title)s.",
        number,
        title=theme.title,
    )
    return str(words)


def _beside(shown: Sequence[uuid.UUID], ticked: Sequence[uuid.UUID]) -> str:
    """Where to go on in a list: the first reaction after the ticked ones, or before them."""
    places = [place for place, key in enumerate(shown) if key in set(ticked)]
    rest = [key for key in (*shown[places[0] :], *reversed(shown[: places[0]])) if key not in ticked] if places else []
    return f"r-{next(iter(rest), ticked[0])}"


def _shown(desk: Desk) -> tuple[Wanted, Page[Comment]]:
    """What the list is narrowed to, and the page of it; past the end the first one."""
    asked, number = wanted(), page_number()
    found = queries.reactions(desk.consultation, asked, (number - 1) * SIZE, SIZE + 1)
    if not found and number > 1:
        number, found = 1, queries.reactions(desk.consultation, asked, 0, SIZE + 1)
    return asked, Page(found, number, SIZE)


def _process_page(
    desk: Desk,
    form: GroupForm,
    ticked: Sequence[uuid.UUID] = (),
    changed: service.ReactionsChanged | None = None,
) -> ResponseReturnValue:
    asked, shown = _shown(desk)
    showing = [*shown.items, *(changed.replaced if changed else ())]
    form.seen.data = seen.written({one.id: one.sent_at for one in showing})
    return page(
        "answering/process.html",
        409 if changed else 422 if request.method in UNSAFE else 200,
        desk=desk,
        changed=changed,
        form=form,
        ticked=set(ticked),
        wanted=asked,
        shown=shown,
        found=queries.count(desk.consultation.id, asked),
        total=queries.count(desk.consultation.id, Wanted()),
        themes=queries.themes_of(desk.consultation.id),
        provinces=provinces(desk.consultation.id),
        sizes=SIZES,
        whole=WHOLE,
        filters=filters(),
        open_now=is_open(desk.consultation),
    )


@blueprint.route(TEXT + "/verwerken/<comment_id>", methods=["GET", "POST"])
@requires(Permission.ANSWER)
def answer(meeting_code: str, proposal_code: str, comment_id: str) -> ResponseReturnValue:
    """One reaction, and the answer to it alone."""
    desk, key = desk_of(meeting_code, proposal_code), uuid_or_missing(comment_id)
    try:
        return _answer_page(desk, queries.get_sent(desk.consultation.id, key))
    except Missing:  # perhaps the municipality took it back while the answer was typed
        if request.method not in UNSAFE or not queries.was_withdrawn(desk.consultation.id, key):
            raise
        return page("answering/gone.html", 409, desk=desk, reaction=True, typed=OneAnswerForm().body.data or "")


def _answer_page(desk: Desk, comment: Comment) -> ResponseReturnValue:
    own = comment.answer.body if comment.answer else ""
    form = OneAnswerForm(data={"body": own, **service.seen_of(comment)._asdict()})
    problem: Refused | None = None
    if form.sent():
        try:
            service.answer_one(comment, form.body.data, form.seen(), actor())
        except Refused as refused:
            problem, now = refused, service.seen_of(comment)
            form.refuse(refused)
            if refused.refusal is Refusal.REACTION_REPLACED:  # the page shows the new text, and so it was seen
                form.reaction.data = now.reaction
            elif refused.refusal is Refusal.EDITED_MEANWHILE:
                form.answer.data = now.answer
        else:
            flash(_("Het antwoord is bewaard."), "ok")
            return redirect(desk.url(".process", f"r-{comment.id}", **filters()), 303)
    status = problem.status if problem else 422 if request.method in UNSAFE else 200
    return page("answering/one.html", status, desk=desk, comment=comment, form=form, problem=problem, filters=filters())
