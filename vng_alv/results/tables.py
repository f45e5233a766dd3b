"""The tables that everybody may have: the register, amendments, motions with what came of them, reactions, outcomes."""

from flask import Blueprint, request
from flask_babel import gettext as _

from vng_alv import db
from vng_alv.access import signed_in
from vng_alv.amendments.listing import in_list
from vng_alv.amendments.queries import amendments_on
from vng_alv.consultation.queries import get_consultation, sent_comments
from vng_alv.consultation.views import comment_rows
from vng_alv.domain.clock import day_of
from vng_alv.domain.consultation import is_public
from vng_alv.domain.permissions import Permission
from vng_alv.domain.rounds import IN_PREPARATION
from vng_alv.domain.submissions import CoAnswer, SubmissionState
from vng_alv.errors import Missing
from vng_alv.exports.outcomes import csv_rows
from vng_alv.exports.tables import Table, download_url, table
from vng_alv.exports.words import ADVICE, STATES
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.files import REGISTER_HEAD, register_row
from vng_alv.members.queries import all_members, get_association
from vng_alv.motions.forms import FOLLOW_UPS
from vng_alv.motions.queries import accounts, motions_of, texts_of
from vng_alv.motions.views import STANDS
from vng_alv.proposals.queries import get_proposal, headings_of, published, sections_of
from vng_alv.results import queries
from vng_alv.submissions.models import Submission
from vng_alv.voting.queries import get_round, rounds_of
from vng_alv.voting.summary import summaries, summary
from vng_alv.web import locale

blueprint = Blueprint("tables", __name__)
blueprint.add_app_template_global(download_url)

MEETING = "/vergaderingen/<meeting_code>"
TEXT = MEETING + "/stukken/<proposal_code>"


@table(blueprint, "/leden", None, forms="xlsx")
def register() -> Table:
    """The register, with the columns of its CSV."""
    day, rule = day_of(db.now()), get_association().weight_rule
    rows = (register_row(m, day, rule) for m in sorted(all_members(by_name=True), key=lambda member: member.province))
    return Table("leden", REGISTER_HEAD, rows)


@table(blueprint, TEXT + "/reacties", None, forms="xlsx")
def reactions(meeting_code: str, proposal_code: str) -> Table:
    """All reactions with their answers, once the consultation is over."""
    proposal = get_proposal(get_meeting(meeting_code).id, proposal_code)
    consultation = get_consultation(proposal.id)
    if not is_public(sent=True, closes_at=consultation.closes_at, now=db.now()):
        raise Missing("comments")
    numbers = {s.section_id: (s.number, s.heading) for s in sections_of(consultation.version_id)}
    header, *rows = comment_rows(sent_comments(consultation.id), numbers, example=False)
    return Table(f"{meeting_code}-{proposal_code}-reacties", [str(c) for c in header[1:]], [row[1:] for row in rows])


@table(blueprint, TEXT + "/amendementen", None)
def amendments(meeting_code: str, proposal_code: str) -> Table:
    """The amendments on a text as its list is narrowed, without drafts."""
    proposal, person = get_proposal(get_meeting(meeting_code).id, proposal_code), signed_in()
    version = published(proposal)
    if version is None and not (person and person.may(Permission.SECRETARIAT)):
        raise Missing("version")
    found = in_list(
        amendments_on(proposal.id, person),
        headings_of(version.id) if version else [],
        request.args.get("staat", ""),
        request.args.get("onderdeel", ""),
    )
    header = (
        _("nummer"), _("titel"), _("onderdelen"), _("indiener"), _("mede-indieners"), _("stand"), _("preadvies"),
    )  # fmt: skip
    rows = (
        (a.label, a.title, ", ".join(s.number for s in row.sections), a.member, ", ".join(a.along), STATES[a.state],
         ADVICE[a.advice] if a.advice else None)
        for row in found for a in [row.amendment]
    )  # fmt: skip
    return Table(f"{meeting_code}-{proposal_code}-amendementen", header, rows)


@table(blueprint, MEETING + "/moties", None)
def motions(meeting_code: str) -> Table:
    """The motions that were submitted to a meeting."""
    meeting = get_meeting(meeting_code)
    found = [m for m in motions_of(meeting.id, signed_in()) if m.submission.state is not SubmissionState.DRAFT]
    header = (_("nummer"), _("titel"), _("indiener"), _("mede-indieners"), _("ingediend"), _("stand"))
    rows: list[tuple[object, ...]] = [
        (*_brought(m.submission), m.submission.submitted_at, STATES[m.submission.state]) for m in found
    ]
    rows += [(text.code, text.title, None, None, None, None) for text in texts_of(meeting.id)]
    return Table(f"{meeting.code}-moties", header, rows)


def _brought(one: Submission) -> tuple[str, str, str, str]:
    along = ", ".join(c.member.name for c in one.co_submitters if c.answer is CoAnswer.JOINED)
    return one.label, one.title, one.member.name, along


@table(blueprint, "/moties", None)
def follow_ups() -> Table:
    """What the assembly adopted, and what came of it."""
    header = (
        _("vergadering"), _("nummer"), _("titel"), _("indiener"), _("uitvoering"), _("gemeld"), _("toelichting"),
    )  # fmt: skip
    rows = [
        (m.submission.meeting.title, m.submission.label, m.submission.title, m.submission.member.name,
         FOLLOW_UPS[m.newest.state] if m.newest else _("nog niets gemeld"),
         m.newest.at if m.newest else None, m.newest.note if m.newest else None)
        for m in accounts(STANDS.get(request.args.get("stand", "")))
    ]  # fmt: skip
    return Table("aangenomen-moties", header, rows)


@table(blueprint, MEETING + "/uitslagen", None)
def outcomes(meeting_code: str) -> Table:
    """All votes of a meeting: of what is pronounced the outcome, of what is not no number at all."""
    meeting = get_meeting(meeting_code)
    found = summaries([r for r in rounds_of(meeting.id) if r.state not in IN_PREPARATION], locale())
    header = (
        _("nummer"), _("vraag"), _("geopend"), _("gesloten"), _("bekendgemaakt"), _("uitslag"), _("in woorden"),
        _("stemmen per keuze"),
    )  # fmt: skip
    rows = [
        (s.number, s.title, s.opened_at, s.closed_at, s.published_at, s.verdict_word, s.sentence,
         "; ".join(f"{one.label}: {one.weight}" for one in s.options if not s.withheld and not s.acclaimed))
        for s in found
    ]  # fmt: skip
    return Table(f"{meeting.code}-uitslagen", header, rows)


@table(blueprint, MEETING + "/uitslagen/<int:number>", None, forms="xlsx")
def ballots(meeting_code: str, number: int) -> Table:
    """Every member's vote, with the columns of the CSV."""
    meeting = get_meeting(meeting_code)
    shown = queries.published(get_round(meeting.id, number))
    header, *rows = csv_rows(summary(shown, locale()), locale(), example=False)
    return Table(f"{meeting.code}-stemming-{number}", [str(c) for c in header[1:]], [row[1:] for row in rows])
