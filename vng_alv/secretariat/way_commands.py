"""The parts of `alv round` that are about acclamation, and about the advice instead of the motion."""

import click

from vng_alv import db
from vng_alv.domain.rounds import Way
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_member
from vng_alv.proposals.queries import get_proposal
from vng_alv.voting import acclamation
from vng_alv.voting.advised import prepare_advice
from vng_alv.voting.queries import get_round


@click.command("prepare-advice")
@click.argument("meeting_code")
@click.argument("code")
@click.option("--rule", help="De naam van een besluitregel; anders de gewone.")
def prepare_on_advice(meeting_code: str, code: str, rule: str | None) -> None:
    """Maak een stemming over het preadvies op een motie, in plaats van over de motie zelf."""
    with db.transaction():
        made = prepare_advice(get_proposal(get_meeting(meeting_code).id, code), None, rule=rule)
        click.echo(f"{made.number}. {made.title}" if made else "De stemming over het preadvies was er al.")


@click.command("way")
@click.argument("meeting_code")
@click.argument("number", type=int)
@click.argument("way", type=click.Choice([way.value for way in Way]))
def choose_way(meeting_code: str, number: int, way: str) -> None:
    """Laat een stemming die klaarstaat met stemmen (ballots) of bij acclamatie beslissen."""
    with db.transaction():
        acclamation.choose(get_round(get_meeting(meeting_code).id, number), Way(way), None)


@click.command("note")
@click.argument("meeting_code")
@click.argument("number", type=int)
@click.argument("member")
@click.option("--back", is_flag=True, help="Neem de aantekening terug.")
def note(meeting_code: str, number: int, member: str, back: bool) -> None:
    """Teken aan dat een lid tegen is bij wat bij acclamatie gaat."""
    with db.transaction():
        found = get_round(get_meeting(meeting_code).id, number)
        acclamation.note(found, get_member(member).id, None, against=not back)


@click.command("acclaim")
@click.argument("meeting_code")
@click.argument("number", type=int)
def acclaim(meeting_code: str, number: int) -> None:
    """Spreek uit dat een voorstel bij acclamatie is aangenomen, en maak dat bekend."""
    with db.transaction():
        acclamation.pronounce([get_round(get_meeting(meeting_code).id, number).id], None)


@click.command("object")
@click.argument("meeting_code")
@click.argument("number", type=int)
def object_to(meeting_code: str, number: int) -> None:
    """Er is bezwaar tegen acclamatie: zet een gewone stemming over dezelfde vraag klaar."""
    with db.transaction():
        made = acclamation.object_to(get_round(get_meeting(meeting_code).id, number), None)
        click.echo(f"{made.number}. {made.title}")


COMMANDS = (prepare_on_advice, choose_way, note, acclaim, object_to)
