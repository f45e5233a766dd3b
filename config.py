"""Settings, read once from the environment. Every fault is told at once; imports nothing of ours."""

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

MIN_SECRET = 32
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ConfigError(Exception):
    """The environment cannot be used; ``str()`` lists every fault, one a line."""


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Provider(BaseModel):
    """A sign-in service of members' own organisations (OpenID Connect); see docs/operating.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    label: Text
    issuer: Text
    client_id: Text
    client_secret: Text = Field(repr=False)
    #: The claim that says for which member somebody works, and what its values mean.
    member_claim: str = ""
    members: dict[str, Text] = {}
    #: When the service vouches for a second step: never, when its token says so, or always.
    second_factor: Literal["none", "amr", "always"] = "none"
    #: Whether whoever it knows, and we do not, gets an account as an official of that member.
    create: bool = False

    @field_validator("issuer")
    @classmethod
    def reached_safely(cls, issuer: str) -> str:
        """Over TLS, or on this same machine."""
        if not safe_address(issuer):
            raise ValueError("must be an https:// address (http:// on this machine only)")
        return issuer

    @model_validator(mode="after")
    def knows_members(self) -> "Provider":
        """A claim needs its values, and an account its member."""
        if bool(self.member_claim) != bool(self.members):
            raise ValueError("member_claim and members need each other")
        if self.create and not self.members:
            raise ValueError("create needs member_claim and members")
        return self


def safe_address(url: str) -> bool:
    """Whether an address is reached over TLS, or lies on this same machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


_PROVIDERS = TypeAdapter(tuple[Provider, ...])


def _providers(text: str) -> tuple[tuple[Provider, ...], list[str]]:
    """The sign-in services, and why they cannot be used."""
    if not text:
        return (), []
    try:
        found = _PROVIDERS.validate_json(text)
    except ValidationError as error:
        places = [".".join(str(part) for part in e["loc"]) for e in error.errors()]
        return (), [
            f"OIDC_PROVIDERS {place}: {e['msg']}.".replace(" :", ":")
            for place, e in zip(places, error.errors(), strict=True)
        ]
    names = [provider.name for provider in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    return found, [f"OIDC_PROVIDERS has {name} more than once." for name in twice]


class Environment(BaseSettings):
    """The environment variables, as they are written; see docs/operating.md for what each does."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    alv_data: Path = Path("var")
    alv_demo: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    live_port: int | None = Field(default=None, ge=1, le=65535)
    live_url: str = ""
    database_url: str = ""
    redis_url: str = ""
    secret_key: str = ""
    base_url: str = ""
    trusted_hosts: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    web_workers: int = Field(default=1, ge=1, le=64)
    web_threads: int = Field(default=32, ge=1, le=128)
    session_hours: int = Field(default=12, ge=1, le=24 * 14)
    session_idle_hours: int = Field(default=4, ge=0, le=24 * 14)
    upload_megabytes: int = Field(default=10, ge=1, le=100)
    oidc_providers: str = ""
    signing_key: str = ""

    @field_validator("database_url")
    @classmethod
    def driver(cls, url: str) -> str:
        """PostgreSQL is reached through psycopg 3, however the address is spelled."""
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @field_validator("signing_key")
    @classmethod
    def whole_key(cls, key: str) -> str:
        """32 bytes, as ``secrets.token_urlsafe(32)`` writes them."""
        if key and not re.fullmatch(r"[A-Za-z0-9_-]{43}", key):
            raise ValueError("must be 32 random bytes in base64url: 43 letters, digits, - and _")
        return key


@dataclass(frozen=True)
class Settings:
    """What the application runs with; made by :func:`load`."""

    data: Path
    demo: bool
    host: str
    port: int
    live_port: int
    live_url: str
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    base_url: str
    trusted_hosts: tuple[str, ...]
    smtp_url: str = field(repr=False)
    mail_from: str
    web_workers: int
    web_threads: int
    session_hours: int
    session_idle_hours: int
    upload_bytes: int
    oidc_providers: tuple[Provider, ...] = ()
    #: The private key that signs receipts; without it a file of the data folder holds it (vng_alv/signing).
    signing_key: str = field(default="", repr=False)

    @property
    def secure_cookies(self) -> bool:
        """Cookies carry Secure and the ``__Host-`` prefix wherever the site is served over TLS."""
        return self.base_url.startswith("https://")

    def environ(self) -> dict[str, str]:
        """The variables a child process needs to load these same settings."""
        return {
            "ALV_DATA": str(self.data),
            "ALV_DEMO": "1" if self.demo else "0",
            "HOST": self.host,
            "PORT": str(self.port),
            "LIVE_PORT": str(self.live_port),
            "LIVE_URL": self.live_url,
            # The demo's database follows from its data folder, and naming one is refused there.
            "DATABASE_URL": "" if self.demo else self.database_url,
            "REDIS_URL": self.redis_url,
            "SECRET_KEY": self.secret_key,
            "BASE_URL": self.base_url,
            "TRUSTED_HOSTS": ",".join(self.trusted_hosts),
            "SMTP_URL": self.smtp_url,
            "MAIL_FROM": self.mail_from,
            "WEB_WORKERS": str(self.web_workers),
            "WEB_THREADS": str(self.web_threads),
            "SESSION_HOURS": str(self.session_hours),
            "SESSION_IDLE_HOURS": str(self.session_idle_hours),
            "UPLOAD_MEGABYTES": str(self.upload_bytes // 2**20),
            "OIDC_PROVIDERS": _PROVIDERS.dump_json(self.oidc_providers).decode() if self.oidc_providers else "",
            "SIGNING_KEY": self.signing_key,
        }


def faults(env: Environment, *, production: bool) -> list[str]:
    """Why these variables cannot be used, each in a sentence; ``production`` asks for what real use needs."""
    found = []
    if env.alv_demo and env.database_url:
        found.append("ALV_DEMO and DATABASE_URL exclude each other: the demo never runs beside a real database.")
    if env.smtp_url and urlsplit(env.smtp_url).scheme not in {"smtp", "smtps"}:
        found.append("SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465.")
    if env.redis_url and urlsplit(env.redis_url).scheme not in {"redis", "rediss", "unix"}:
        found.append("REDIS_URL must begin with redis://, rediss:// or unix://.")
    if env.database_url and not env.database_url.startswith(("postgresql+psycopg://", "sqlite:///")):
        found.append("DATABASE_URL must begin with postgresql:// or sqlite:///.")
    found += _providers(env.oidc_providers)[1]
    if not production:
        return found
    if env.alv_demo:
        found.append("ALV_DEMO is set: the demo's sign-in has no place in a real installation.")
    if len(env.secret_key) < MIN_SECRET:
        found.append(f"SECRET_KEY must be at least {MIN_SECRET} characters.")
    base = urlsplit(env.base_url)
    if not safe_address(env.base_url):
        found.append("BASE_URL must be the https:// address that people use; links in mail are made from it.")
    if not env.trusted_hosts and not base.hostname:
        found.append("TRUSTED_HOSTS must name the host names that this site answers to.")
    if not env.database_url:
        found.append("DATABASE_URL must name the database, for example postgresql://alv@localhost/alv.")
    if not env.smtp_url:
        found.append("SMTP_URL must name the mail server, for example smtp://localhost:25.")
    if not env.mail_from:
        found.append("MAIL_FROM must be the address that mail is sent from.")
    return found


def _secret(data: Path) -> str:
    """The secret of a data folder that has none in its environment, made once and kept readable by its owner only."""
    path = data / "secret-key"
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def load(*, production: bool = False) -> Settings:
    """Settings of this process. Raises :class:`ConfigError` with all faults of the environment at once."""
    try:
        env = Environment()
    except ValidationError as error:
        told = [f"{'.'.join(str(p) for p in e['loc']).upper()}: {e['msg']}." for e in error.errors()]
        raise ConfigError("\n".join(told)) from None
    told = faults(env, production=production)
    if told:
        raise ConfigError("\n".join(told))
    data = env.alv_data.absolute()
    live_port = env.live_port or env.port + 1
    base_url = (env.base_url or f"http://localhost:{env.port}").rstrip("/")
    base = urlsplit(base_url)
    hosts = tuple(h.strip() for h in env.trusted_hosts.split(",") if h.strip())
    return Settings(
        data=data,
        demo=env.alv_demo,
        host=env.host,
        port=env.port,
        live_port=live_port,
        live_url=env.live_url or (f"http://{base.hostname}:{live_port}" if base.hostname in LOOPBACK else base_url),
        database_url=env.database_url or f"sqlite:///{data / 'alv.sqlite3'}",
        redis_url=env.redis_url,
        secret_key=env.secret_key or _secret(data),
        base_url=base_url,
        trusted_hosts=hosts or (base.hostname or "localhost", "localhost", "127.0.0.1"),
        smtp_url=env.smtp_url,
        mail_from=env.mail_from or "alv@vereniging.example",
        web_workers=env.web_workers,
        web_threads=env.web_threads,
        session_hours=env.session_hours,
        session_idle_hours=env.session_idle_hours,
        upload_bytes=env.upload_megabytes * 2**20,
        oidc_providers=_providers(env.oidc_providers)[0],
        signing_key=env.signing_key,
    )
