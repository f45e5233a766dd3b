"""The parts of `alv round` that are about the clock, and rehearsals."""

import uuid
from datetime import UTC, datetime
from typing import Any

import click

from vng_alv import db
from vng_alv.domain.clock import AMSTERDAM
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings.queries import get_meeting
from vng_alv.voting import timing
from vng_alv.voting.queries import rehearsals_of, rounds_of


class Moment(click.ParamType[datetime]):
    """A moment as people in Amsterdam write it: 2026-12-01T14:30."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment in UTC."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is geen moment, zoals 2026-12-01T14:30.", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)).astimezone(UTC)


def _chosen(meeting_code: str, labels: tuple[str, ...], state: RoundState) -> list[uuid.UUID]:
    """The rounds with these numbers ('7', 'P1'); without numbers, the votes in a state."""
    meeting_id = get_meeting(meeting_code).id
    votes = rounds_of(meeting_id)
    if not labels:
        return [one.id for one in votes if one.state is state]
    found = [one.id for one in (*votes, *rehearsals_of(meeting_id)) if one.label in labels]
    if len(found) < len(set(labels)):
        raise click.ClickException("Er is geen stemming waarmee dit kan.")
    return found


@click.command("schedule")
@click.argument("meeting_code")
@click.argument("numbers", nargs=-1)
@click.option("--opens-at", type=Moment(), required=True)
@click.option("--closes-at", type=Moment())
def schedule(meeting_code: str, numbers: tuple[str, ...], opens_at: datetime, closes_at: datetime | None) -> None:
    """Laat de klok stemmingen openen (zonder nummers: alle die klaarstaan), en sluiten."""
    with db.transaction():
        done = timing.schedule(_chosen(meeting_code, numbers, RoundState.DRAFT), opens_at, closes_at, None)
        click.echo(f"{len(done)} gepland.")


@click.command("unschedule")
@click.argument("meeting_code")
@click.argument("numbers", nargs=-1)
def unschedule(meeting_code: str, numbers: tuple[str, ...]) -> None:
    """Neem de planning van stemmingen terug (zonder nummers: van alle)."""
    with db.transaction():
        done = timing.unschedule(_chosen(meeting_code, numbers, RoundState.SCHEDULED), None)
        click.echo(f"{len(done)} teruggenomen.")


@click.command("extend")
@click.argument("meeting_code")
@click.argument("numbers", nargs=-1)
@click.option("--closes-at", type=Moment(), required=True)
def extend(meeting_code: str, numbers: tuple[str, ...], closes_at: datetime) -> None:
    """Laat open stemmingen later sluiten (zonder nummers: alle die open zijn)."""
    with db.transaction():
        done = timing.extend(_chosen(meeting_code, numbers, RoundState.OPEN), closes_at, None)
        click.echo(f"{len(done)} verlengd.")


@click.command("rehearse")
@click.argument("meeting_code")
@click.option("--closes-at", type=Moment())
def rehearse(meeting_code: str, closes_at: datetime | None) -> None:
    """Maak een proefstemming met een verzonnen vraag, en open haar."""
    with db.transaction():
        made = timing.rehearse(get_meeting(meeting_code), None, closes_at=closes_at)
        click.echo(f"{made.label}. {made.title}")


COMMANDS = (schedule, unschedule, extend, rehearse)
