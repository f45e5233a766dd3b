"""The bundle of a published round: all that an outsider needs to count it again, signed (docs/verify.md).

Everything in it but ``about`` is the same in every language, and the same facts have the same bytes and signature.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from vng_alv.audit import queries as audit
from vng_alv.domain import chain
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict
from vng_alv.meetings.models import Meeting
from vng_alv.members.queries import get_association
from vng_alv.signing.queries import as_set
from vng_alv.signing.service import Place, sign
from vng_alv.voting.models import Round
from vng_alv.voting.queries import lots_of, results_of
from vng_alv.voting.roll_call import ballots_of, digest
from vng_alv.voting.summary import Option, summary

FORMAT = "alv-bundle-1"
#: The programs with which anybody counts a vote again (docs/verify.md).
VERIFIERS = Path(__file__).parents[1] / "static" / "verify"
#: What the log says of a round that everybody may read once it is published.
ACTS = ("round.open", "round.close", "round.count", "round.publish", "round.lots", "round.annul")


def bundle(found: Round, meeting: Meeting) -> dict[str, Any]:
    """What is signed of a round that was published; whole numbers and text only.

    Raises ``Conflict(NOT_SEALED)`` in the seconds before the log has sealed it.
    """
    told = summary(found, "nl")
    association = get_association()
    result = results_of([found.id])[found.id]
    lot = lots_of([found.id]).get(found.id)
    log = audit.sealed_of(f"round:{found.id}", ACTS)
    if log is None:
        raise Conflict(Refusal.NOT_SEALED)
    opened: dict[str, Any] = next((seal["entry"]["data"] for seal in log if seal["entry"]["act"] == "round.open"), {})
    ballots = ballots_of(found, told.ballots)
    present = None
    if result.present_weight is not None:
        present = {"votes": result.present_weight, "members": result.present_members}
    cast = {"votes": told.turnout.weight, "members": told.turnout.members}
    counted = (result.options or {}).get("cast")
    return {
        "format": FORMAT,
        "example": association.example,
        "association": association.name,
        "meeting": {
            "code": meeting.code,
            "title": meeting.title,
            "kind": meeting.kind.value,
            "binding": not meeting.is_written,
            "starts-at": _iso(meeting.starts_at),
        },
        "round": {
            "number": found.number,
            "title": found.title,
            "kind": found.kind.value,
            "way": found.way.value,
            "annulled": found.annulled_reason or None,
            "opened-at": _iso(found.opened_at),
            "closed-at": _iso(found.closed_at),
            "published-at": _iso(found.published_at),
            "text-sha256": found.text_hash,
            "rule": found.rule,
            "rule-sha256": told.rule_hash,
            "secret": found.secret,
            "options": [{"key": key, "title": title} for key, title in found.titles.items()],
            "picks": found.picks,
            "divides": found.divides,
        },
        "weights": opened.get("weights"),
        "roll": [
            {
                "code": one.code,
                "name": one.name,
                "province": one.province,
                "inhabitants": one.population,
                "weight": one.weight,
                "advisory": one.advisory,
            }
            for one in told.ballots
        ],
        "ballots": ballots,
        "ballots-sha256": digest(ballots),
        "present": present,
        "cast": None if told.acclaimed else cast,
        "counted": None
        if told.acclaimed or told.withheld
        else {"votes": counted["weight"], "members": counted["members"]}
        if counted
        else cast,
        "sums": _sums(told.options),
        "advisory": _sums(told.advisory),
        "shares": {one.key: one.share for one in told.options},
        "divided": told.members_divided,
        "calculation": told.calculation,
        "verdict": result.verdict.value,
        "chosen": list(told.chosen),
        "lots": list(lot.drawn) if lot else None,
        "invalid": told.invalid,
        "withheld": told.withheld,
        "noted-against": sorted(one.code for one in told.noted),
        "log": log,
    }


def signed_bundle(found: Round, meeting: Meeting, where: Place, about: str) -> dict[str, Any]:
    """The bundle as a file. ``about`` is a line for people, not signed. Raises ``Conflict`` or ``Unavailable``."""
    content = bundle(found, meeting)
    made = sign(chain.canonical(content), where)
    return {
        "about": about,
        "bundle": content,
        "algorithm": "Ed25519",
        "key": made.key,
        "signature": made.signature,
        "keys": as_set(),
    }


def _sums(options: Sequence[Option]) -> dict[str, dict[str, int | None]]:
    return {one.key: {"votes": one.weight, "members": one.members} for one in options}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="microseconds") if moment else None
