"""Bringing a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def configuration(engine: Engine) -> Config:
    """Alembic's configuration for a database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine) -> None:
    """Run the migrations that this database has not had; this, and nothing else, makes the embedded database's file."""
    if engine.dialect.name == "sqlite":
        Path(engine.url.database or "").touch()
    command.upgrade(configuration(engine), "head")


def heads(engine: Engine) -> list[str]:
    """The newest revisions; more than one is a mistake."""
    return ScriptDirectory.from_config(configuration(engine)).get_heads()
