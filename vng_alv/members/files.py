"""Files that carry the register, for spreadsheets and programs."""

from collections.abc import Iterable, Sequence
from datetime import date

from flask import Response

from vng_alv.domain.weights import WeightRule
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association
from vng_alv.web import csv_answer

#: The columns of the register. ``stemmen`` is what a member's votes come to today; the import leaves it alone beside
#: ``vaste_stemmen`` and reads all others.
REGISTER_HEAD = (
    "code", "naam", "provincie", "inwoners", "stemmen", "adviserend", "vaste_stemmen", "vanaf", "tot",
)  # fmt: skip


def register_row(member: Member, day: date, rule: WeightRule) -> tuple[object, ...]:
    """A member as a row of the register; it has votes if it is a member on ``day``."""
    votes = member.votes(rule) if member.is_member_on(day) else ""
    advisory = "ja" if member.advisory else "nee"
    own = "" if member.fixed_votes is None else member.fixed_votes
    days = (member.valid_from or "", member.valid_until or "")
    return member.code, member.name, member.province, member.population, votes, advisory, own, *days


def register_file(head: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> Response:
    """A CSV file; in an example a column of its own says so, so that programs still read the others."""
    if get_association().example:
        return csv_answer([(*head, "voorbeeld"), *((*row, "ja") for row in rows)], f"{name}-voorbeeld.csv")
    return csv_answer([head, *rows], f"{name}.csv")
