"""The parts of `alv meeting` that speak to all screens."""

import click

from vng_alv import db
from vng_alv.domain.announcing import LONGEST, USUAL
from vng_alv.meetings import announcements
from vng_alv.meetings.queries import get_meeting


@click.command("say")
@click.argument("meeting_code")
@click.argument("text")
@click.option("--minutes", type=click.IntRange(1, LONGEST), default=USUAL, help="Hoe lang het blijft staan.")
def say(meeting_code: str, text: str, minutes: int) -> None:
    """Toon een mededeling op alle schermen van een vergadering."""
    with db.transaction():
        said = announcements.say(get_meeting(meeting_code), text, minutes, None)
        click.echo(said.text)


@click.command("unsay")
@click.argument("meeting_code")
def unsay(meeting_code: str) -> None:
    """Haal de mededeling van alle schermen."""
    with db.transaction():
        done = announcements.take_back(get_meeting(meeting_code), None)
    click.echo("De mededeling is weg." if done else "Er stond geen mededeling.")


COMMANDS = (say, unsay)
