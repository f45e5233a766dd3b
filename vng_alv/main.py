"""The `alv` command's entry: settings first, then the command."""

import sys

import click

from config import ConfigError, load
from vng_alv import db, jobs, live
from vng_alv.cli import alv


def main() -> None:
    """Run `alv`; faults of the environment are told at once."""
    try:
        settings = load()
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    db.connect(settings.database_url)
    jobs.configure(jobs.producer, settings.redis_url)
    live.connect(settings.redis_url)
    alv(obj=settings)
