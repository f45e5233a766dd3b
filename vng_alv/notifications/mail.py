"""Making a notice into a mail, as text and HTML in the person's language, and handing it to the mail server."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any, Self
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


def condition_words(code: str, early: str, locale: str) -> str:
    """What a convocation says of one condition of voting; ``early`` is the moment from which it can be done, in
    words."""
    said = _environment(locale).get_template("_conditions.html").module.condition(code, early)  # type: ignore[attr-defined]
    return unescape(str(said)).strip()


def compose(notice: Notice, person: Person, sender: Sender, facts: dict[str, Any]) -> EmailMessage:
    """The mail for ``notice``; ``facts`` go to its templates beside those that it was asked with."""
    environment = _environment(person.locale)
    values = {"person": person, "sender": sender, "locale": person.locale, **notice.context, **facts}

    def render(name: str) -> str:
        return environment.get_template(f"{notice.kind.value}/{name}").render(values)

    message = EmailMessage()
    message["Subject"] = " ".join(render("subject.txt").split())
    message["From"] = formataddr((sender.name, sender.address))
    # An address that is being taken or was left is not the person's own: it does not learn their name.
    to = notice.context.get("to")
    message["To"] = formataddr(("", to) if to else (person.name, person.email))
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


class Post:
    """The mail server at ``url`` (smtp:// with STARTTLS where offered, or smtps://), for one batch of mails.

    They share a connection, which is made when the first of them comes. A server that could not be reached is not
    tried again for each of the others.
    """

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._server: smtplib.SMTP | None = None
        self._unreachable: OSError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None and self._server.sock:
            with suppress(OSError):
                self._server.quit()

    def __call__(self, message: EmailMessage) -> None:
        """Hand one mail over. Raises ``OSError`` (which SMTP errors are) when it was not accepted."""
        if self._unreachable is not None:
            raise self._unreachable
        if self._server is None or not self._server.sock:  # smtplib closes what broke off
            try:
                self._server = self._connect()
            except OSError as error:
                self._unreachable = error
                raise
        self._server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        url, host = self._url, self._url.hostname or "localhost"
        if url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT, context=_trusted())
        else:
            server = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT)
        try:
            server.ehlo()
            if url.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=_trusted())
                server.ehlo()
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
        except OSError:
            server.close()
            raise
        return server
