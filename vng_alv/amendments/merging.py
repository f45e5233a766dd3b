"""Putting accepted amendments into the text, and carrying the others over to every new version of it.

Each ends with a flush. Whoever starts, saves or ends a merge takes the meeting or the merge first.
"""

import uuid
from collections.abc import Iterable, Mapping

from vng_alv import db
from vng_alv.amendments import merge_queries as queries
from vng_alv.amendments.models import Amendment, AmendmentSection, Merge, MergeSection, SectionSource
from vng_alv.amendments.service import MAX_BODY, MAX_HEADING, SectionChange, content_of, real_changes
from vng_alv.amendments.workbench import Workbench, kept_choices, misfits_of, wanted, wording
from vng_alv.audit.service import record
from vng_alv.domain import merging
from vng_alv.domain.amendments import Wording
from vng_alv.domain.merging import Choice
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import Recognition
from vng_alv.domain.submissions import SubmissionState, may_adapt
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.queries import standing_at
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, Version, VersionKind, VersionSection
from vng_alv.proposals.queries import draft, published
from vng_alv.submissions import service as submissions
from vng_alv.submissions.queries import held, lock_submission

Sections = Mapping[uuid.UUID, VersionSection]


def _manages(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)


def start(proposal: Proposal, chosen: Iterable[uuid.UUID], actor: Actor) -> Merge:
    """Begin to put these accepted amendments into the newest published text. Raises ``Refused``, or
    ``Conflict(MERGE_OPEN)`` where somebody is at it already."""
    _manages(actor)
    lock_meeting(proposal.meeting_id)
    queries.reread(proposal)
    base, wished = published(proposal), set(chosen)
    if base is None:
        raise Refused(Refusal.NOT_PUBLISHED_TEXT)
    if under_way := queries.find_merge(proposal.id):
        raise Conflict(Refusal.MERGE_OPEN, name=under_way.person.name)
    found = [a for a in queries.accepted(proposal.id) if a.submission_id in wished and a.version_id == base.id]
    if not found:
        raise Refused(Refusal.MERGE_EMPTY)
    merge = Merge(
        id=uuid.uuid4(),
        proposal=proposal,
        base=base,
        amendments=[str(amendment.submission_id) for amendment in found],
        person_id=actor.id,
        started_at=db.now(),
        sections=[],
    )
    db.session.add(merge)
    db.session.flush()
    labels = [amendment.submission.label for amendment in found]
    record("merge.start", actor, f"merge:{merge.id}", proposal=str(proposal.id), version=base.number, amendments=labels)
    return merge


def save(
    merge: Merge,
    section_id: uuid.UUID,
    choices: Mapping[str, Choice],
    own: Wording | None,
    revision: int,
    actor: Actor,
) -> MergeSection:
    """Keep what was chosen for a section, and words of one's own for it if there are; ``revision`` is the one that the
    editor saw (0: none yet). Raises ``Missing``, ``Refused``, or ``Conflict(DRAFT_STALE)`` where somebody saved in
    between."""
    work = _at_work(merge, actor)
    bench = work.bench(section_id)
    if bench is None:
        raise Missing("section")
    if bench.revision != revision:
        raise Conflict(Refusal.DRAFT_STALE)
    _check_words(bench.part.base, own)
    row, body = work.kept.get(section_id), own.text if own else None
    kept = kept_choices(merging.allowed(bench.part, choices))
    if row is None:
        row = MergeSection(section_id=section_id, choices=kept, body=body, revision=1, saved_at=db.now())
        work.merge.sections.append(row)
    else:
        row.choices, row.body, row.revision, row.saved_at = kept, body, revision + 1, db.now()
    db.session.flush()
    return row


def abandon(merge: Merge, actor: Actor) -> None:
    """Throw the work away. Raises ``Conflict(MERGE_OVER)``."""
    _manages(actor)
    lock_meeting(merge.proposal.meeting_id)
    merge = queries.lock_merge(merge.id)
    if merge.ended_at:
        raise Conflict(Refusal.MERGE_OVER)
    merge.ended_at = db.now()
    db.session.flush()
    record("merge.abandon", actor, f"merge:{merge.id}", proposal=str(merge.proposal_id))


def finish(merge: Merge, prepared: str, actor: Actor) -> Version:
    """Publish what was made as the next version, traced to each amendment; the others are carried over to it.

    ``prepared`` is the hash of the version in preparation that falls away with it ('' for none), as it was seen. An
    amendment of which nothing came into the text stays as it is. Raises ``Refused(MERGE_OPEN_CHOICES)`` or
    ``Conflict``.
    """
    lock_meeting(merge.proposal.meeting_id)
    queries.lock_live(merge.proposal_id)
    bench = _at_work(merge, actor)
    merge, proposal = bench.merge, bench.merge.proposal
    waiting = draft(proposal)
    if (waiting.text_hash if waiting else "") != prepared:
        raise Conflict(Refusal.DRAFT_STALE)
    if bench.open_numbers:
        raise Refused(Refusal.MERGE_OPEN_CHOICES, numbers=", ".join(bench.open_numbers))
    outcomes = bench.outcomes()
    for one in bench.benches:
        _check_words(one.part.base, outcomes[one.section_id].words)
    sections = [
        (key, Recognition.SAME if key in bench.sections else Recognition.NEW, text)
        for key, text in bench.result(outcomes)
    ]
    base = merge.base
    version = proposals.new_version(proposal, base.title, base.preamble, sections, kind=VersionKind.AMENDED)
    merge.ended_at, merge.result_id = db.now(), version.id
    here = {key for key, _, _ in sections}
    used = {key for made in outcomes.values() for key in made.keys}
    db.session.add_all(
        SectionSource(version_id=version.id, section_id=section_id, amendment_id=uuid.UUID(key))
        for section_id, made in outcomes.items()
        if section_id in here
        for key in sorted(made.keys)
    )
    db.session.flush()
    gone = [bench.sections[key].number for key in outcomes if key in bench.sections and key not in here]
    labels = [amendment.submission.label for key, amendment in bench.amendments.items() if key in used]
    record(
        "merge.finish", actor, f"merge:{merge.id}", version=str(version.id), number=version.number,
        amendments=labels, removed=gone,
    )  # fmt: skip
    for key, amendment in bench.amendments.items():
        if key in used:
            submissions.move(amendment.submission, SubmissionState.MERGED, actor)
    proposals.publish(proposal, actor)
    return version


def _at_work(merge: Merge, actor: Actor) -> Workbench:
    """The work, if it still is under way and fits; for this transaction alone."""
    _manages(actor)
    merge = queries.lock_merge(merge.id)
    if merge.ended_at:
        raise Conflict(Refusal.MERGE_OVER)
    queries.reread(merge.proposal)
    bench = Workbench(merge)
    if bench.outdated:
        raise Conflict(Refusal.MERGE_OUTDATED)
    return bench


def _check_words(base: Wording | None, words: Wording | None) -> None:
    if words is None:
        return
    if len(words.heading) > MAX_HEADING or len(words.body) > MAX_BODY:
        raise Refused(Refusal.TOO_LARGE)
    if not words.heading and (base is None or base.heading):
        raise Refused(Refusal.NO_HEADING)


# --- Carrying over


def carry_over(proposal: Proposal, old: Version, new: Version, actor: Actor | None) -> None:
    """Put every amendment that is still alive on a version that was just published. What fits gets the words that say
    the same change of the new text; what does not stays as it was and is reported. Submitters of both are told."""
    live = queries.lock_live(proposal.id)
    versions = {old.id, new.id, *(a.version_id for a in live), *(v for a in live for v in misfits_of(a).values())}
    texts = queries.sections_by_version(versions)
    for amendment in live:
        if amendment.version_id != new.id:
            _carry(amendment, texts, new, actor)
    db.session.flush()


proposals.AFTER_PUBLISH.append(carry_over)


def _carry(amendment: Amendment, texts: Mapping[uuid.UUID, Sections], new: Version, actor: Actor | None) -> None:
    submission, now = amendment.submission, texts[new.id]
    before, written_for = content_of(amendment), misfits_of(amendment)
    misfits: dict[uuid.UUID, uuid.UUID] = {}
    touched = False
    for row in amendment.sections:
        made_on = written_for.get(row.section_id, amendment.version_id)
        was = texts[made_on]
        place = row.after_id or row.section_id
        touched = touched or not _same(was.get(place), now.get(place))
        if not _carry_section(row, was, now):
            misfits[row.section_id] = made_on
    amendment.version_id, amendment.version = new.id, new
    amendment.misfits = [[str(section), str(version)] for section, version in misfits.items()]
    # Whoever has it open in a form wrote for the old text: saving that meets what stands here now.
    submission.revision += 1
    db.session.flush()
    record(
        "amendment.carry", actor, f"submission:{submission.id}", member_id=submission.member_id, version=new.number,
        misfits=[str(section) for section in misfits],
    )  # fmt: skip
    if submission.state is SubmissionState.DRAFT:
        return
    if before["sections"] != content_of(amendment)["sections"]:
        submissions.keep_version(submission, content_of(amendment), actor)
    if misfits.keys() - written_for.keys():
        submissions.tell(submission, "misfit", actor)
    elif touched:
        submissions.tell(submission, "text", actor)


def _same(one: VersionSection | None, other: VersionSection | None) -> bool:
    return (wording(one) if one else None) == (wording(other) if other else None)


def _carry_section(row: AmendmentSection, was: Sections, now: Sections) -> bool:
    """Put one section of an amendment on the new text; whether it fits."""
    if row.after_id:
        place = merging.anchor(list(was), list(now), row.after_id)
        row.after_id = place or row.after_id
        return place is not None
    old, new = was.get(row.section_id), now.get(row.section_id)
    fits, words = merging.carry(wording(old) if old else None, wording(new) if new else None, wanted(row))
    if words:
        row.heading, row.body = words.heading, words.body
    return fits


def adapt(amendment: Amendment, wishes: Iterable[SectionChange], revision: int, actor: Actor) -> None:
    """Put the sections of an amendment that no longer fit on the newest text, in the words of ``wishes``; a section
    that is not in there no longer is in the amendment. Raises ``Missing``, ``Refused`` or ``Conflict``."""
    submissions.before_change(amendment.submission)
    submission = lock_submission(amendment.submission_id)
    db.session.refresh(amendment)
    who = standing_at(actor, submission.member_id)
    refusal = may_adapt(who, submission.state, held=held(submission.meeting))
    if refusal is None and not amendment.misfits:
        refusal = Refusal.SUBMISSION_STATE
    if refusal:
        raise Refused(refusal)
    if submission.revision != revision:
        raise Conflict(Refusal.EDITED_MEANWHILE, name=submission.author.name)
    stale, changed = misfits_of(amendment), list(wishes)
    rows = {row.section_id: row for row in amendment.sections}
    kept = [row for row in amendment.sections if row.section_id not in stale]
    if changed or not kept:
        changed = real_changes(amendment.version, changed)
    for one in changed:
        if one.section_id not in stale:
            raise Missing("section")
        row = rows[one.section_id]
        row.heading, row.body = (one.words.heading, one.words.body) if one.words else ("", "")
        row.removed, row.after_id = one.words is None, one.after
        kept.append(row)
    amendment.sections, amendment.misfits = kept, []
    submission.revision, submission.saved_at, submission.author_id = revision + 1, db.now(), actor.id
    db.session.flush()
    record("amendment.adapt", actor, f"submission:{submission.id}", member_id=submission.member_id)
    if submission.state is not SubmissionState.DRAFT:
        submissions.keep_version(submission, content_of(amendment), actor)
        submissions.tell(submission, "changed", actor)
