"""The key that receipts are signed with: made once, kept private, replaced without forgetting (docs/rules.md §9)."""

import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import settings_for
from tests.database.acting import together
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.cli import alv
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused, Unavailable
from vng_alv.signing import service
from vng_alv.signing.models import SigningKey
from vng_alv.signing.queries import PublicKey, public_keys
from vng_alv.signing.service import Place, place, prepare, rotate, sign

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def where(tmp_path: Path) -> Place:
    return place("", tmp_path)


def do(act: Callable[[Place, None], SigningKey], at: Place) -> str:
    with db.transaction():
        return act(at, None).id


def signed(at: Place, message: bytes = b"bericht") -> service.Signature:
    with db.transaction(write=False):
        return sign(message, at)


def known() -> list[PublicKey]:
    with db.transaction(write=False):
        return public_keys()


def right(message: bytes, made: service.Signature) -> bool:
    with db.transaction(write=False):
        key = service.find_key(made.key)
    assert key is not None
    return service.is_right(message, made.signature, key)


def test_the_first_key_is_made_once_and_only_its_owner_reads_it(where: Place) -> None:
    key = do(prepare, where)
    assert do(prepare, where) == key
    assert [k.id for k in known()] == [key]
    (file,) = where.folder.iterdir()
    assert (file, file.stat().st_mode & 0o777, where.folder.stat().st_mode & 0o777) == (where.file(key), 0o600, 0o700)
    private = file.read_text()
    with db.transaction(write=False):
        rows = str([vars(one) for table in (SigningKey, AuditEntry) for one in db.session.scalars(select(table))])
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "signing_key.make")).one()
    assert private not in rows
    assert (entry.subject, entry.data) == (f"signing_key:{key}", {"replaces": None})


def test_of_twenty_who_come_at_once_one_makes_the_key(where: Place) -> None:
    answers = together([lambda: do(prepare, where)] * 20)
    assert len(set(answers)) == 1, answers
    assert [f.name for f in where.folder.iterdir()] == [f"{answers[0]}.key"]
    assert right(b"bericht", signed(where))


def test_the_same_message_has_the_same_signature(where: Place) -> None:
    do(prepare, where)
    assert signed(where) == signed(where)
    assert signed(where, b"ander") != signed(where)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=st.binary(min_size=1, max_size=60), at=st.integers(0, 10**6), turn=st.integers(1, 255))
def test_another_byte_in_message_or_signature_is_wrong(where: Place, message: bytes, at: int, turn: int) -> None:
    do(prepare, where)
    made = signed(where, message)
    assert right(message, made)
    wrong = bytearray(message)
    wrong[at % len(wrong)] ^= turn
    assert not right(bytes(wrong), made)
    letters = list(made.signature)
    letters[at % 86] = "A" if letters[at % 86] != "A" else "B"
    assert not right(message, service.Signature(made.key, "".join(letters)))


def test_a_signature_has_one_spelling(where: Place) -> None:
    """The last letter of 86 carries four bits that mean nothing; another letter there is another file."""
    do(prepare, where)
    made = signed(where)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(made.signature[-1])
    assert not right(b"bericht", service.Signature(made.key, made.signature[:-1] + alphabet[last ^ 1]))


def test_a_new_key_signs_and_the_old_one_still_proves_what_it_signed(where: Place) -> None:
    first = do(prepare, where)
    before = signed(where)
    second = do(rotate, where)
    after = signed(where)
    assert (before.key, after.key) == (first, second)
    assert right(b"bericht", before)
    assert right(b"bericht", after)
    old, new = known()
    assert (old.id, old.until, new.id, new.until) == (first, new.since, second, None)
    assert [f.name for f in where.folder.iterdir()] == [f"{second}.key"]
    with db.transaction(write=False):
        last = list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))[-1]
    assert (last.act, last.data) == ("signing_key.make", {"replaces": first})


def test_a_new_key_that_was_not_committed_leaves_the_old_one_signing(where: Place) -> None:
    key = do(prepare, where)
    with pytest.raises(ZeroDivisionError), db.transaction():
        rotate(where, None)
        raise ZeroDivisionError
    assert signed(where).key == key
    assert len(known()) == 1


def test_keys_replaced_at_once_follow_one_another(where: Place) -> None:
    do(prepare, where)
    answers = together([lambda: do(rotate, where)] * 5)
    assert len(set(answers)) == 5, answers
    assert len(known()) == 6
    assert [f.stem for f in where.folder.iterdir()] == [known()[-1].id]
    assert right(b"bericht", signed(where))


LOST = {
    "removed": lambda file: file.unlink(),
    "emptied": lambda file: file.write_text(""),
    "damaged": lambda file: file.write_text("geen sleutel"),
    "another one": lambda file: file.write_text(secrets.token_urlsafe(32)),
}


@pytest.mark.parametrize("what", LOST)
def test_without_the_private_half_nothing_is_signed_and_no_key_is_made(where: Place, what: str) -> None:
    key = do(prepare, where)
    LOST[what](where.file(key))
    with pytest.raises(Unavailable) as caught:
        signed(where)
    assert caught.value.refusal is Refusal.NO_SIGNING_KEY
    assert do(prepare, where) == key
    with pytest.raises(Unavailable):
        signed(where)
    do(rotate, where)
    assert right(b"bericht", signed(where))


def test_without_any_key_nothing_is_signed(where: Place) -> None:
    with pytest.raises(Unavailable):
        signed(where)
    assert not where.folder.exists()


def test_a_key_that_is_a_setting_is_in_no_file_and_another_one_is_made_known_first(tmp_path: Path) -> None:
    one, other = (place(secrets.token_urlsafe(32), tmp_path) for _ in range(2))
    key = do(prepare, one)
    assert right(b"bericht", signed(one))
    assert not one.folder.exists()
    assert one.given not in repr(one)
    with pytest.raises(Unavailable):
        signed(other)
    with pytest.raises(Refused) as caught:
        do(rotate, one)
    assert caught.value.refusal is Refusal.SAME_SIGNING_KEY
    assert do(rotate, other) != key
    assert right(b"bericht", signed(other))
    with pytest.raises(Unavailable):
        signed(one)


# --- The terminal


@pytest.fixture
def terminal(database: str, tmp_path: Path) -> Callable[..., Result]:
    here = settings_for(database, tmp_path)
    return lambda *words: CliRunner().invoke(alv, words, obj=here)


def test_the_terminal_makes_the_first_key_with_the_tables_and_another_one_when_asked(
    terminal: Callable[..., Result], where: Place
) -> None:
    for _ in range(2):
        assert terminal("db", "upgrade").exit_code == 0
    (first,) = known()
    told = terminal("keys", "rotate")
    second = known()[-1]
    assert (told.exit_code, told.output) == (0, f"Sleutel {second.id} ondertekent vanaf nu.\n")
    lines = terminal("keys", "show").output.splitlines()
    assert [line.split()[:2] for line in lines] == [[key.id, key.public_key] for key in (first, second)]
    assert [line.endswith("nu") for line in lines] == [False, True]
    assert json.dumps(lines).find(where.file(second.id).read_text()) == -1


def test_the_terminal_tells_that_the_key_is_missing_and_goes_on(terminal: Callable[..., Result], where: Place) -> None:
    terminal("db", "upgrade")
    where.file(known()[0].id).unlink()
    told = terminal("db", "upgrade")
    assert told.exit_code == 0
    assert "de sleutel ontbreekt" in told.stderr
    assert len(known()) == 1
