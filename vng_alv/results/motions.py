"""A motion as everybody reads it, with its votes, and what those leave open: changing it, its parts, its account."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from vng_alv.access import actor, public, requires, signed_in
from vng_alv.domain.motions import FollowUpState, as_lines, may_change
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.redline import Span, redline
from vng_alv.domain.rounds import IN_PREPARATION
from vng_alv.domain.submissions import SubmissionKind
from vng_alv.errors import Conflict, Refused
from vng_alv.motions import queries, service
from vng_alv.motions.editor import Editor
from vng_alv.motions.forms import FOLLOW_UPS, FollowUpForm, SeenForm, choices, chosen
from vng_alv.motions.models import Motion
from vng_alv.motions.views import ONE, blueprint, fresh, here, one
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Version, VersionSection
from vng_alv.proposals.queries import sections_of
from vng_alv.submissions.desk import PAGES, Desk
from vng_alv.submissions.models import Submission
from vng_alv.voting.brought import binds, is_asked, rounds_about
from vng_alv.voting.service import prepare_again
from vng_alv.voting.summary import Summary, summaries
from vng_alv.web import UNSAFE, BaseForm, locale, page

__all__ = ["blueprint"]


class MotionDesk(Desk):
    """A motion as one reader finds it: what may still be changed depends on its votes."""

    def __init__(self, motion: Motion, person: Actor | None, sent: BaseForm | None = None) -> None:
        super().__init__(motion.submission, person, sent)
        self.motion = motion
        self.rounds = rounds_about(motion.proposal_id) if motion.proposal_id else []
        self.asked_now = any(map(binds, self.rounds))

    @property
    def may_change(self) -> bool:
        """Whether the reader may change the words that were submitted."""
        return bool(self.motion.text.operative) and (
            may_change(self.who, self.submission.state, asked_now=self.asked_now, held=self.held) is None
        )

    @property
    def may_split(self) -> bool:
        """Whether the reader may split it into parts."""
        return self.may_change and len(self.motion.text.operative) > 1

    @property
    def may_withdraw(self) -> bool:
        """Whether the reader may withdraw it."""
        return super().may_withdraw and not self.asked_now

    @property
    def votes(self) -> list[Summary]:
        """The votes on it that everybody may know of, by number."""
        shown = [one for one in self.rounds if one.state not in IN_PREPARATION]
        return summaries(shown, locale())

    @property
    def follow_up(self) -> FollowUpForm:
        """The form to say where the work stands."""
        return self.sent if isinstance(self.sent, FollowUpForm) else FollowUpForm(data=None)


@dataclass(frozen=True)
class Part:
    """A part of the text as it is read."""

    section: VersionSection
    body: Markup


@dataclass(frozen=True)
class Change:
    """A version of the text, and what it changed in the one before it."""

    version: Version
    changed: tuple[Span, ...]


@blueprint.get(ONE)
@public
def show(submission_id: str) -> ResponseReturnValue:
    """One motion."""
    return _show(one(submission_id))


def _show(motion: Motion, sent: BaseForm | None = None, status: int = 200) -> ResponseReturnValue:
    versions = [v for v in motion.proposal.versions if v.published_at] if motion.proposal else []
    newest = versions[-1] if versions else None
    return page(
        "motions/show.html",
        status,
        motion=motion,
        submission=motion.submission,
        desk=MotionDesk(motion, signed_in(), sent),
        version=newest,
        preamble=to_html(newest.preamble) if newest else "",
        parts=[Part(s, to_html(s.body)) for s in sections_of(newest.id)] if newest else [],
        lines=as_lines(motion.text),
        reason=to_html(motion.submission.reason),
        changes=_changes(versions),
        words=FOLLOW_UPS,
    )


def _show_submission(submission: Submission, sent: BaseForm | None, status: int) -> ResponseReturnValue:
    return _show(queries.get_motion(submission.id, signed_in()), sent, status)


PAGES[SubmissionKind.MOTION] = _show_submission


def _changes(versions: Sequence[Version]) -> list[Change]:
    """Each version with its redline, the newest first; one alone has nothing to show."""
    texts = [_words(version) for version in versions] if len(versions) > 1 else []
    spans = [(), *(redline(was, now) for was, now in pairwise(texts))][: len(versions)]
    return [Change(version, changed) for version, changed in zip(versions, spans, strict=True)][::-1]


def _words(version: Version) -> str:
    return "\n\n".join([version.title, version.preamble, *(s.body for s in sections_of(version.id))])


# --- Changing what was submitted


@blueprint.route(ONE + "/wijzigen", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def change(submission_id: str) -> ResponseReturnValue:
    """Change a motion that was submitted, until the vote on it opens."""
    motion = one(submission_id)
    editor = Editor(url_for(".change", submission_id=submission_id), request.form, motion)
    if request.method == "GET" and not MotionDesk(motion, actor()).may_change:
        return redirect(here(motion), 303)
    if editor.ready():
        try:
            _change(motion, editor)
        except Refused as refused:
            again = fresh(motion)
            editor.refuse(refused, again if isinstance(refused, Conflict) else None)
            motion = again
        else:
            flash(_("De gewijzigde motie is openbaar. Wie mee indient, krijgt bericht."), "ok")
            return redirect(here(motion), 303)
    return page("motions/edit.html", editor.status, editor=editor, meeting=motion.submission.meeting, motion=motion)


def _change(motion: Motion, editor: Editor) -> None:
    text, reason = editor.text(), editor.form.reason.data
    service.change(motion, text, reason, editor.revision, actor(), asked_now=_asked(motion))
    _prepare_again(motion)


@blueprint.route(ONE + "/delen", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def split(submission_id: str) -> ResponseReturnValue:
    """Say in which parts a motion is voted on."""
    motion = one(submission_id)
    if request.method == "GET" and not MotionDesk(motion, actor()).may_split:
        return redirect(here(motion), 303)
    form = SeenForm(data={"seen": motion.submission.revision})
    found = choices(motion.text, request.form)
    if form.sent():
        try:
            service.split(motion, chosen(found), form.seen.data, actor(), asked_now=_asked(motion))
            _prepare_again(motion)
        except Refused as refused:
            motion = fresh(motion)
            form.refuse(refused)
            form.seen.raw_data, form.seen.data = None, motion.submission.revision
            found = choices(motion.text, request.form)
            return page("motions/split.html", refused.status, motion=motion, form=form, choices=found)
        parts = len(motion.parts)
        flash(_("De motie gaat in %(parts)s delen in stemming.", parts=parts) if parts
              else _("De motie gaat als één geheel in stemming."), "ok")  # fmt: skip
        return redirect(here(motion), 303)
    return page("motions/split.html", 422 if request.method in UNSAFE else 200, motion=motion, form=form, choices=found)


def _asked(motion: Motion) -> bool:
    return motion.proposal_id is not None and is_asked(motion.proposal_id)


def _prepare_again(motion: Motion) -> None:
    if motion.proposal:
        prepare_again(motion.proposal)


# --- The account


@blueprint.post(ONE + "/verantwoording")
@requires(Permission.MANAGE_MEETINGS)
def follow_up(submission_id: str) -> ResponseReturnValue:
    """Say where the work stands that an adopted motion asks for."""
    motion, form = one(submission_id), FollowUpForm()
    if not form.sent():
        return _show(motion, form, 422)
    try:
        service.follow_up(motion, FollowUpState(form.progress.data), form.account.data, actor())
    except Refused as refused:
        form.refuse(refused)
        return _show(fresh(motion), form, refused.status)
    flash(_("De verantwoording is bewaard. Iedereen kan haar lezen."), "ok")
    return redirect(here(motion) + "#verantwoording", 303)
