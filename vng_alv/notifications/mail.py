"""Making a notice into a mail, as text and HTML in the person's language, and handing it to the mail server."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import css_inline
from babel.dates import format_datetime as words_of_moment
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from vng_alv.accounts.models import Person
from vng_alv.domain.clock import AMSTERDAM
from vng_alv.domain.numbers import grouped
from vng_alv.notifications.models import Notice

ROOT = Path(__file__).parents[2]
TIMEOUT = 10


@dataclass(frozen=True)
class Sender:
    """What every mail carries of the association and the site."""

    name: str
    address: str
    phone: str
    base_url: str
    example: bool


@cache
def _environment(locale: str) -> Environment:
    translations = Translations.load(ROOT / "vng_alv" / "translations", [locale]) if locale != "nl" else None
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates" / "email"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(translations or NullTranslations(), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["moment"] = lambda text: moment_in_words(text, locale)
    environment.filters["number"] = lambda number: grouped(number, locale)
    return environment


def moment_in_words(moment: datetime | str, locale: str) -> str:
    """'dinsdag 1 december 2026, 14:30 uur', in Amsterdam; the context of a notice holds moments as ISO text."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    pattern = "EEEE d MMMM y, HH:mm" + (" 'uur'" if locale == "nl" else "")
    return words_of_moment(moment.astimezone(AMSTERDAM), pattern, locale=locale)


def compose(notice: Notice, person: Person, sender: Sender, facts: dict[str, Any]) -> EmailMessage:
    """The mail for ``notice``; ``facts`` go to its templates beside those that it was asked with."""
    environment = _environment(person.locale)
    values = {"person": person, "sender": sender, "locale": person.locale, **notice.context, **facts}

    def render(name: str) -> str:
        return environment.get_template(f"{notice.kind.value}/{name}").render(values)

    message = EmailMessage()
    message["Subject"] = " ".join(render("subject.txt").split())
    message["From"] = formataddr((sender.name, sender.address))
    message["To"] = formataddr((person.name, person.email))
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{notice.id}@{sender.address.partition('@')[2] or 'localhost'}>"
    message["Content-Language"] = person.locale
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(render("body.txt"))
    message.add_alternative(css_inline.inline(render("body.html")), subtype="html")
    return message


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust; reading that takes longer than sending a mail."""
    return ssl.create_default_context()


def smtp(url: str) -> Callable[[EmailMessage], None]:
    """A function that hands mails to the server at ``url`` (smtp:// with STARTTLS where offered, or smtps://)."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"

    def deliver(message: EmailMessage) -> None:
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=_trusted())
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
        with server:
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=_trusted())
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    return deliver
