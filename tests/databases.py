"""Databases to test with: templates that are filled once, and a fresh copy of one for each test."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
from sqlalchemy import make_url

from vng_alv import db

Made = TypeVar("Made")


class Databases:
    """The databases of one engine: files in a folder, or those of a PostgreSQL server where there is an address."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder, self.server = folder, server
        # pytest may come back to an engine after it was at the other one, and then makes this anew.
        self._own = uuid.uuid4().hex[:8]

    def fill(self, name: str, make: Callable[[str], Made], like: str = "") -> Made:
        """Make a template, as a copy of another one if any, by what ``make`` does at its address; what that returns."""
        template = self._template(name)
        self._create(template, self._template(like) if like else "")
        made = make(self._url(template))
        db.session.remove()
        if not self.server:
            with db.engine().connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine().dispose()
        if self.server:  # nobody may be connected to what is copied, and votes have a connection of their own
            self._do(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{template}'")
        return made

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """The address of a fresh copy, to which the application is connected; gone afterwards."""
        name = f"t{uuid.uuid4().hex}"
        self._create(name, self._template(template))
        db.connect(self._url(name), pool_size=20)
        yield self._url(name)
        db.session.remove()
        db.engine().dispose()
        self._drop(name)

    def forget(self, name: str) -> None:
        """Take a template away."""
        self._drop(self._template(name))

    def _template(self, name: str) -> str:
        return f"{name}_{self._own}"

    def _drop(self, name: str) -> None:
        if self.server:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")
            return
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._file(name)}{suffix}").unlink(missing_ok=True)

    def _create(self, name: str, like: str) -> None:
        if self.server:
            self._do(f"CREATE DATABASE {name} " + (f"TEMPLATE {like} STRATEGY FILE_COPY" if like else ""))
        elif like:
            shutil.copy(self._file(like), self._file(name))

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def _url(self, name: str) -> str:
        if self.server:
            return make_url(self.server).set(database=name).render_as_string(hide_password=False)
        return f"sqlite:///{self._file(name)}"
