"""The one read model of a round's outcome, for page, mail, CSV, JSON and every other place that shows a number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Arithmetic, Base, Rule, Verdict, share
from vng_alv.domain.numbers import percentage
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.sentences import arithmetic_lines, choice_word, threshold, verdict_sentence, verdict_word
from vng_alv.domain.tally import Count, Sums
from vng_alv.voting import queries
from vng_alv.voting.models import Result, Round
from vng_alv.voting.queries import RollVote, Turnout


@dataclass(frozen=True)
class Option:
    """What one choice got. ``weight_share`` is of the rule's base, None for what is outside it."""

    key: str
    label: str
    weight: int
    members: int
    weight_share: str | None


@dataclass(frozen=True)
class Summary:
    """All that may be shown of a round now. Before publication ``verdict``, ``options`` and ``ballots`` are empty."""

    number: int
    title: str
    kind: str
    state: RoundState
    opened_at: datetime | None
    closes_at: datetime | None
    closed_at: datetime | None
    published_at: datetime | None
    annulled_reason: str
    rule: Rule
    threshold: str
    text_hash: str | None
    turnout: Turnout
    verdict: Verdict | None
    verdict_word: str | None
    sentence: str | None
    arithmetic: list[str]
    base: int | None
    options: list[Option]
    advisory: list[Option]
    not_cast: Option | None
    ballots: list[RollVote]

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """The roll for the tile grid."""
        return [
            {
                "province": b.province,
                "name": b.name,
                "code": b.code,
                "weight": b.weight,
                "choice": b.choice.value if b.choice else "none",
            }
            for b in self.ballots
        ]


def counted(result: Result) -> Count:
    """A stored result as the domain's count."""
    sums = Sums(
        {Choice.FOR: result.weight_for, Choice.AGAINST: result.weight_against, Choice.ABSTAIN: result.weight_abstain},
        {
            Choice.FOR: result.members_for,
            Choice.AGAINST: result.members_against,
            Choice.ABSTAIN: result.members_abstain,
        },
    )
    advisory = Sums(
        *({choice: result.advisory[what][choice.value] for choice in Choice} for what in ("weight", "members"))
    )
    return Count(sums, advisory, Arithmetic(result.verdict, result.weight_for, result.base))


def _options(sums: Sums, rule: Rule, base: int, locale: str) -> list[Option]:
    outside = {Choice.ABSTAIN} if rule.base is Base.FOR_AGAINST else set()
    found = []
    for choice in Choice:
        part = None if choice in outside else share(sums.weight[choice], base)
        found.append(
            Option(
                choice.value,
                choice_word(choice, locale),
                sums.weight[choice],
                sums.members[choice],
                percentage(part, locale) if part else None,
            )
        )
    return found


def verdict_of(found: Round, result: Result, locale: str) -> str:
    """The outcome of a counted round in one sentence."""
    return verdict_sentence(counted(result), Rule.from_data(found.rule), locale)


def summary(found: Round, locale: str, *, with_ballots: bool = True) -> Summary:
    """What everybody may see of a round: turnout until it is published, everything after."""
    return summaries([found], locale, with_ballots=with_ballots)[0]


def summaries(rounds: list[Round], locale: str, *, with_ballots: bool = False) -> list[Summary]:
    """The summaries of several rounds, in three queries (and one a round ``with_ballots``)."""
    ids = [one.id for one in rounds]
    turnouts, results = queries.turnouts(ids), queries.results_of(ids)
    none = Turnout(0, 0, 0, 0)
    return [
        _summary(one, turnouts.get(one.id, none), results.get(one.id), locale, with_ballots=with_ballots)
        for one in rounds
    ]


def _summary(found: Round, turnout: Turnout, result: Result | None, locale: str, *, with_ballots: bool) -> Summary:
    rule = Rule.from_data(found.rule)
    # An annulled round that was published stays as it was shown, with the reason beside it.
    shown = result if found.published_at is not None else None
    count = counted(shown) if shown else None
    return Summary(
        number=found.number,
        title=found.title,
        kind=found.kind.value,
        state=found.state,
        opened_at=found.opened_at,
        closes_at=found.closes_at,
        closed_at=found.closed_at,
        published_at=found.published_at,
        annulled_reason=found.annulled_reason,
        rule=rule,
        threshold=threshold(rule, locale),
        text_hash=found.text_hash,
        turnout=turnout,
        verdict=count.arithmetic.verdict if count else None,
        verdict_word=verdict_word(count.arithmetic.verdict, locale) if count else None,
        sentence=verdict_sentence(count, rule, locale) if count else None,
        arithmetic=arithmetic_lines(count, rule, locale) if count else [],
        base=count.arithmetic.base if count else None,
        options=_options(count.sums, rule, count.arithmetic.base, locale) if count else [],
        advisory=_options(count.advisory, rule, 0, locale) if count and sum(count.advisory.members.values()) else [],
        not_cast=Option(
            "none",
            "niet gestemd" if locale != "en" else "did not vote",
            turnout.weight_total - turnout.weight,
            turnout.members_total - turnout.members,
            None,
        )
        if count
        else None,
        ballots=queries.roll_votes(found.id) if count and with_ballots else [],
    )
