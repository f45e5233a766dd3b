"""The `alv people` command: inviting many people at once, and reminding them."""

from pathlib import Path

import click

from config import Settings
from vng_alv import db
from vng_alv.secretariat import people_import
from vng_alv.secretariat.reminding import remind


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
