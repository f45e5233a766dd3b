"""The themes of a consultation: their answers, their order, and two that become one."""

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires
from vng_alv.answering import queries, seen, service
from vng_alv.answering.desk import TEXT, Desk, blueprint, desk_of
from vng_alv.answering.forms import ThemeForm
from vng_alv.answering.queries import Wanted
from vng_alv.consultation.models import Theme
from vng_alv.domain.answering import Outcome
from vng_alv.domain.permissions import Permission
from vng_alv.domain.redline import redline
from vng_alv.errors import Refused
from vng_alv.refusals import sentence
from vng_alv.web import UNSAFE, Page, page, page_number, uuid_or_missing

#: Reactions on one page of a theme.
SIZE = 50


@blueprint.get(TEXT + "/themas")
@requires(Permission.READ_REACTIONS)
def themes(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """All themes in their order."""
    desk = desk_of(meeting_code, proposal_code)
    return page(
        "answering/themes.html",
        desk=desk,
        themes=queries.themes_of(desk.consultation.id),
        counts=queries.counts_of_themes(desk.consultation.id),
        total=queries.count(desk.consultation.id, Wanted()),
    )


@blueprint.get(TEXT + "/themas/<theme_id>")
@requires(Permission.READ_REACTIONS)
def theme(meeting_code: str, proposal_code: str, theme_id: str) -> ResponseReturnValue:
    """A theme with its answer and the reactions under it."""
    desk = desk_of(meeting_code, proposal_code)
    found = queries.get_theme(desk.consultation.id, uuid_or_missing(theme_id))
    return _theme_page(desk, found, _form_of(found))


def _form_of(theme: Theme) -> ThemeForm:
    """The form as the theme was kept, whatever other form of the page was sent."""
    form = ThemeForm()
    form.title.data, form.answer.data, form.outcome.data = theme.title, theme.answer, theme.outcome or ""
    form.revision.data, form.seen.data = str(theme.revision), seen.written(queries.under(theme.id))
    return form


@blueprint.post(TEXT + "/themas/<theme_id>")
@requires(Permission.ANSWER)
def save_theme(meeting_code: str, proposal_code: str, theme_id: str) -> ResponseReturnValue:
    """Save title, answer and outcome."""
    desk = desk_of(meeting_code, proposal_code)
    found = queries.find_theme(desk.consultation.id, uuid_or_missing(theme_id))
    form = ThemeForm()
    if found is None:  # a colleague merged or deleted it while this was typed
        return page("answering/gone.html", 409, desk=desk, typed=f"{form.title.data or ''}\n\n{form.answer.data or ''}")
    edited = None
    changed = None
    if form.sent():
        outcome = Outcome(form.outcome.data) if form.outcome.data else None
        try:
            read = seen.read(form.seen.data or "")
            service.save_theme(found, form.title.data, form.answer.data, outcome, form.began_from(), actor(), seen=read)
        except service.EditedMeanwhile as meanwhile:
            edited = meanwhile
            form.refuse(meanwhile)
            form.revision.data = str(found.revision)
        except service.ReactionsChanged as meanwhile:  # the page shows the new texts, and so they were seen
            changed = meanwhile
            form.refuse(meanwhile)
            form.seen.data = seen.written(queries.under(found.id))
        except Refused as refused:
            form.refuse(refused)
        else:
            flash(_("Het thema is bewaard."), "ok")
            return redirect(desk.url(".theme", theme_id=found.id), 303)
    return _theme_page(desk, found, form, edited, changed)


def _theme_page(
    desk: Desk,
    theme: Theme,
    form: ThemeForm,
    edited: service.EditedMeanwhile | None = None,
    changed: service.ReactionsChanged | None = None,
    problem: str = "",
) -> ResponseReturnValue:
    status = 409 if edited or changed else 422 if request.method in UNSAFE else 200
    asked = Wanted(theme=str(theme.id))
    first = (page_number() - 1) * SIZE
    return page(
        "answering/theme.html",
        status,
        desk=desk,
        one=theme,
        form=form,
        edited=edited,
        changed=changed,
        changes=redline(form.answer.data or "", edited.body) if edited else (),
        problem=problem,
        shown=Page(queries.reactions(desk.consultation, asked, first, SIZE + 1), page_number(), SIZE),
        found=queries.count(desk.consultation.id, asked),
        others=[one for one in queries.themes_of(desk.consultation.id) if one.id != theme.id],
    )


@blueprint.post(TEXT + "/themas/<theme_id>/plaats")
@requires(Permission.ANSWER)
def move_theme(meeting_code: str, proposal_code: str, theme_id: str) -> ResponseReturnValue:
    """Bring a theme one place forward or back."""
    desk = desk_of(meeting_code, proposal_code)
    found = queries.get_theme(desk.consultation.id, uuid_or_missing(theme_id))
    service.move_theme(found, -1 if request.form.get("richting") == "op" else 1, actor())
    return redirect(desk.url(".themes", f"t-{found.id}"), 303)


@blueprint.post(TEXT + "/themas/<theme_id>/samenvoegen")
@requires(Permission.ANSWER)
def merge_theme(meeting_code: str, proposal_code: str, theme_id: str) -> ResponseReturnValue:
    """Put everything under another theme."""
    desk = desk_of(meeting_code, proposal_code)
    found = queries.get_theme(desk.consultation.id, uuid_or_missing(theme_id))
    into, title = request.form.get("met", ""), found.title
    try:
        kept = service.merge_themes(found, uuid_or_missing(into) if into else None, actor())
    except Refused as refused:
        return _theme_page(desk, found, _form_of(found), problem=sentence(refused))
    flash(_("Het thema %(gone)s is opgegaan in %(kept)s.", gone=title, kept=kept.title), "ok")
    return redirect(desk.url(".theme", theme_id=kept.id), 303)


@blueprint.post(TEXT + "/themas/<theme_id>/verwijderen")
@requires(Permission.ANSWER)
def delete_theme(meeting_code: str, proposal_code: str, theme_id: str) -> ResponseReturnValue:
    """Take away a theme with nothing under it."""
    desk = desk_of(meeting_code, proposal_code)
    found = queries.get_theme(desk.consultation.id, uuid_or_missing(theme_id))
    try:
        service.delete_theme(found, actor())
    except Refused as refused:
        return _theme_page(desk, found, _form_of(found), problem=sentence(refused))
    flash(_("Het thema is verwijderd."), "ok")
    return redirect(desk.url(".themes"), 303)
