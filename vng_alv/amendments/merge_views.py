"""The merging workbench: accepted amendments go into the text, section by section; and what no longer fits it."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.amendments import merge_queries, merging, queries
from vng_alv.amendments.carried import misfit_numbers, misfits_shown
from vng_alv.amendments.merge_forms import AdaptForm, BenchForm, MergeForm
from vng_alv.amendments.models import Merge
from vng_alv.amendments.shown import passages, redlined
from vng_alv.amendments.workbench import Bench, Workbench
from vng_alv.domain.permissions import Permission
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import find_office
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import draft, get_proposal, published, sections_of
from vng_alv.submissions.queries import held
from vng_alv.web import UNSAFE, page, uuid_or_missing

blueprint = Blueprint("merging", __name__)

TEXT = "/secretariaat/vergaderingen/<meeting_code>/stukken/<proposal_code>/verwerken-amendementen"


def _text(meeting_code: str, proposal_code: str) -> Proposal:
    return get_proposal(get_meeting(meeting_code).id, proposal_code)


def _under_way(proposal: Proposal) -> Merge:
    merge = merge_queries.find_merge(proposal.id)
    if merge is None:
        raise Missing("merge")
    return merge


def _here(proposal: Proposal) -> str:
    return url_for(".show", meeting_code=proposal.meeting.code, proposal_code=proposal.code)


# --- Starting, looking over, stopping


@blueprint.route(TEXT, methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def show(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Choose which accepted amendments go into the text; and how far the work is once it was begun."""
    proposal = _text(meeting_code, proposal_code)
    form = MergeForm()
    status = 200
    if request.method in UNSAFE:
        try:
            merging.start(proposal, form.keys(), actor())
            return redirect(_here(proposal), 303)
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    merge, version = merge_queries.find_merge(proposal.id), published(proposal)
    found = [] if merge else merge_queries.accepted(proposal.id)
    misfits = merge_queries.not_fitting(proposal.id)
    return page(
        "amendments/merge.html",
        status,
        meeting=proposal.meeting,
        proposal=proposal,
        form=form,
        version=version,
        bench=Workbench(merge) if merge else None,
        ready=[a for a in found if version and a.version_id == version.id],
        misfits=misfits,
        where=misfit_numbers(misfits),
        held=held(proposal.meeting),
    )


@blueprint.post(TEXT + "/stoppen")
@requires(Permission.MANAGE_MEETINGS)
def stop(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Throw the work away."""
    proposal = _text(meeting_code, proposal_code)
    merging.abandon(_under_way(proposal), actor())
    flash(_("Het werk is weggegooid. De amendementen en de tekst zijn niet gewijzigd."), "ok")
    return redirect(_here(proposal), 303)


# --- One section


@blueprint.route(TEXT + "/onderdeel/<section_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def section(meeting_code: str, proposal_code: str, section_id: str) -> ResponseReturnValue:
    """Choose what comes into one section where amendments clash, and write it oneself where that is better."""
    proposal = _text(meeting_code, proposal_code)
    work = Workbench(_under_way(proposal))
    bench = work.bench(uuid_or_missing(section_id))
    if bench is None:
        raise Missing("section")
    form = BenchForm(bench)
    if form.sent():
        try:
            merging.save(work.merge, bench.section_id, form.choices(), form.own(), form.revision.data or 0, actor())
        except Refused as refused:
            db.rollback()
            return _bench(_text(meeting_code, proposal_code), bench, form, refused)
        return redirect(_next(proposal, bench) if "verder" in request.form else request.path, 303)
    return _bench(proposal, bench, form)


def _next(proposal: Proposal, bench: Bench) -> str:
    order = Workbench(_under_way(proposal)).order
    place = order.index(bench.section_id) + 1
    if place == len(order):
        return _here(proposal)
    return url_for(".section", meeting_code=proposal.meeting.code, proposal_code=proposal.code, section_id=order[place])


def _bench(proposal: Proposal, bench: Bench, form: BenchForm, refused: Refused | None = None) -> ResponseReturnValue:
    """The page of a section; where saving was refused, with what was typed and what stands there now."""
    work = Workbench(_under_way(proposal))
    fresh = work.bench(bench.section_id) or bench
    met = isinstance(refused, Conflict) and fresh.revision != form.revision.data
    if refused:
        form.refuse(refused)
        form.meet(fresh)
    order = work.order
    place = order.index(fresh.section_id)
    return page(
        "amendments/merge_section.html",
        refused.status if refused else 422 if request.method in UNSAFE else 200,
        meeting=proposal.meeting,
        proposal=proposal,
        work=work,
        bench=fresh,
        form=form,
        shown=passages(fresh, work.amendments),
        outcome=redlined(fresh),
        place=place,
        saved_at=work.kept[fresh.section_id].saved_at if fresh.section_id in work.kept else None,
        before=order[place - 1] if place else None,
        after=order[place + 1] if place + 1 < len(order) else None,
        theirs=fresh if met else None,
    )


# --- The whole, and publishing it


@blueprint.route(TEXT + "/publiceren", methods=["GET", "POST"])
@requires(Permission.MANAGE_MEETINGS)
def publish(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Look the new text over as a whole and publish it as the next version."""
    proposal = _text(meeting_code, proposal_code)
    merge = merge_queries.find_merge(proposal.id)
    form = MergeForm()
    status = 200
    if request.method in UNSAFE:
        try:
            version = merging.finish(_under_way(proposal), request.form.get("ingelezen", ""), actor())
            _told(version.number, len(merge_queries.not_fitting(proposal.id)))
            return redirect(_here(proposal), 303)
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
            status, proposal = refused.status, _text(meeting_code, proposal_code)
            merge = merge_queries.find_merge(proposal.id)
    if merge is None:
        return redirect(_here(proposal), 303)
    work = Workbench(merge)
    if request.method not in UNSAFE and (work.open_numbers or work.outdated):
        return redirect(_here(proposal), 303)
    outcomes = {} if work.open_numbers else work.outcomes()
    return page(
        "amendments/merge_publish.html",
        status,
        meeting=proposal.meeting,
        proposal=proposal,
        form=form,
        work=work,
        outcomes=outcomes,
        shown={bench.section_id: redlined(bench) for bench in work.benches if not bench.missing},
        unused=work.unused(outcomes),
        waiting=draft(proposal),
        alive=merge_queries.count_alive(proposal.id, merge.amendments),
    )


def _told(number: int, misfits: int) -> None:
    flash(_("Versie %(number)s is gepubliceerd. Iedereen kan het stuk nu lezen.", number=number), "ok")
    if misfits:
        flash(
            ngettext(
                "%(num)s amendement past niet meer op de nieuwe tekst.",
                "%(num)s amendementen passen niet meer op de nieuwe tekst.",
                misfits,
            ),
            "warning",
        )


# --- What no longer fits


@blueprint.route("/amendementen/<submission_id>/aanpassen", methods=["GET", "POST"])
@requires(Permission.REACT)
def adapt(submission_id: str) -> ResponseReturnValue:
    """Put an amendment that no longer fits on the newest text, for its municipality."""
    amendment = queries.get_amendment(uuid_or_missing(submission_id), actor())
    if find_office(actor().id, amendment.submission.member_id) is None:
        raise Missing("amendment")
    back = url_for("amendments.show", submission_id=submission_id)
    if request.method not in UNSAFE and (not amendment.misfits or held(amendment.submission.meeting)):
        return redirect(back, 303)
    shown = misfits_shown(amendment)
    form = AdaptForm(shown, amendment.submission.revision)
    status = 200
    if form.sent():
        try:
            merging.adapt(amendment, form.wishes(), form.revision.data or 0, actor())
            flash(_("Het amendement past nu op de nieuwe tekst. Wie mee indient, krijgt bericht."), "ok")
            return redirect(back, 303)
        except Refused as refused:
            db.rollback()
            amendment = queries.get_amendment(uuid_or_missing(submission_id), actor())
            form.refuse(refused)
            form.again(amendment.submission.revision)
            status = refused.status
    return page(
        "amendments/adapt.html",
        422 if request.method in UNSAFE and status == 200 else status,
        amendment=amendment,
        submission=amendment.submission,
        proposal=amendment.proposal,
        meeting=amendment.submission.meeting,
        shown=shown,
        form=form,
        sections=sections_of(amendment.version_id),
    )
