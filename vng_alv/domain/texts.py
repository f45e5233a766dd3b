"""The kinds of text that are put to a meeting, and which of them members amend (docs/rules.md, amendments)."""

import re
from collections.abc import Iterable
from enum import StrEnum

from vng_alv.domain.refusals import Refusal


class ProposalKind(StrEnum):
    """What kind of text it is."""

    RESOLUTION = "resolution"
    MOTION = "motion"
    STATUTES = "statutes"
    PROPOSAL = "proposal"


def may_amend(kind: ProposalKind, *, held: bool) -> Refusal | None:
    """Why no amendment may be brought on a text of this kind, or None. A motion is changed by its own submitters, and
    once the meeting has been held (``held``) nothing is."""
    if kind is ProposalKind.MOTION:
        return Refusal.NO_AMENDMENTS
    return Refusal.MEETING_HELD if held else None


def first_named(codes: Iterable[str], words: str) -> str | None:
    """Which of these codes words name first ('R1' in "bij resolutie R1"), as a word by itself; None: no one."""
    found = {code: re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", words) for code in codes}
    places = {code: one.start() for code, one in found.items() if one}
    return min(places, key=lambda code: places[code]) if places else None
