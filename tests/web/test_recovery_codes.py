"""Codes on paper are kept as slow hashes with one salt for each set, made while no transaction writes."""

import hashlib
import hmac
import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace

import argon2
import pytest
from alembic import command
from sqlalchemy import make_url, select, text

from tests.web.authenticator import Authenticator
from tests.web.second_steps import age, ask, code, new_codes, rewind, sign_in, with_app
from tests.web.site import Scene, Site, address_of
from vng_alv import db, schema
from vng_alv.accounts.models import RecoveryCode
from vng_alv.domain.permissions import Role
from vng_alv.identity import recovery_codes

SECOND = "/inloggen/tweede-stap"
SECRET = "s" * 40


def hashes_of(person_id: uuid.UUID) -> list[str]:
    with db.transaction(write=False):
        return list(db.session.scalars(select(RecoveryCode.code_hash).where(RecoveryCode.person_id == person_id)))


def salt(code_hash: str) -> str:
    return code_hash.split("$")[4]


def usual_cost() -> argon2.Parameters:
    """What a site asks for; tests ask for less."""
    return replace(recovery_codes.cost, time_cost=2, memory_cost=19 * 1024)


def test_a_set_has_one_random_salt_and_every_hash_is_slow(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery_codes, "cost", usual_cost())
    browser, _ = with_app(site, scene.clerks[0])
    with_app(site, scene.clerks[1])
    first, other = hashes_of(scene.clerks[0].id), hashes_of(scene.clerks[1].id)
    browser.submit("/account/tweede-stap", action="/herstelcodes")
    again = hashes_of(scene.clerks[0].id)
    assert [len(set(map(salt, codes))) for codes in (first, other, again)] == [1, 1, 1]
    assert len({salt(codes[0]) for codes in (first, other, again)}) == 3
    assert len(set(first + other + again)) == 30
    for one in first:
        found = argon2.extract_parameters(one)
        assert (found.type, found.time_cost, found.memory_cost) == (argon2.Type.ID, 2, 19 * 1024)
        assert found.salt_len >= 16


def test_what_is_typed_is_hashed_once_at_most_and_never_while_a_transaction_writes(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, hashed = recovery_codes._slow, []

    def watched(*args: object) -> str:
        hashed.append(args)
        if db.is_sqlite():  # somebody else can write now
            with closing(sqlite3.connect(make_url(site.settings.database_url).database or "", timeout=0.1)) as other:
                other.execute("BEGIN IMMEDIATE")
        else:
            assert db.session.scalar(text("SELECT pg_current_xact_id_if_assigned()")) is None
        return usual(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(recovery_codes, "_slow", watched)

    def so_many() -> int:
        found = len(hashed)
        hashed.clear()
        return found

    owner, secret = with_app(site, scene.clerks[0])
    assert so_many() == 10
    codes = new_codes(owner)
    assert len(codes) == 10
    assert so_many() == 0, "to show them again nothing is hashed"
    browser = site.browser()
    sign_in(browser, scene.clerks[0])
    for typed, times in (("000 000", 0), ("", 0), ("aaaa-bbbb-cccc", 1), (codes[0], 1)):
        browser.submit(SECOND, code=typed)
        assert so_many() == times, typed
    assert browser.token
    assert new_codes(owner) == [], "once one was used the others are not shown any more"
    age(browser, 16)
    assert browser.post("/bevestigen", {"stap_code": codes[1]}).status_code == 303
    assert so_many() == 1
    assert owner.submit("/account/tweede-stap", action="/herstelcodes").status_code == 303
    assert so_many() == 10
    path = address_of(site, "joining.accept", "GET", scene.address)
    guest = site.browser()
    answer = guest.post(path + "/passkey", {"passkey": Authenticator().create(ask(guest, path + "/passkey/vraag"))})
    assert answer.headers["Location"] == "/account/herstelcodes"
    assert so_many() == 10
    rewind(scene.clerks[0])
    other = site.browser()
    sign_in(other, scene.clerks[0])
    assert other.submit(SECOND, code=code(secret)).status_code == 303
    assert so_many() == 0


def test_adding_a_passkey_to_an_app_makes_no_new_codes(site: Site, scene: Scene) -> None:
    browser, _ = with_app(site, scene.staff[Role.CHAIR])
    before = hashes_of(scene.staff[Role.CHAIR].id)
    page = "/account/tweede-stap/passkey"
    assert browser.post(page, {"passkey": Authenticator().create(ask(browser, page + "/vraag"))}).status_code == 303
    assert hashes_of(scene.staff[Role.CHAIR].id) == before


def test_codes_of_before_the_slow_hash_go_on_working(database: str) -> None:
    config = schema.configuration(db.engine())
    command.downgrade(config, "0004")
    people, typed = [uuid.uuid4(), uuid.uuid4()], ["abcd-efgh-jkmn", "pqrs-tuvw-xyz2"]
    with db.transaction():
        for person in people:
            key = person.hex if db.is_sqlite() else person
            db.session.execute(
                text(
                    "INSERT INTO person (id, email, name, phone, locale, active, created_at) "
                    "VALUES (:id, :email, 'A', '', 'nl', true, CURRENT_TIMESTAMP)"
                ),
                {"id": key, "email": f"{person}@test.example"},
            )
            for one in typed:
                what = f"recovery-code:{person}:{one.replace('-', '')}"
                fast = hmac.new(SECRET.encode(), what.encode(), hashlib.sha256).hexdigest()
                db.session.execute(
                    text("INSERT INTO recovery_code VALUES (:hash, :id, CURRENT_TIMESTAMP, NULL)"),
                    {"hash": fast, "id": key},
                )
    command.upgrade(config, "head")
    kept = [hashes_of(person) for person in people]
    assert all(argon2.extract_parameters(one) == replace(usual_cost(), salt_len=16) for ones in kept for one in ones)
    assert len({salt(one) for ones in kept for one in ones}) == 2
    for person in people:
        with db.transaction():
            found = recovery_codes.hash_typed(person, typed[0].upper(), SECRET)
            assert recovery_codes.take(person, found)
            assert not recovery_codes.take(person, found)
            assert not recovery_codes.take(person, recovery_codes.hash_typed(person, typed[1], "another" * 6))
            assert recovery_codes.left(person) == 1
