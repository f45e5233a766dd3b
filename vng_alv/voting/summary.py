"""The one read model of a round's outcome, for page, mail, CSV, JSON and every other place that shows a number."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from vng_alv.domain import acclamation, advised, chain
from vng_alv.domain.ballots import Choice, is_divided
from vng_alv.domain.majority import Base, Hall, Measure, Rule, Sums, Totals, Verdict, decide, share
from vng_alv.domain.numbers import percentage
from vng_alv.domain.option_sentences import option_word, rule_words
from vng_alv.domain.options import OptionRule, OptionSums, read_rule
from vng_alv.domain.rounds import RoundState, Way
from vng_alv.domain.sentences import arithmetic_lines, choice_word, threshold, verdict_sentence, verdict_word
from vng_alv.domain.tally import Count
from vng_alv.domain.what_if import what_if
from vng_alv.voting import queries
from vng_alv.voting.elected import Elected, outcome_of
from vng_alv.voting.models import Result, Round
from vng_alv.voting.noted import Noted, noted_in
from vng_alv.voting.queries import RollVote, Turnout


@dataclass(frozen=True)
class Option:
    """What one choice got. ``share`` is of the base by weight ('54.70'), None for what is outside it; ``weight_share``
    is the same for people ('54,70%')."""

    key: str
    label: str
    weight: int
    #: None where that would tell who chose what in a secret round.
    members: int | None
    share: str | None = None
    weight_share: str | None = None


@dataclass(frozen=True)
class Bar:
    """What is for and against as parts of one threshold's base, and where the threshold lies; parts in percent."""

    measure: str
    threshold: str
    part_for: float
    part_against: float
    mark: float
    share_for: str
    share_against: str


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
    rule: Rule | OptionRule
    threshold: str
    text_hash: str | None
    rule_hash: str
    turnout: Turnout
    verdict: Verdict | None
    verdict_word: str | None
    sentence: str | None
    arithmetic: list[str]
    #: The sums behind the verdict, for programs: one for each threshold and one for the quorum.
    calculation: list[dict[str, Any]]
    base: int | None
    bars: list[Bar]
    options: list[Option]
    advisory: list[Option]
    not_cast: Option | None
    ballots: list[RollVote]
    #: Of a question with options: their titles by key, and who was chosen, if anybody is yet.
    titles: dict[str, str]
    chosen: tuple[str, ...]
    #: Whether lots decide and were not drawn yet.
    waits_for_lots: bool
    #: Whether it is not known who chose what, and then how many ballots could not be read, and whether the numbers
    #: are left out because they would tell.
    secret: bool
    invalid: int
    withheld: bool
    #: Members that divided their votes: they are at no side with all that they have.
    members_divided: int
    #: By acclamation nothing is counted: there are no sums, no turnout, and nobody "did not vote".
    way: Way = Way.BALLOTS
    #: What other rules would have made of the same votes: the rule in words, and the verdict.
    what_if: list[tuple[str, Verdict]] = field(default_factory=list)
    #: The members that had it noted that they are against; empty before publication.
    noted: list[Noted] = field(default_factory=list)

    @property
    def acclaimed(self) -> bool:
        """Whether it is decided by acclamation."""
        return self.way is Way.ACCLAMATION

    @property
    def settled(self) -> Verdict | None:
        """The verdict; once lots were drawn that somebody is chosen, and not that lots decide."""
        drawn = self.verdict is Verdict.LOTS and not self.waits_for_lots
        return Verdict.CHOSEN if drawn else self.verdict

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """The roll for the tile grid; of a question with options there is none."""
        if self.titles:
            return []
        return [
            {
                "province": b.province,
                "name": b.name,
                "code": b.code,
                "weight": b.weight,
                "choice": ("divided" if is_divided(b.choice) else b.choice) if b.choice else "none",
            }
            for b in self.ballots
        ]


def counted(result: Result, rule: Rule) -> Count:
    """A stored result as the domain's count, with the arithmetic behind its verdict; the verdict is the stored one."""
    sums = Sums(
        {Choice.FOR: result.weight_for, Choice.AGAINST: result.weight_against, Choice.ABSTAIN: result.weight_abstain},
        {
            Choice.FOR: result.members_for,
            Choice.AGAINST: result.members_against,
            Choice.ABSTAIN: result.members_abstain,
        },
        result.members_divided,
    )
    weight, members = ({c: result.advisory[what][c.value] for c in Choice} for what in ("weight", "members"))
    advisory = Sums(weight, members)
    hall = Hall(
        Totals(result.electorate_weight, result.electorate_members),
        Totals(result.present_weight or 0, result.present_members or 0),
    )
    return Count(sums, advisory, hall, replace(decide(sums, hall, rule), verdict=result.verdict))


def _options(sums: Sums, rule: Rule, locale: str, base: int = 0) -> list[Option]:
    """What each choice got; its share of a base by weight, where it is a part of it."""
    by_weight = [one.base for one in rule.thresholds if one.measure is Measure.WEIGHT]
    outside = {Choice.ABSTAIN} if Base.FOR_AGAINST in by_weight else set()
    found = []
    for choice in Choice:
        part = None if choice in outside else share(sums.weight[choice], base)
        found.append(
            Option(
                choice.value,
                choice_word(choice, locale),
                sums.weight[choice],
                sums.members[choice],
                part,
                percentage(part, locale) if part else None,
            )
        )
    return found


def _weight_base(count: Count, rule: Rule) -> int:
    """The base of the threshold by weight, or 0 for a rule that has none."""
    steps = zip(rule.thresholds, count.arithmetic.steps, strict=True)
    return next((step.base for one, step in steps if one.measure is Measure.WEIGHT), 0)


def _calculation(count: Count, rule: Rule) -> list[dict[str, Any]]:
    quorum = [(rule.quorum, count.arithmetic.quorum)] if rule.quorum and count.arithmetic.quorum else []
    return [
        {
            "of": kind,
            "measure": one.measure.value,
            "base": one.base.value,
            "part": step.part,
            "whole": step.base,
            "left": step.left,
            "right": step.right,
            "reached": step.reached,
        }
        for kind, pairs in (
            ("quorum", quorum),
            ("threshold", list(zip(rule.thresholds, count.arithmetic.steps, strict=True))),
        )
        for one, step in pairs
    ]


def _bars(count: Count, rule: Rule, locale: str) -> list[Bar]:
    """One for each threshold; none where nothing is a part of nothing."""
    found = []
    for one, step in zip(rule.thresholds, count.arithmetic.steps, strict=True):
        if not step.base:
            continue
        sums = count.sums.by(one.measure)
        against = sums[Choice.AGAINST]
        found.append(
            Bar(
                one.measure.value,
                threshold(Rule(one), locale),
                100 * step.part / step.base,
                100 * against / step.base,
                100 * one.numerator / one.denominator,
                percentage(share(step.part, step.base) or "", locale),
                percentage(share(against, step.base) or "", locale),
            )
        )
    return found


def verdict_of(found: Round, result: Result, locale: str) -> str:
    """The outcome of a counted round in one sentence."""
    rule = read_rule(found.rule)
    if isinstance(rule, OptionRule):
        return outcome_of(found, result, rule).sentence(locale)
    noted = noted_in([found.id]).get(found.id, []) if found.is_acclaimed else []
    return _sentence(found, counted(result, rule), rule, noted, locale)


def _sentence(found: Round, count: Count, rule: Rule, noted: list[Noted], locale: str) -> str:
    if found.is_acclaimed:
        said = acclamation.outcome([one.name for one in noted], locale)
        return advised.followed(found.advice.kind, said, locale) if found.advice else said
    if found.advice:
        return advised.verdict(found.advice.kind, count, rule, locale)
    return verdict_sentence(count, rule, locale)


def summary(found: Round, locale: str, *, with_ballots: bool = True) -> Summary:
    """What everybody may see of a round: turnout until it is published, everything after."""
    return summaries([found], locale, with_ballots=with_ballots)[0]


def summaries(rounds: list[Round], locale: str, *, with_ballots: bool = False) -> list[Summary]:
    """The same for several rounds, in a few queries (one more for each with ``with_ballots``)."""
    ids = [one.id for one in rounds]
    turnouts, results = queries.turnouts(ids), queries.results_of(ids)
    lots = queries.lots_of([one.id for one in rounds if one.options])
    acclaimed = [one.id for one in rounds if one.is_acclaimed]
    noted = noted_in(acclaimed) if acclaimed else {}
    none = Turnout(0, 0, 0, 0)
    found = []
    for one in rounds:
        # An annulled round that was published stays as it was shown, with the reason beside it.
        shown = results.get(one.id) if one.published_at is not None else None
        about = _about(one, turnouts.get(one.id, none), locale, with_ballots=with_ballots and shown is not None)
        if shown is not None:
            rule = read_rule(one.rule)
            if isinstance(rule, OptionRule):
                about |= _with_options(outcome_of(one, shown, rule, lots.get(one.id)), locale)
                about["invalid"] = (shown.options or {}).get("invalid", 0)
            else:
                against = noted.get(one.id, [])
                about |= _plain(one, counted(shown, rule), rule, against, locale)
        made = Summary(**about)
        found.append(_uncounted(made, noted.get(one.id, [])) if one.is_acclaimed else made)
    return found


def _uncounted(made: Summary, noted: list[Noted]) -> Summary:
    """The summary of what is decided by acclamation, without a single number: what was not counted is not 0."""
    return replace(
        made, way=Way.ACCLAMATION, noted=noted if made.verdict else [], arithmetic=[], calculation=[], base=None,
        bars=[], options=[], advisory=[], not_cast=None, what_if=[],
    )  # fmt: skip


def _about(found: Round, turnout: Turnout, locale: str, *, with_ballots: bool) -> dict[str, Any]:
    """What everybody may know of a round at any time, as the fields of a summary; those of an outcome are empty."""
    rule = read_rule(found.rule)
    return {
        "number": found.number,
        "title": found.title,
        "kind": found.kind.value,
        "state": found.state,
        "opened_at": found.opened_at,
        "closes_at": found.closes_at,
        "closed_at": found.closed_at,
        "published_at": found.published_at,
        "annulled_reason": found.annulled_reason,
        "rule": rule,
        "threshold": rule_words(rule, locale),
        "text_hash": found.text_hash,
        "rule_hash": chain.digest(found.rule),
        "turnout": turnout,
        "verdict": None,
        "verdict_word": None,
        "sentence": None,
        "arithmetic": [],
        "calculation": [],
        "base": None,
        "bars": [],
        "options": [],
        "advisory": [],
        "not_cast": None,
        "ballots": queries.roll_votes(found.id) if with_ballots else [],
        "titles": found.titles,
        "chosen": (),
        "waits_for_lots": False,
        "secret": found.secret,
        "invalid": 0,
        "withheld": False,
        "members_divided": 0,
    } | ({"not_cast": _not_cast(turnout, locale)} if found.published_at else {})


def _not_cast(turnout: Turnout, locale: str) -> Option:
    return Option(
        "none",
        "niet gestemd" if locale != "en" else "did not vote",
        turnout.weight_total - turnout.weight,
        turnout.members_total - turnout.members,
    )


def _plain(found: Round, count: Count, rule: Rule, noted: list[Noted], locale: str) -> dict[str, Any]:
    """The outcome of a question with for and against, as the fields of a summary."""
    verdict = count.arithmetic.verdict
    return {
        "verdict": verdict,
        "verdict_word": verdict_word(verdict, locale),
        "sentence": _sentence(found, count, rule, noted, locale),
        "arithmetic": arithmetic_lines(count, rule, locale),
        "calculation": _calculation(count, rule),
        "base": count.arithmetic.base,
        "bars": _bars(count, rule, locale),
        "options": _options(count.sums, rule, locale, _weight_base(count, rule)),
        "advisory": _options(count.advisory, rule, locale) if count.advisory.cast.weight else [],
        "members_divided": count.sums.divided,
        "what_if": [(threshold(one.rule, locale), one.verdict) for one in what_if(count.sums, count.hall, rule)],
    }


def _with_options(found: Elected, locale: str) -> dict[str, Any]:
    """The outcome of a question with options, as the fields of a summary."""
    outcome = found.outcome
    return {
        "verdict": outcome.verdict,
        "verdict_word": verdict_word(outcome.verdict, locale),
        "sentence": found.sentence(locale),
        "arithmetic": found.lines(locale),
        "base": None if found.bare else outcome.base,
        "withheld": found.bare,
        "options": _option_rows(found.sums, outcome.base, found.titles, locale),
        "advisory": _option_rows(found.advisory, 0, found.titles, locale) if found.advisory.cast.weight else [],
        "chosen": found.chosen,
        "waits_for_lots": outcome.verdict is Verdict.LOTS and found.lots is None,
    }


def _option_rows(sums: OptionSums, base: int, titles: Mapping[str, str], locale: str) -> list[Option]:
    """What each option got, in the order of the ballot; its share of the base where it is a part of it."""
    rows = []
    for key, weight in sums.weight.items():
        part = None if key == Choice.ABSTAIN else share(weight, base)
        shown = percentage(part, locale) if part else None
        rows.append(Option(key, option_word(key, titles, locale), weight, sums.members.get(key), part, shown))
    return rows
