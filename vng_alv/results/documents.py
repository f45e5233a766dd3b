"""An outcome as CSV rows and as JSON data: the numbers of the one read model, for programs (docs/formats.md)."""

from collections.abc import Iterator, Sequence
from typing import Any

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import share
from vng_alv.domain.sentences import choice_word
from vng_alv.meetings.models import Meeting
from vng_alv.voting.summary import Summary

#: The words of Open Raadsinformatie; they are the same whatever the language of the page.
VOTE = {Choice.FOR: "voor", Choice.AGAINST: "tegen", Choice.ABSTAIN: "onthouding", None: "afwezig"}


def csv_rows(summary: Summary, locale: str, *, example: bool) -> Iterator[Sequence[object]]:
    """One row for each member of the roll, after a header."""
    english = locale == "en"
    yield (
        ("example", "round", "code", "municipality", "province", "inhabitants", "votes", "advisory", "choice")
        if english
        else ("voorbeeld", "stemming", "code", "gemeente", "provincie", "inwoners", "stemmen", "adviserend", "keuze")
    )
    mark = ("invented" if english else "verzonnen") if example else ""
    yes = "yes" if english else "ja"
    nothing = "did not vote" if english else "niet gestemd"
    for b in summary.ballots:
        choice = choice_word(b.choice, locale) if b.choice else nothing
        advisory = yes if b.advisory else ""
        yield (mark, summary.number, b.code, b.name, b.province, b.population, b.weight, advisory, choice)


def as_json(summary: Summary, meeting: Meeting, address: str, *, example: bool) -> dict[str, Any]:
    """The outcome as data. Weights and counts are whole numbers; shares are texts with two decimals, of ``base``."""
    sums = {o.key: o for o in summary.options}
    return {
        "example": example,
        "meeting": {"code": meeting.code, "title": meeting.title, "starts-at": meeting.starts_at.isoformat()},
        "round": {
            "number": summary.number,
            "title": summary.title,
            "kind": summary.kind,
            "state": summary.state.value,
            "address": address,
            "opened-at": _iso(summary.opened_at),
            "closed-at": _iso(summary.closed_at),
            "published-at": _iso(summary.published_at),
            "text-sha256": summary.text_hash,
            "rule": summary.rule.to_data(),
        },
        "turnout": vars(summary.turnout),
        "verdict": summary.verdict.value if summary.verdict else None,
        "sentence": summary.sentence,
        "arithmetic": summary.arithmetic,
        "base": summary.base,
        "sums": {
            choice.value: {
                "votes": sums[choice.value].weight,
                "members": sums[choice.value].members,
                "share-of-base": share(sums[choice.value].weight, summary.base or 0)
                if sums[choice.value].weight_share
                else None,
            }
            for choice in Choice
        },
        "advisory": {o.key: {"votes": o.weight, "members": o.members} for o in summary.advisory},
        "votes": [
            {
                "code": b.code,
                "name": b.name,
                "province": b.province,
                "inhabitants": b.population,
                "weight": b.weight,
                "advisory": b.advisory,
                "vote": VOTE[b.choice],
            }
            for b in summary.ballots
        ],
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
