"""An outcome as CSV rows and as JSON data: the numbers of the one read model, for programs (docs/formats.md)."""

from collections.abc import Iterator, Sequence
from typing import Any

from vng_alv.domain.option_sentences import ballot_words
from vng_alv.domain.receipt_files import vote_word
from vng_alv.meetings.models import Meeting
from vng_alv.voting.about import Subject
from vng_alv.voting.summary import Summary

#: The columns of the roll call, in two languages; new ones come at the end.
COLUMNS = {
    "nl": (
        "voorbeeld", "stemming", "code", "gemeente", "provincie", "inwoners", "stemmen", "adviserend", "keuze",
        "uitgebracht_met", "gevolmachtigde", "stembewijs", "vraag", "wijze",
    ),
    "en": (
        "example", "round", "code", "municipality", "province", "inhabitants", "votes", "advisory", "choice",
        "cast_with", "proxy_holder", "receipt", "question", "way",
    ),
}  # fmt: skip
WORDS = {
    "nl": {
        "invented": "verzonnen", "yes": "ja", "none": "niet gestemd", "mandate": "stemkaart", "proxy": "volmacht",
        "paper": "papier", "hands": "handopsteken",
        "noted": "tegen, aangetekend", "ballots": "stemming", "acclamation": "acclamatie",
    },
    "en": {
        "invented": "invented", "yes": "yes", "none": "did not vote", "mandate": "mandate", "proxy": "proxy",
        "paper": "paper", "hands": "show of hands",
        "noted": "against, noted", "ballots": "vote", "acclamation": "acclamation",
    },
}  # fmt: skip


def csv_rows(summary: Summary, locale: str, *, example: bool) -> Iterator[Sequence[object]]:
    """One row for each member of the roll, after a header; by acclamation only who is against has a choice."""
    tongue = "en" if locale == "en" else "nl"
    words = WORDS[tongue]
    yield COLUMNS[tongue]
    uncast = {one.code: words["noted"] for one in summary.noted}
    otherwise = "" if summary.acclaimed else words["none"]
    for b in summary.ballots:
        yield (
            words["invented"] if example else "",
            summary.number,
            b.code,
            b.name,
            b.province,
            b.population,
            b.weight,
            words["yes"] if b.advisory else "",
            ballot_words(b.choice, summary.titles, locale) if b.choice else uncast.get(b.code, otherwise),
            words[b.cast_with] if b.cast_with else "",
            b.via_code or "",
            b.receipt or "",
            summary.title,
            words[summary.way.value],
        )


def as_json(summary: Summary, subject: Subject, meeting: Meeting, address: str, *, example: bool) -> dict[str, Any]:
    """The outcome as data. Weights and counts are whole numbers; shares are texts with two decimals, of ``base``."""
    return {
        "example": example,
        "meeting": {
            "code": meeting.code,
            "title": meeting.title,
            "starts-at": meeting.starts_at.isoformat(),
            "kind": meeting.kind.value,
            "binding": not meeting.is_written,
        },
        "round": {
            "number": summary.number,
            "title": summary.title,
            "kind": summary.kind,
            "way": summary.way.value,
            "state": summary.state.value,
            "address": address,
            "opened-at": _iso(summary.opened_at),
            "closed-at": _iso(summary.closed_at),
            "published-at": _iso(summary.published_at),
            "text-sha256": summary.text_hash,
            "rule": summary.rule.to_data(),
            "rule-sha256": summary.rule_hash,
            "amendment": subject.amendment
            and {
                "label": subject.amendment.label,
                "title": subject.amendment.title,
                "municipality": subject.amendment.member.code,
                "address": f"/amendementen/{subject.amendment.id}",
            },
            "advice": subject.advised
            and {
                "says": subject.advised.advice.kind.value,
                "version": subject.advised.advice.number,
                "motion": subject.advised.motion.label,
                "address": f"/moties/{subject.advised.motion.id}",
            },
            "puts-again": subject.puts_again,
            "put-again": subject.put_again,
            "secret": summary.secret,
            "without": [{"number": section.number, "heading": section.heading} for section in subject.dropped],
        },
        # By acclamation nothing was counted: no number stands anywhere, not even a 0.
        "turnout": None if summary.acclaimed else vars(summary.turnout),
        "verdict": summary.verdict.value if summary.verdict else None,
        "sentence": summary.sentence,
        "arithmetic": summary.arithmetic,
        "calculation": summary.calculation,
        "base": summary.base,
        "sums": None
        if summary.acclaimed
        else {o.key: {"votes": o.weight, "members": o.members, "share-of-base": o.share} for o in summary.options},
        "options": [{"key": key, "title": title} for key, title in summary.titles.items()],
        "chosen": list(summary.chosen),
        "members-divided": summary.members_divided,
        "invalid": summary.invalid,
        "numbers-withheld": summary.withheld,
        "advisory": {o.key: {"votes": o.weight, "members": o.members} for o in summary.advisory},
        "noted-against": [{"code": one.code, "name": one.name} for one in summary.noted],
        "votes": []
        if summary.acclaimed
        else [
            {
                "code": b.code,
                "name": b.name,
                "province": b.province,
                "inhabitants": b.population,
                "weight": b.weight,
                "advisory": b.advisory,
                "vote": vote_word(b.choice),
                "cast-with": b.cast_with,
                "through": b.via_code,
                "receipt": b.receipt,
            }
            for b in summary.ballots
        ],
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
