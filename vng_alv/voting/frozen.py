"""What rounds are about, set out and frozen at the moment they open (docs/rules.md §4.3, §4.10)."""

import uuid
from collections.abc import Sequence
from typing import Any

from vng_alv import db
from vng_alv.amendments.models import Amendment
from vng_alv.domain import chain
from vng_alv.domain.merging import assembled
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import WITH_OPTIONS, RoundKind
from vng_alv.domain.sections import SectionText
from vng_alv.domain.submissions import OPEN
from vng_alv.errors import Conflict, Refused
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, Version, VersionSection
from vng_alv.proposals.queries import sections_of
from vng_alv.proposals.service import section_text
from vng_alv.submissions.models import Advice
from vng_alv.submissions.queries import lock_submission
from vng_alv.voting.advised import follow, is_gone
from vng_alv.voting.models import Round
from vng_alv.voting.order import TextOrder, title_of
from vng_alv.voting.queries import words_hash
from vng_alv.voting.secret_queries import teller_keys_of


def set_out(found: Sequence[Round], *, anyway: bool) -> None:
    """Look whether these rounds may be opened in the order of their texts, and let each be about what is so now: an
    amendment about its newest words, an advice the newest one, a whole without the sections that were rejected.

    Raises ``Conflict(SUBMISSION_STATE)`` for an amendment that does not wait any more, and what ``TextOrder.check``
    does. Whoever asks has locked the meeting and the rounds.
    """
    for key in sorted({one.amendment_id for one in found if one.amendment_id}):
        if lock_submission(key).state not in OPEN:
            raise Conflict(Refusal.SUBMISSION_STATE)
    for proposal_id in sorted({one.proposal_id for one in found if one.proposal_id}):
        here = [one for one in found if one.proposal_id == proposal_id and one.kind not in WITH_OPTIONS]
        order = TextOrder(db.session.get_one(Proposal, proposal_id))
        order.check(here, anyway=anyway)
        for one in here:
            if one.amendment_id:
                amendment = order.amendments[one.amendment_id]
                one.version, one.title = amendment.version, title_of(amendment)
            elif one.kind is RoundKind.WHOLE:
                one.dropped = [str(section.section_id) for section in order.rejected]
            elif one.kind is RoundKind.ADVICE:
                follow(one)
    db.session.flush()


def why_not(found: Sequence[Round]) -> dict[uuid.UUID, Refusal]:
    """Of these rounds, those that the order of their texts holds back now, each by itself, and why: as ``set_out``."""
    refusals = {}
    orders = {key: TextOrder(db.session.get_one(Proposal, key)) for key in {one.proposal_id for one in found} if key}
    for one in found:
        if one.amendment_id and lock_submission(one.amendment_id).state not in OPEN:
            refusals[one.id] = Refusal.SUBMISSION_STATE
        elif one.kind is RoundKind.ADVICE and is_gone(one):
            refusals[one.id] = Refusal.NO_ADVICE
        elif one.proposal_id and one.kind not in WITH_OPTIONS:
            try:
                orders[one.proposal_id].check([one], anyway=False)
            except Refused as refused:
                refusals[one.id] = refused.refusal
    return refusals


def text_hash(found: Round) -> str:
    """SHA-256 of what a round is about (of a rehearsal, its question), in the canonical spelling of docs/formats.md."""
    version = found.version
    if version is None:
        return chain.digest({"rehearsal": found.title})
    if found.kind in WITH_OPTIONS:
        return chain.digest({"text": version.text_hash, "title": found.title, "options": found.options})
    listed = {section.section_id: section for section in sections_of(version.id)}
    if found.section_id is not None:
        return words_hash(version, listed[found.section_id])
    if found.advice is not None:
        return advice_hash(found.advice, version)
    if found.amendment is not None:
        return amendment_hash(found.amendment, version, list(listed.values()))
    sections = {key: section_text(section) for key, section in listed.items()}
    left = assembled(sections, dict.fromkeys(map(uuid.UUID, found.dropped)), {})
    return proposals.text_hash(version.title, version.preamble, [text for _, text in left])


def advice_hash(advice: Advice, version: Version) -> str:
    """The same of an advice on a motion, beside the text of that motion."""
    return chain.digest({"text": version.text_hash, "advice": advice.kind.value, "body": advice.body})


def amendment_hash(amendment: Amendment, version: Version, listed: Sequence[VersionSection]) -> str:
    """The same of an amendment as it is worded now, beside a version with these sections."""
    sections = {section.section_id: section_text(section) for section in listed}
    rows = amendment.sections
    changed = sorted(rows, key=lambda row: _place(list(sections), row.after_id or row.section_id))
    return chain.digest(
        {
            "text": version.text_hash,
            "title": amendment.submission.title,
            "sections": [
                {
                    "number": _number(sections, row.after_id or row.section_id),
                    "heading": row.heading,
                    "body": row.body,
                    "removed": row.removed,
                    "new": row.after_id is not None,
                }
                for row in changed
            ],
        }
    )


def _place(order: Sequence[uuid.UUID], key: uuid.UUID) -> tuple[int, str]:
    return (order.index(key) if key in order else len(order)), str(key)


def _number(sections: dict[uuid.UUID, SectionText], key: uuid.UUID) -> str:
    return sections[key].number if key in sections else ""


def logged(found: Round) -> dict[str, Any]:
    """What the log says of a round that opens, beside its text, rule and roll: the sections that fell out, the way in
    which it is decided, and the keys that it is sealed for."""
    more: dict[str, Any] = {"dropped": found.dropped} if found.dropped else {}
    more |= {"way": found.way.value} if found.is_acclaimed else {}
    return more | ({"secret": teller_keys_of(found.id)} if found.secret else {})
