"""What the page of any submission shows and asks around its own words, for one reader."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from flask.typing import ResponseReturnValue
from markupsafe import Markup

from vng_alv import db
from vng_alv.domain.deadlines import is_over
from vng_alv.domain.mandates import Standing
from vng_alv.domain.permissions import Actor, Permission, Role
from vng_alv.domain.redline import Span, redline
from vng_alv.domain.submissions import (
    OPEN,
    CoAnswer,
    SubmissionKind,
    SubmissionState,
    may_ask_along,
    may_change,
    may_withdraw,
)
from vng_alv.members.models import Member, Office
from vng_alv.members.queries import get_association, members_on, offices_of, standing_at
from vng_alv.proposals.markdown import to_html
from vng_alv.submissions import queries
from vng_alv.submissions.forms import AdviceForm, AskAlongForm, DecideForm, LateForm, WithdrawForm
from vng_alv.submissions.models import Advice, CoSubmitter, Submission
from vng_alv.web import BaseForm

S = SubmissionState


@dataclass(frozen=True)
class AdviceShown:
    """A version of the advice, and what it changed in the one before it that this reader may read."""

    advice: Advice
    body: Markup
    changed: tuple[Span, ...]


class Desk:
    """A submission as one reader finds it. ``sent`` is the form that was sent and refused, if any."""

    def __init__(self, submission: Submission, person: Actor | None, sent: BaseForm | None = None) -> None:
        association = get_association()
        self.submission, self.person, self.sent = submission, person, sent
        self.closes_at: datetime = queries.closes_at(submission.meeting, association)
        self.over = is_over(self.closes_at, db.now())
        #: Whether the meeting has been held, after which members bring nothing any more.
        self.held = queries.held(submission.meeting)
        self.needed = association.co_submitters
        self.who = standing_at(person, submission.member_id) if person else Standing(frozenset(), None)
        self.offices: Sequence[Office] = offices_of(person.id) if person else []

    @property
    def draft(self) -> bool:
        """Whether it has not been submitted."""
        return self.submission.state is S.DRAFT

    @property
    def joined(self) -> list[CoSubmitter]:
        """Who submits along, by name."""
        found = [co for co in self.submission.co_submitters if co.answer is CoAnswer.JOINED]
        return sorted(found, key=lambda co: co.member.name)

    @property
    def missing(self) -> int:
        """How many more members must submit along."""
        return max(0, self.needed - len(self.joined)) if self.draft else 0

    @property
    def manages(self) -> bool:
        """Whether the reader is of the secretariat."""
        return self.who.helps(Permission.MANAGE_MEETINGS)

    @property
    def writes(self) -> bool:
        """Whether the reader works for the first submitter."""
        return self.who.office is not None

    @property
    def may_change(self) -> bool:
        """Whether the reader may change what was submitted."""
        return may_change(self.who, self.submission.state, self.closes_at, db.now(), held=self.held) is None

    @property
    def may_submit(self) -> bool:
        """Whether the reader may bring a draft in, apart from what it still lacks."""
        late_here = self.over and self.submission.kind is SubmissionKind.AMENDMENT
        speaks = self.manages if late_here else self.who.is_secretary or self.manages
        return self.draft and speaks and not self.held

    @property
    def may_withdraw(self) -> bool:
        """Whether the reader may withdraw it."""
        return may_withdraw(self.who, self.submission.state, asked_now=False, held=self.held) is None

    @property
    def withdraw(self) -> WithdrawForm:
        """The form to withdraw it."""
        return self.sent if isinstance(self.sent, WithdrawForm) else WithdrawForm()

    # --- Submitting along

    @property
    def may_ask(self) -> bool:
        """Whether the reader may ask others to submit along."""
        return may_ask_along(self.who, self.submission.state, held=self.held) is None

    @property
    def ask(self) -> AskAlongForm:
        """The form to ask another municipality, with those that can still be asked."""
        form = self.sent if isinstance(self.sent, AskAlongForm) else AskAlongForm()
        form.offer(self.askable())
        return form

    def askable(self) -> list[Member]:
        """The members that can still be asked, by name."""
        busy = {co.member_id for co in self.submission.co_submitters if co.answer in {CoAnswer.ASKED, CoAnswer.JOINED}}
        return [m for m in members_on(db.now().date()) if m.id not in busy | {self.submission.member_id}]

    @property
    def others(self) -> list[CoSubmitter]:
        """Those that were asked and do not submit along (yet), which only the submitters and staff see."""
        if not (self.writes or self.manages):
            return []
        return [co for co in self.submission.co_submitters if co.answer is not CoAnswer.JOINED]

    @property
    def own(self) -> list[tuple[CoSubmitter, bool]]:
        """The requests to members that the reader works for, and whether the reader speaks for them; none once there
        is nothing to answer any more."""
        kinds = {office.member_id: Standing(frozenset(), office.kind) for office in self.offices}
        found = [co for co in self.submission.co_submitters if co.member_id in kinds]
        live = self.submission.state in {S.DRAFT, *OPEN} and not self.held
        return [(co, kinds[co.member_id].is_secretary) for co in found] if live else []

    # --- Advice and decision

    @property
    def may_advise(self) -> bool:
        """Whether the reader writes the advice."""
        return not self.draft and self.person is not None and self.person.may(Permission.ADVISE)

    @property
    def advice(self) -> list[AdviceShown]:
        """The versions of the advice that the reader may read, the newest first."""
        found = queries.advice_for(self.submission, self.person)
        return [
            AdviceShown(one, to_html(one.body), redline(before.body, one.body) if before else ())
            for one, before in zip_longest(found, found[1:])
        ]

    @property
    def advise(self) -> AdviceForm:
        """The form to write a version of the advice, which begins with the newest one."""
        if isinstance(self.sent, AdviceForm):
            return self.sent
        newest = self.submission.advice[-1] if self.submission.advice else None
        return AdviceForm(data={"kind": newest.kind.value, "body": newest.body} if newest else None)

    @property
    def decide(self) -> DecideForm:
        """The form to record what was decided; without choices where the reader may record nothing."""
        form = self.sent if isinstance(self.sent, DecideForm) else DecideForm()
        takes_over = self.person is not None and Role.BOARD in self.person.roles
        form.offer(self.submission.state, all_of_them=self.manages)
        if self.draft or not (self.manages or takes_over):
            form.decision.choices = []
        return form

    @property
    def late(self) -> LateForm | None:
        """The form to ask the secretariat to take a draft in late, for whoever speaks for the member."""
        if isinstance(self.sent, LateForm):
            return self.sent
        applies = self.submission.kind is SubmissionKind.AMENDMENT and self.draft and self.over and not self.held
        return LateForm(data={"late": self.submission.late_reason}) if applies and self.who.is_secretary else None


Show = Callable[[Submission, BaseForm | None, int], ResponseReturnValue]
#: How the page of each kind is shown; the rooms of amendments and motions say so when they are read in.
PAGES: dict[SubmissionKind, Show] = {}
