"""The `alv keys` command: the key that receipts are signed with."""

import click

from config import Settings
from vng_alv import db
from vng_alv.errors import Unavailable
from vng_alv.refusals import sentence
from vng_alv.signing.queries import public_keys
from vng_alv.signing.service import place, prepare, rotate, sign


@click.group()
def keys() -> None:
    """De sleutel waarmee stembewijzen worden ondertekend."""


def make_ready(settings: Settings) -> None:
    """Make the first key if there is none, and tell when the private half of the newest one is not where it belongs."""
    where = place(settings.signing_key, settings.data)
    with db.transaction():
        prepare(where, None)
    with db.transaction(write=False):
        try:
            sign(b"", where)
        except Unavailable as refused:
            click.echo(sentence(refused), err=True)


@keys.command("show")
def show_keys() -> None:
    """Toon de openbare sleutels: nummer, sleutel, sinds en tot wanneer."""
    with db.transaction(write=False):
        for key in public_keys():
            until = key.until.isoformat(timespec="seconds") if key.until else "nu"
            click.echo(f"{key.id}  {key.public_key}  {key.since.isoformat(timespec='seconds')} – {until}")


@keys.command("rotate")
@click.pass_obj
def rotate_key(settings: Settings) -> None:
    """Neem een nieuwe sleutel in gebruik; de oude blijft bekend, voor wat ermee is ondertekend."""
    with db.transaction():
        made = rotate(place(settings.signing_key, settings.data), None)
    click.echo(f"Sleutel {made.id} ondertekent vanaf nu.")
