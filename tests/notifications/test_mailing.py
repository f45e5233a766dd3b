"""A batch of mails: what somebody waits for goes first, and all of it over one connection."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.worker.running import Mailserver, free_ports
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.notifications.mail import Post
from vng_alv.notifications.models import Notice, NoticeKind, NoticeState
from vng_alv.notifications.service import BATCH, notify, send_due


@pytest.fixture
def post(database: str) -> Iterator[Mailserver]:
    """A mail server of this test, and a database with people to write to."""
    server = Mailserver()
    with db.transaction():
        for n in range(3):
            factories.person(f"p{n}")
    yield server
    server.stop()


def ask(kind: NoticeKind, number: int, *, ago: int) -> None:
    """Notices of one kind that were asked for some minutes ago."""
    with db.transaction():
        people = list(db.session.scalars(select(Person.id).order_by(Person.email)))
        notify(kind, [people[n % 3] for n in range(number)], ago=ago)
        then = db.now() - timedelta(minutes=ago)
        asked = select(Notice.id).where(Notice.kind == kind, Notice.created_at > db.now() - timedelta(seconds=30))
        db.session.execute(update(Notice).where(Notice.id.in_(asked)).values(created_at=then, next_attempt_at=then))


def letter(notice: Notice, person: Person) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "alv@vereniging.example", person.email
    message["Subject"] = f"{notice.kind.value} {notice.context['ago']}"
    return message


def states() -> dict[NoticeState, int]:
    with db.transaction(write=False):
        found = [notice.state for notice in db.session.scalars(select(Notice))]
    return {state: found.count(state) for state in set(found)}


def test_receipts_and_invitations_go_before_a_mailing(post: Mailserver) -> None:
    ask(NoticeKind.RESULT, 2, ago=9)
    ask(NoticeKind.VOTE_OPENED, 2, ago=8)
    ask(NoticeKind.CONSULTATION_OPENED, 1, ago=10)
    ask(NoticeKind.INVITATION, 1, ago=1)
    ask(NoticeKind.RECEIPT, 1, ago=0)
    ask(NoticeKind.INVITATION, 1, ago=2)
    with Post(post.url) as deliver:
        assert send_due(letter, deliver) == 8
    assert [message["Subject"] for message in post.messages] == [
        "receipt 0", "invitation 2", "invitation 1", "consultation_opened 10", "result 9", "result 9",
        "vote_opened 8", "vote_opened 8",
    ]  # fmt: skip


def test_a_receipt_that_is_asked_for_during_a_mailing_goes_with_its_next_batch(post: Mailserver) -> None:
    ask(NoticeKind.RESULT, 2 * BATCH, ago=5)
    for expected in (BATCH, BATCH):
        with Post(post.url) as deliver:
            assert send_due(letter, deliver) == expected
        ask(NoticeKind.RECEIPT, 1, ago=0)
    assert [message["Subject"] for message in post.messages].index("receipt 0") == BATCH


def test_a_batch_goes_over_one_connection(post: Mailserver) -> None:
    ask(NoticeKind.RESULT, BATCH + 2, ago=1)
    for expected in (BATCH, 2, 0):
        with Post(post.url) as deliver:
            assert send_due(letter, deliver) == expected
    first, second = set(post.connections[:BATCH]), set(post.connections[BATCH:])
    assert len(first) == len(second) == 1
    assert first != second
    assert states() == {NoticeState.SENT: BATCH + 2}


@pytest.mark.parametrize(("refusal", "connections"), [("550 5.7.1 No", 1), ("421 4.3.2 Enough for now", 2)])
def test_a_mail_that_is_refused_keeps_the_others_of_its_batch_going(
    post: Mailserver, refusal: str, connections: int
) -> None:
    """Whether the server stays, or hangs up with it."""
    ask(NoticeKind.RESULT, 3, ago=1)
    composed = 0

    def compose(notice: Notice, person: Person) -> EmailMessage:
        nonlocal composed
        composed += 1
        post.refusal = refusal if composed == 2 else ""
        return letter(notice, person)

    with Post(post.url) as deliver:
        assert send_due(compose, deliver) == 3
    assert len(post.connections) == 2
    assert len(set(post.connections)) == connections
    assert states() == {NoticeState.SENT: 2, NoticeState.QUEUED: 1}


def test_a_server_that_does_not_answer_is_tried_once_for_a_batch(post: Mailserver) -> None:
    ask(NoticeKind.RESULT, 3, ago=1)
    calls = []
    with socket.create_server(("127.0.0.1", free_ports())) as deaf:

        def hang_up() -> None:
            while True:
                try:
                    call, _ = deaf.accept()
                except OSError:
                    return
                calls.append(call)
                call.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with Post(f"smtp://127.0.0.1:{deaf.getsockname()[1]}") as deliver:
            assert send_due(letter, deliver) == 3
        deaf.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert len(calls) == 1
    assert states() == {NoticeState.QUEUED: 3}
    with db.transaction(write=False):
        assert all("closed" in notice.last_error for notice in db.session.scalars(select(Notice)))
