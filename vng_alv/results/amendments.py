"""Amendments as everybody reads them, with their votes: the list on a text, and one of them."""

from flask import request, url_for
from flask.typing import ResponseReturnValue

from vng_alv.access import public, signed_in
from vng_alv.amendments import queries
from vng_alv.amendments.carried import fitting, in_text_already, misfits_shown
from vng_alv.amendments.editor import shown_of
from vng_alv.amendments.forms import saved
from vng_alv.amendments.listing import drawn, listed
from vng_alv.amendments.models import Amendment
from vng_alv.amendments.views import LIST, ONE, blueprint, one, refusal_of, text_of
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.rounds import ASKED, RoundState
from vng_alv.domain.submissions import OPEN, SubmissionKind, SubmissionState, may_adapt
from vng_alv.errors import Missing
from vng_alv.members.queries import get_association, offices_of
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.queries import headings_of, published, sections_of
from vng_alv.submissions.desk import PAGES, Desk
from vng_alv.submissions.forms import DecideForm
from vng_alv.submissions.models import Submission
from vng_alv.submissions.queries import closes_at, versions_of
from vng_alv.voting.about import votes_on
from vng_alv.voting.summary import Summary, summaries
from vng_alv.web import BaseForm, locale, page

__all__ = ["blueprint"]


class AmendmentDesk(Desk):
    """An amendment as one reader finds it: what may still be done depends on its votes."""

    def __init__(self, submission: Submission, person: Actor | None, sent: BaseForm | None = None) -> None:
        super().__init__(submission, person, sent)
        self.rounds = votes_on([submission.id]).get(submission.id, [])
        self.asked_now = any(one.state in ASKED for one in self.rounds)

    @property
    def votes(self) -> list[Summary]:
        """The votes on it that everybody may know of, by number."""
        return summaries(self.rounds, locale())

    @property
    def may_change(self) -> bool:
        """Whether the reader may change what was submitted."""
        return super().may_change and not self.asked_now

    @property
    def may_withdraw(self) -> bool:
        """Whether the reader may withdraw it."""
        return super().may_withdraw and not self.asked_now

    @property
    def decide(self) -> DecideForm:
        """The form to record what was decided; without choices once it was put to the vote."""
        form = super().decide
        if self.asked_now:
            form.decision.choices = []
        return form


def _address(meeting_code: str, number: int) -> str:
    return url_for("results.round_result", meeting_code=meeting_code, number=number)


@blueprint.get(LIST)
@public
def index(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """The amendments on a text: what was submitted, and on top the drafts that the reader may read."""
    proposal, person = text_of(meeting_code, proposal_code), signed_in()
    version = published(proposal)
    if version is None and not (person and person.may(Permission.SECRETARIAT)):
        raise Missing("version")
    sections = headings_of(version.id) if version else []
    found, refusal, language = queries.amendments_on(proposal.id, person), refusal_of(proposal), locale()
    votes = {
        key: tuple((r.number, r.state is RoundState.ANNULLED, _address(meeting_code, r.number)) for r in rounds)
        for key, rounds in votes_on([a.submission_id for a in found]).items()
    }
    return page(
        "amendments/index.html",
        meeting=proposal.meeting,
        proposal=proposal,
        sections=sections,
        groups=listed(
            found, sections, language, request.args.get("staat", ""), request.args.get("onderdeel", ""), votes
        ),
        total=sum(a.state is not SubmissionState.DRAFT for a in found),
        drafts=[drawn(a, language) for a in found if a.state is SubmissionState.DRAFT],
        closes_at=closes_at(proposal.meeting, get_association()),
        refusal=refusal,
        writes=bool(not refusal and version and person and offices_of(person.id)),
    )


@blueprint.get(ONE)
@public
def show(submission_id: str) -> ResponseReturnValue:
    """One amendment."""
    return _show(one(submission_id))


def _show(amendment: Amendment, sent: BaseForm | None = None, status: int = 200) -> ResponseReturnValue:
    submission, person = amendment.submission, signed_in()
    sections = sections_of(amendment.version_id)
    desk = AmendmentDesk(submission, person, sent)
    waits = submission.state in OPEN or desk.draft
    rivals = queries.rivals(
        amendment.version_id, submission.member_id if desk.writes else None, amendment.submission_id
    )
    return page(
        "amendments/show.html",
        status,
        amendment=amendment,
        submission=submission,
        desk=desk,
        meeting=submission.meeting,
        proposal=amendment.proposal,
        newest=published(amendment.proposal),
        shown=shown_of(saved(fitting(amendment), sections), rivals if waits else [], sections),
        misfits=misfits_shown(amendment),
        already=in_text_already(amendment, sections) if waits else [],
        may_adapt=not desk.asked_now and may_adapt(desk.who, submission.state, held=desk.held) is None,
        reason=to_html(submission.reason),
        versions=versions_of(submission.id),
    )


def _show_submission(submission: Submission, sent: BaseForm | None, status: int) -> ResponseReturnValue:
    return _show(queries.get_amendment(submission.id, signed_in()), sent, status)


PAGES[SubmissionKind.AMENDMENT] = _show_submission
