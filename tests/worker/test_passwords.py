"""A request for a new password is answered by the worker: with a mail to whoever has the address, or with nothing."""

from email.message import EmailMessage

from sqlalchemy import select

from tests.worker.running import Mailserver, Site, until
from vng_alv import db
from vng_alv.accounts import links
from vng_alv.accounts.models import MailLinkKind, PasswordRequest
from vng_alv.identity import passwords


def test_the_worker_sends_the_link_and_nothing_to_an_unknown_address(site: Site, mailserver: Mailserver) -> None:
    email, before = "griffier-gm0001@test.example", len(mailserver.messages)
    with db.transaction():
        passwords.ask("Niemand@test.example")
        passwords.ask(email.upper())

    def letters() -> list[EmailMessage]:
        return [m for m in mailserver.messages[before:] if m["Subject"] == "Een nieuw wachtwoord kiezen"]

    (letter,) = until(letters, "the mail has come")
    assert letter["To"].addresses[0].addr_spec == email
    body = letter.get_body(("plain",))
    assert body is not None
    token = body.get_content().partition(f"{site.base}/wachtwoord/")[2].split()[0]
    with db.transaction(write=False):
        link, person = links.usable(token, MailLinkKind.RESET_PASSWORD)
        assert person.email == email
        assert db.session.scalars(select(PasswordRequest)).all() == []
    assert link.used_at is None
    assert len(letters()) == 1
