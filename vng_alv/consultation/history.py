"""Who changed what in a reaction, and when; for the people of the municipality itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import actor, requires
from vng_alv.consultation import queries, service
from vng_alv.consultation.forms import WHOLE
from vng_alv.consultation.models import Comment, CommentRevision
from vng_alv.consultation.reacting import TEXT, Desk, blueprint, desk_of
from vng_alv.domain.consultation import steps
from vng_alv.domain.permissions import Permission
from vng_alv.domain.redline import Span, redline
from vng_alv.errors import Missing, Refused
from vng_alv.proposals.models import VersionSection
from vng_alv.refusals import sentence
from vng_alv.web import UNSAFE, Page, page, page_number, uuid_or_missing

__all__ = ["blueprint"]

#: Steps on one page: each shows a redline.
SIZE = 20


@dataclass(frozen=True)
class Step:
    """An act on a reaction beside what stood there before it."""

    now: CommentRevision
    before: CommentRevision | None
    redline: Sequence[Span]
    #: Whether this is what the draft says.
    current: bool


@blueprint.route(TEXT + "/reageren/geschiedenis/<section_key>", methods=["GET", "POST"])
@requires(Permission.REACT)
def history(meeting_code: str, proposal_code: str, section_key: str) -> ResponseReturnValue:
    """The history of the reaction to one section, and an earlier text that becomes the draft again."""
    desk = desk_of(meeting_code, proposal_code, request.args.get("gemeente"))
    section, comment = _place(desk, section_key)
    problem = ""
    if request.method in UNSAFE:
        old = queries.find_revision(comment.id, request.form.get("revision", 0, int)) if comment else None
        if comment is None or old is None:
            raise Missing("revision")
        try:
            service.restore(desk.consultation, desk.member, old, request.form.get("seen", 0, int), actor())
        except Refused as refused:
            problem = sentence(refused)
        else:
            flash(_("De eerdere tekst is teruggezet als concept."), "ok")
            return redirect(desk.url(".react", f"o-{section_key}"), 303)
    return page(
        "consultation/history.html",
        409 if problem else 200,
        desk=desk,
        section=section,
        comment=comment,
        shown=_steps(comment),
        problem=problem,
    )


def _place(desk: Desk, key: str) -> tuple[VersionSection | None, Comment | None]:
    """The section with this key, None for the whole, and the reaction to it. Raises ``Missing``."""
    section = None
    if key != WHOLE:
        wanted = uuid_or_missing(key)
        section = next((one for one in desk.sections() if one.section_id == wanted), None)
        if section is None:
            raise Missing("section")
    comments = queries.comments_of(desk.consultation.id, desk.member.id)
    return section, comments.get(section.section_id if section else None)


def _steps(comment: Comment | None) -> Page[Step]:
    acts = list(reversed(steps(queries.acts_of(comment.id)))) if comment else []
    first = (page_number() - 1) * SIZE
    wanted = [one.revision for one in acts[first : first + SIZE + 1]]
    words = queries.revisions_of(comment.id, wanted) if comment else {}
    found = [words[number] for number in wanted]
    older: list[CommentRevision | None] = [*found[1:], None][: len(found)]  # none of both where nothing was written
    return Page(
        [
            Step(
                now,
                before,
                redline(before.body if before else "", now.body),
                comment is not None and (now.body, now.position) == comment.draft,
            )
            for now, before in zip(found, older, strict=True)
        ],
        page_number(),
        SIZE,
    )
