"""`alv demo`: filling the demo, and acting out a meeting in it."""

import time

import click

from config import Settings
from vng_alv import db
from vng_alv.demo.afternoon import FEWEST, Afternoon
from vng_alv.demo.browsing import Unexpected
from vng_alv.demo.play import Play
from vng_alv.demo.seed import seed as fill


@click.group()
def demo() -> None:
    """Het voorbeeld."""


@demo.command("seed")
@click.pass_obj
def seed(settings: Settings) -> None:
    """Vul een lege database met de voorbeeld-ALV."""
    if not settings.demo:
        raise click.ClickException("Dit kan alleen met ALV_DEMO=1, en nooit naast een echte database.")
    with db.transaction():
        made = fill(lambda line: click.echo("  " + line))
    click.echo("Het voorbeeld staat klaar." if made else "Het voorbeeld stond al klaar.")


@demo.command("play")
@click.option("--meeting", "whole", is_flag=True, help="Speel een hele middag na, in een eigen vergadering.")
@click.option("--delegates", default=342, show_default=True, help="Hoeveel gemeenten er stemmen.")
@click.option("--at-once", default=6, show_default=True, help="Hoeveel er tegelijk bezig zijn.")
@click.option("--url", help="Adres van de draaiende site; anders dat van de instellingen.")
@click.pass_obj
def play(settings: Settings, whole: bool, delegates: int, at_once: int, url: str | None) -> None:
    """Speel een vergadering na: een motie, een stemming, de telling, de uitslag en de mails; of een hele middag."""
    if whole and delegates < FEWEST:
        raise click.UsageError(f"Voor een hele middag zijn ten minste {FEWEST} gemeenten nodig.")
    try:
        if whole:
            _afternoon(url or settings.base_url, at_once, delegates)
        else:
            _motion(url or settings.base_url, at_once, delegates)
    except Unexpected as unexpected:
        raise click.ClickException(str(unexpected)) from None


def _motion(base: str, at_once: int, delegates: int) -> None:
    acting = Play(base, at_once)
    number = acting.prepare()
    acting.open()
    click.echo(f"Motie {number} staat klaar en de stemming is open: {acting.address}")
    codes = acting.members()[:delegates]
    with click.progressbar(length=len(codes), label="Gemeenten stemmen") as bar:
        for _ in acting.vote(codes):
            bar.update(1)
    click.echo(f"{acting.recorded} stemmen vastgelegd in {acting.seconds:.0f} s.")
    sentence = acting.finish()
    click.echo(f"Uitslag: {sentence}")
    click.echo(f"{acting.mails()} mails in het postvak: {acting.base}/demo/postvak")


def _afternoon(base: str, at_once: int, delegates: int) -> None:
    began = time.monotonic()
    acting = Afternoon(base, at_once, delegates, click.echo)
    outcomes = acting.act()
    click.echo("\nStemming, uitslag, en in hoeveel seconden iedereen had gestemd:")
    for one in outcomes:
        click.echo(f"{one.number:>3}  {one.said:<18} {one.seconds:>6.1f}  {one.title}")
    click.echo(
        f"{len(outcomes)} stemmingen en {acting.recorded} stemmen in {time.monotonic() - began:.0f} s:"
        f" {acting.address}/besluitenlijst"
    )
