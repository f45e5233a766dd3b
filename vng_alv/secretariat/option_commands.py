"""The parts of `alv round` that are about questions with options: asking one, its run-off, and lots."""

import click

from vng_alv import db
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.rounds import RoundKind
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals.queries import get_proposal
from vng_alv.voting import choosing
from vng_alv.voting.choosing import Option
from vng_alv.voting.queries import get_round


@click.command("ask")
@click.argument("meeting_code")
@click.argument("code")
@click.argument("question")
@click.option("--option", "titles", multiple=True, required=True, help="Een mogelijkheid; geef deze optie vaker.")
@click.option("--texts", is_flag=True, help="Teksten, met 'geen van alle' erbij; anders zijn het kandidaten.")
@click.option("--seats", type=click.IntRange(1), default=1, show_default=True)
@click.option("--winning", type=click.Choice([one.value for one in Winning]), default=Winning.MAJORITY.value)
@click.option("--secret", is_flag=True, help="Geheim: alleen voor kandidaten, en met twee tellers.")
@click.option("--even", type=click.Choice([one.value for one in Even]), default=Even.LOTS.value)
def ask(
    meeting_code: str, code: str, question: str, titles: tuple[str, ...], texts: bool, seats: int, winning: str,
    even: str, secret: bool,
) -> None:  # fmt: skip
    """Maak een vraag met eigen antwoorden bij een stuk."""
    rule = OptionRule(Winning(winning), Even(even), seats, texts)
    kind = RoundKind.TEXTS if texts else RoundKind.CANDIDATES
    with db.transaction():
        proposal = get_proposal(get_meeting(meeting_code).id, code)
        made = choosing.ask(proposal, kind, question, [Option(title) for title in titles], rule, None, secret=secret)
        click.echo(f"{made.number}. {made.title}")


@click.command("run-off")
@click.argument("meeting_code")
@click.argument("number", type=int)
def run_off(meeting_code: str, number: int) -> None:
    """Maak de herstemming na een uitslag die bekend is."""
    with db.transaction():
        made = choosing.hold_run_off(get_round(get_meeting(meeting_code).id, number), None)
        click.echo(f"{made.number}. {made.title}")


@click.command("lots")
@click.argument("meeting_code")
@click.argument("number", type=int)
@click.argument("drawn", nargs=-1)
def lots(meeting_code: str, number: int, drawn: tuple[str, ...]) -> None:
    """Leg vast op welke antwoorden het lot viel (zonder antwoorden wordt hier geloot)."""
    with db.transaction():
        found = get_round(get_meeting(meeting_code).id, number)
        keys = {title: key for key, title in found.titles.items()}
        kept = choosing.draw_lots(found, [keys.get(one, one) for one in drawn] or None, None)
        click.echo(", ".join(found.titles[key] for key in kept.drawn))


COMMANDS = (ask, run_off, lots)
