"""The `alv people` command, for many people at once; `alv person roles`; and `alv amendment`."""

from pathlib import Path

import click

from config import Settings
from vng_alv import db
from vng_alv.accounts.queries import get_person_by_email
from vng_alv.amendments.queries import amendments_of_meeting
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import CoAnswer
from vng_alv.meetings.queries import get_meeting
from vng_alv.secretariat import people_import
from vng_alv.secretariat.reminding import remind
from vng_alv.secretariat.service import change_roles

ROLE = click.Choice([role.value for role in Role])


@click.group()
def amendment() -> None:
    """Amendementen."""


@amendment.command("list")
@click.argument("meeting")
def list_amendments(meeting: str) -> None:
    """Wat er bij een vergadering is ingediend: nummer, stuk, stand, indieners en titel."""
    with db.transaction(write=False):
        for one in amendments_of_meeting(get_meeting(meeting).id):
            it = one.submission
            joined = [co.member.name for co in it.co_submitters if co.answer is CoAnswer.JOINED]
            names = ", ".join([it.member.name, *sorted(joined)])
            click.echo(f"{it.label}  {one.proposal.code}  {it.state.value}  {names}: {it.title}")


@click.group()
def people() -> None:
    """Veel personen tegelijk."""


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "do_apply", is_flag=True, help="Nodig ze uit; anders wordt alleen getoond wat er gebeurt.")
def import_people(file: Path, do_apply: bool) -> None:
    """Nodig de personen uit een CSV- of XLSX-bestand uit; de worker doet het, een paar tegelijk."""
    with db.transaction(write=do_apply):
        kept, faults = people_import.prepare(file.read_bytes(), file.name, None)
        for fault in faults:
            click.echo(f"rij {fault.row}: {fault.what} {fault.value}".rstrip(), err=True)
        if kept is None:
            raise click.ClickException(f"{len(faults)} fouten; er is niemand uitgenodigd.")
        for row, effect in people_import.planned(kept):
            click.echo(f"rij {row.row}: {row.email} {row.member} {row.office}: {effect.value}")
        if do_apply:
            people_import.start(kept, None)
            click.echo("Gestart.")


@people.command("remind")
@click.pass_obj
def remind_people(settings: Settings) -> None:
    """Herinner iedereen die nog geen account heeft; niemand twee keer binnen 24 uur."""
    with db.transaction():
        click.echo(f"{remind(settings.secret_key, None)} herinneringen.")


@click.command("roles")
@click.argument("email")
@click.option("--give", multiple=True, type=ROLE, help="Geef deze rol; mag vaker.")
@click.option("--take", multiple=True, type=ROLE, help="Neem deze rol weg; mag vaker.")
def change_roles_of_person(email: str, give: tuple[str, ...], take: tuple[str, ...]) -> None:
    """Geef en neem rollen bij de vereniging, en toon daarna de rollen die iemand heeft."""
    with db.transaction():
        found = get_person_by_email(email)
        change_roles(found, [Role(role) for role in give], [Role(role) for role in take], None)
        click.echo(" ".join(sorted(row.role.value for row in found.roles)))
