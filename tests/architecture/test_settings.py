"""Settings: every fault told at once, and what is unsafe refused (docs/operating.md)."""

import json
import os
from pathlib import Path

import pytest

from config import ConfigError, Settings, load

NAMES = ("ALV_DATA", "ALV_DEMO", "HOST", "PORT", "LIVE_PORT", "LIVE_URL", "DATABASE_URL", "REDIS_URL", "SECRET_KEY",
         "BASE_URL", "TRUSTED_HOSTS", "SMTP_URL", "MAIL_FROM", "WEB_WORKERS", "WEB_THREADS", "SESSION_HOURS",
         "SESSION_IDLE_HOURS", "UPLOAD_MEGABYTES", "OIDC_PROVIDERS", "SIGNING_KEY", "ALV_PRODUCTION")  # fmt: skip
GOOD = {
    "DATABASE_URL": "postgresql://alv@localhost/alv", "REDIS_URL": "redis://localhost", "SECRET_KEY": "k" * 40,
    "BASE_URL": "https://alv.vereniging.example", "SMTP_URL": "smtp://localhost:25",
    "MAIL_FROM": "alv@vereniging.example",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALV_DATA", str(tmp_path))


def told(monkeypatch: pytest.MonkeyPatch, *, production: bool = False, **values: str) -> str:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load(production=production)
    return str(caught.value)


def test_without_anything_set_the_site_starts_on_this_machine_only(tmp_path: Path) -> None:
    settings = load()
    assert settings.host == "127.0.0.1"
    assert settings.database_url == f"sqlite:///{tmp_path / 'alv.sqlite3'}"
    assert settings.demo is False
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert len(settings.secret_key) >= 32
    assert load().secret_key == settings.secret_key


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told(monkeypatch, PORT="0", WEB_THREADS="many", SESSION_HOURS="-1").splitlines()
    assert [line.partition(":")[0] for line in lines] == ["PORT", "WEB_THREADS", "SESSION_HOURS"]
    for name in ("PORT", "WEB_THREADS", "SESSION_HOURS"):
        monkeypatch.delenv(name)
    lines = told(
        monkeypatch, SMTP_URL="mailserver", REDIS_URL="http://x", DATABASE_URL="mysql://x", ALV_DEMO="1"
    ).splitlines()
    assert [line.split()[0] for line in lines] == ["ALV_DEMO", "SMTP_URL", "REDIS_URL", "DATABASE_URL"]


def test_the_demo_never_runs_beside_a_real_database(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("postgresql://alv@localhost/alv", "sqlite:////srv/alv.sqlite3"):
        assert "ALV_DEMO and DATABASE_URL exclude each other" in told(monkeypatch, ALV_DEMO="1", DATABASE_URL=url)


def test_real_use_refuses_everything_unsafe_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = told(
        monkeypatch, production=True, ALV_DEMO="1", SECRET_KEY="short", BASE_URL="http://alv.vereniging.example"
    ).splitlines()
    assert [line.split()[0] for line in lines] == [
        "ALV_DEMO", "SECRET_KEY", "BASE_URL", "DATABASE_URL", "SMTP_URL", "MAIL_FROM",
    ]  # fmt: skip


@pytest.mark.parametrize("missing", GOOD)
def test_real_use_needs_each_of_them(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    assert load(production=True).secure_cookies
    monkeypatch.delenv(missing)
    if missing == "REDIS_URL":  # the supervisor starts a broker of its own
        assert load(production=True).redis_url == ""
    else:
        assert missing in told(monkeypatch, production=True)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**GOOD, "SMTP_URL": "smtp://user:geheim@localhost"}.items():
        monkeypatch.setenv(name, value)
    shown = repr(load(production=True))
    assert GOOD["SECRET_KEY"] not in shown
    assert "geheim" not in shown


def test_a_signing_key_is_whole_is_passed_on_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("k" * 42, "k" * 44, "k" * 42 + "+"):
        assert told(monkeypatch, SIGNING_KEY=wrong).startswith("SIGNING_KEY: Value error, must be 32 random bytes")
    monkeypatch.setenv("SIGNING_KEY", "geheim" + "k" * 37)
    settings = load()
    assert settings.environ()["SIGNING_KEY"] == settings.signing_key == "geheim" + "k" * 37
    assert "geheim" not in repr(settings)


def test_the_password_of_the_database_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**GOOD, "DATABASE_URL": "postgresql://alv:geheim@localhost/alv"}.items():
        monkeypatch.setenv(name, value)
    assert "geheim" not in repr(load(production=True))


SERVICE = {
    "name": "stad", "label": "Gemeente Stad", "issuer": "https://login.stad.example", "client_id": "alv",
    "client_secret": "sleutel", "member_claim": "gemeente", "members": {"0344": "GM0344"}, "second_factor": "amr",
    "create": True,
}  # fmt: skip


def test_a_sign_in_service_is_read_and_its_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_PROVIDERS", json.dumps([SERVICE]))
    settings = load()
    (service,) = settings.oidc_providers
    assert service.model_dump() == SERVICE
    assert "sleutel" not in repr(settings)


def test_all_faults_of_sign_in_services_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [
        {**SERVICE, "name": "Stad Noord", "label": "", "issuer": "http://login.stad.example", "colour": "blue"},
        {**SERVICE, "client_secret": None, "second_factor": "maybe"},
        {**SERVICE, "member_claim": "", "create": False},
        {**SERVICE, "member_claim": "", "members": {}},
    ]
    lines = told(monkeypatch, OIDC_PROVIDERS=json.dumps(wrong), SMTP_URL="x").splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["SMTP_URL", "must"], *(["OIDC_PROVIDERS", place + ":"] for place in (
            "0.name", "0.label", "0.issuer", "0.colour", "1.client_secret", "1.second_factor", "2", "3",
        )),
    ]  # fmt: skip
    assert "more than once" in told(monkeypatch, OIDC_PROVIDERS=json.dumps([SERVICE, SERVICE]), SMTP_URL="")
    for text in ("{", "{}", "stad", "[1]"):
        assert "OIDC_PROVIDERS" in told(monkeypatch, OIDC_PROVIDERS=text)


def test_a_child_process_loads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_PROVIDERS", json.dumps([SERVICE]))
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    settings: Settings = load(production=True)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.environ().items():
        monkeypatch.setenv(name, value)
    assert load(production=True) == settings
    assert set(settings.environ()) <= set(NAMES)
    assert os.environ["DATABASE_URL"].startswith("postgresql+psycopg://")
