"""`alv meeting copy`, `agenda`, `current` and `archive`: preparing, running and keeping a meeting at the terminal."""

from datetime import datetime
from pathlib import Path

import click

from config import Settings
from vng_alv import db
from vng_alv.domain.agenda import begins
from vng_alv.domain.clock import AMSTERDAM
from vng_alv.errors import Missing
from vng_alv.exports import meeting_archive
from vng_alv.exports.pdf import NotMade
from vng_alv.meetings import agenda, archives
from vng_alv.meetings.queries import current_item, get_meeting
from vng_alv.secretariat.clock_commands import Moment
from vng_alv.signing import service as signing


@click.command("copy")
@click.argument("former")
@click.argument("code")
@click.option("--title", required=True)
@click.option("--starts-at", type=Moment(), required=True)
@click.option("--place", help="Anders dezelfde plaats.")
def copy_meeting(former: str, code: str, title: str, starts_at: datetime, place: str | None) -> None:
    """Maak een vergadering met de agenda, de duur, de termijnen en de instellingen van een eerdere."""
    with db.transaction():
        found = get_meeting(former)
        items = {one.id for one in found.agenda}
        where = found.place if place is None else place
        made = agenda.copy_meeting(found, code, title, starts_at, where, items, None)
        click.echo(made.code)


@click.command("agenda")
@click.argument("code")
def show_agenda(code: str) -> None:
    """Toon de agenda met de verwachte tijden; > staat bij wat aan de orde is."""
    with db.transaction(write=False):
        meeting = get_meeting(code)
        now = current_item(meeting)
        place = meeting.agenda.index(now) if now else None
        times = begins(meeting.starts_at, [one.minutes for one in meeting.agenda], place, meeting.current_since)
        for one, at in zip(meeting.agenda, times, strict=True):
            mark = ">" if one is now else " "
            click.echo(f"{mark} {at.astimezone(AMSTERDAM):%H:%M}  {one.number}. {one.title}")


@click.command("current")
@click.argument("code")
@click.argument("number", type=int, required=False)
def set_current(code: str, number: int | None) -> None:
    """Zeg welk agendapunt aan de orde is; zonder nummer: geen."""
    with db.transaction():
        meeting = get_meeting(code)
        item = next((one for one in meeting.agenda if one.number == number), None)
        if number is not None and item is None:
            raise Missing(f"agendapunt {number}")
        agenda.set_current(meeting, item.id if item else None, None)


@click.command("archive")
@click.argument("code")
@click.option("--to", "path", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.pass_obj
def archive_meeting(settings: Settings, code: str, path: Path) -> None:
    """Schrijf het archief van een vergadering als één ZIP."""
    try:
        where = signing.place(settings.signing_key, settings.data)
        made = meeting_archive.write(path.resolve(), code, where, lambda done, total: click.echo(f"{done}/{total}"))
    except NotMade as error:
        raise click.ClickException(f"Het archief kon niet worden gemaakt: {error}") from None
    except OSError as error:
        raise click.ClickException(f"Het archief kon niet worden geschreven: {error}") from None
    with db.transaction():
        archives.record_made(get_meeting(code).id, made)
    click.echo(f"{path}: {made[0]} bytes, sha256 {made[1]}")


COMMANDS = (copy_meeting, show_agenda, set_current, archive_meeting)
