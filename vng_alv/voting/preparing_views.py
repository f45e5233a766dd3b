"""Preparing together how a municipality votes, for its own people; the delegate finds it on the ballot."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv.access import actor, requires
from vng_alv.domain.permissions import Permission
from vng_alv.domain.preparing import MAX_REASON
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.models import Member
from vng_alv.members.queries import find_office, get_member
from vng_alv.proposals.markdown import to_html
from vng_alv.refusals import sentence
from vng_alv.voting import preparing_queries as queries
from vng_alv.voting.about import amended_of
from vng_alv.voting.advised import advised_of
from vng_alv.voting.preparing import Preparer
from vng_alv.voting.preparing_forms import Gone, Line, gone, lines
from vng_alv.voting.preparing_models import IntendedVote
from vng_alv.voting.views import board_words
from vng_alv.web import UNSAFE, Page, page, page_number, uuid_or_missing

blueprint = Blueprint("preparing", __name__, url_prefix="/gemeente/<member_code>/stemadvies/<meeting_code>")

#: Steps of a history on one page.
SIZE = 20


@dataclass(frozen=True)
class Desk:
    """Where somebody prepares: for which member and meeting, and what there is."""

    member: Member
    meeting: Meeting
    asked: dict[uuid.UUID, queries.Asked]
    intended: dict[uuid.UUID, IntendedVote]

    def elsewhere(self) -> dict[uuid.UUID, list[IntendedVote]]:
        """What was prepared on the same motion in a question that is not put now, by the key of the one that is."""
        found = {key: queries.elsewhere(one.round, self.intended) for key, one in self.asked.items()}
        return {key: [one for one in others if queries.key_of(one) not in self.asked] for key, others in found.items()}

    def not_asked(self) -> list[IntendedVote]:
        """What was prepared on a question that is not put in this way (any more), and is not shown with another one;
        nothing of it is lost."""
        beside = {one.id for others in self.elsewhere().values() for one in others}
        left = [one for key, one in self.intended.items() if key not in self.asked and one.id not in beside]
        return [one for one in left if one.says != (None, "")]


def _desk(member_code: str, meeting_code: str) -> Desk:
    """Only for who works there. Raises ``Missing``: all others do not learn that there is anything here."""
    member, person = get_member(member_code), actor()
    if find_office(person.id, member.id) is None:
        raise Missing("member")
    meeting = get_meeting(meeting_code)
    return Desk(member, meeting, queries.asked_at(meeting.id), queries.intended_at(meeting.id, member.id, person.id))


@blueprint.route("", methods=["GET", "POST"])
@requires(Permission.MEMBER)
def prepare(member_code: str, meeting_code: str) -> ResponseReturnValue:
    """All questions of a meeting, each with what the municipality intends to vote and why; saved all or nothing."""
    desk = _desk(member_code, meeting_code)
    shown = lines(desk.asked.values(), desk.intended, request.form)
    if request.method not in UNSAFE:
        return _prepare_page(desk, shown)
    if lost := gone(desk.asked, request.form):
        return _prepare_page(desk, shown, 422, lost)
    changed = [line for line in shown if line.changed]
    if refused := _save(desk, changed):
        return _prepare_page(desk, [line.told(refused.get(line.key)) for line in shown], 422)
    if changed:
        flash(ngettext("Eén stemadvies is bewaard.", "%(num)s stemadviezen zijn bewaard.", len(changed)), "ok")
    else:
        flash(_("Er was niets veranderd. Alles wat u eerder bewaarde, staat er nog."), "ok")
    return redirect(url_for(".prepare", member_code=desk.member.code, meeting_code=desk.meeting.code), 303)


def _save(desk: Desk, changed: Sequence[Line]) -> dict[uuid.UUID, Refused]:
    """Save these; by key why some were refused."""
    refused: dict[uuid.UUID, Refused] = {}
    if not changed:
        return refused
    preparer = Preparer(desk.meeting, desk.member, actor())
    for line in changed:
        try:
            preparer.save(line.key, line.wanted, line.reason, line.revision, seen=line.version, words=line.words)
        except Refused as why:
            refused[line.key] = why
    return refused


def _prepare_page(
    desk: Desk, shown: Sequence[Line], status: int = 200, lost: Sequence[Gone] = ()
) -> ResponseReturnValue:
    rounds = [one.round for one in desk.asked.values()]
    sections = {one.round.id: one.section for one in desk.asked.values() if one.section}
    still = [one.round for one in desk.asked.values() if one.closed is None]
    amended = amended_of(still)
    advice = board_words(rounds, sections) | {key: one.advice for key, one in amended.items() if one.advice}
    left = desk.not_asked()
    return page(
        "preparing/prepare.html",
        status,
        member=desk.member,
        meeting=desk.meeting,
        lines=sorted(shown, key=lambda line: not line.is_open),  # what there is to do comes first
        amended=amended,
        advised=advised_of(still),
        elsewhere=desk.elsewhere(),
        texts={key: to_html(one.body) for key, one in sections.items()},
        advice={key: to_html(words) for key, words in advice.items()},
        lost=lost,
        why_lost=sentence(Refused(Refusal.QUESTION_GONE)),
        left=left,
        titles=queries.titles_of(left) if left else {},
        key_of=queries.key_of,
        most=MAX_REASON,
        number=_number(shown),
    )


def _number(shown: Sequence[Line]) -> dict[str, int]:
    """How many questions are still open, and how many of those have an intended vote."""
    still = [line for line in shown if line.is_open]
    return {"asked": len(still), "ready": sum(bool(line.saved and line.saved.choice) for line in still)}


@blueprint.get("/geschiedenis/<question_key>")
@requires(Permission.MEMBER)
def history(member_code: str, meeting_code: str, question_key: str) -> ResponseReturnValue:
    """Who changed what in the intended vote on one question."""
    desk, key = _desk(member_code, meeting_code), uuid_or_missing(question_key)
    asked, intended = desk.asked.get(key), desk.intended.get(key)
    if asked is None and intended is None:
        raise Missing("question")
    number = page_number()
    found = queries.revisions_of(intended, actor().id, first=(number - 1) * SIZE, number=SIZE + 1) if intended else ()
    text, section = queries.titles_of([intended])[key] if intended else ("", "")
    return page(
        "preparing/history.html",
        member=desk.member,
        meeting=desk.meeting,
        about=asked.title if asked else section or text,
        shown=Page(found, number, SIZE),
    )
