"""Receipts as files: read without trust, any change seen, nothing told too early (docs/rules.md §9)."""

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain import receipts
from vng_alv.domain.receipt_files import (
    MAX_BYTES,
    Fate,
    NoReceipt,
    ReceiptFile,
    Statement,
    Vote,
    altered,
    fate,
    file_data,
    read,
    read_vote,
    vote_word,
)

#: Ballots in the words of a receipt: of one option, of several, and of votes that are divided.
WORDS = sorted(
    map(vote_word, ("for", "against", "abstain", "none", "1", "40", "1+3", "for:40+against:35", "2:1+none:74"))
)


hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
votes = st.builds(
    Vote,
    round=st.integers(1, 40),
    rehearsal=st.booleans(),
    title=words,
    weight=st.integers(0, 75),
    vote=st.sampled_from(WORDS),
    text=hashes,
    rule=hashes,
)
statements = st.builds(
    Statement,
    code=st.integers(0, receipts.CODES - 1).map(receipts.code),
    meeting=words,
    member=words,
    through=st.none() | words,
    cast_at=st.datetimes().map(lambda moment: moment.isoformat(timespec="microseconds") + "+00:00"),
    example=st.booleans(),
    votes=st.lists(votes, min_size=1, max_size=4, unique_by=lambda vote: vote.label).map(tuple),
)
KEY, SIGNATURE = "0123456789abcdef", "A" * 86


def as_file(statement: Statement) -> dict[str, Any]:
    return file_data(statement, KEY, SIGNATURE, "Uitleg")


def spelled(data: object) -> bytes:
    return json.dumps(data).encode()


@given(statements, st.sampled_from([None, 1, 4]), st.booleans())
def test_a_file_says_what_was_signed_however_it_is_spelled(made: Statement, indent: int | None, ascii_: bool) -> None:
    text = json.dumps(as_file(made), indent=indent, ensure_ascii=ascii_)
    assert read(text.encode()) == ReceiptFile(made, KEY, SIGNATURE)
    assert read(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()) == ReceiptFile(made, KEY, SIGNATURE)


@given(statements, statements, st.data())
def test_another_value_in_any_field_is_another_message(one: Statement, other: Statement, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([f.name for f in fields(Statement)]))
    changed = replace(one, **{name: getattr(other, name)})
    assert (changed.message() == one.message()) is (changed == one)
    field = data.draw(st.sampled_from([f.name for f in fields(Vote)]))
    vote = replace(one.votes[0], **{field: getattr(other.votes[0], field)})
    changed = replace(one, votes=(vote, *one.votes[1:]))
    assert (changed.message() == one.message()) is (changed == one)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a file: every key and every item of a list."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


STRANGE = st.sampled_from([None, True, -1, 1.0, 10**12, "", "x", [], {}, "\ud800", [1]])


@given(statements, STRANGE, st.data())
def test_a_strange_value_anywhere_is_named_or_is_as_good_as_another(
    made: Statement, strange: Any, data: st.DataObject
) -> None:
    file = json.loads(json.dumps(as_file(made)))
    *path, last = data.draw(st.sampled_from(places(file)[1:]))
    inner = file
    for key in path:
        inner = inner[key]
    inner[last] = strange
    found = read(spelled(file))
    if isinstance(found, NoReceipt):
        assert str(last) in found.field or found.field in {"receipt.votes", "receipt"} or strange == 1.0
    else:  # a text where a text belongs, and so on: it is read as it stands, and the signature is of something else
        assert json.loads(json.dumps(file_data(found.statement, found.key, found.signature, file["about"]))) == file


@given(statements, st.data())
def test_what_is_missing_or_too_much_is_named(made: Statement, data: st.DataObject) -> None:
    for extra in (False, True):
        file = json.loads(json.dumps(as_file(made)))
        inner = data.draw(st.sampled_from([file, file["receipt"], file["receipt"]["votes"][0]]))
        name = "kleur" if extra else data.draw(st.sampled_from(sorted(inner)))
        if extra:
            inner[name] = "blauw"
        else:
            del inner[name]
        found = read(spelled(file))
        assert isinstance(found, NoReceipt)
        assert found.field.endswith(name)


GOOD = Statement(
    code="7K2M-Q9RT-HX4W-3BCD",
    meeting="alv",
    member="GM0001",
    through=None,
    cast_at="2026-12-01T12:00:00.000000+00:00",
    example=False,
    votes=(Vote(1, False, "A", 75, "voor", "a" * 64, "b" * 64), Vote(2, False, "B", 75, "tegen", "c" * 64, "b" * 64)),
)
TEXT = json.dumps(as_file(GOOD))
HOSTILE = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "a picture": b"\x89PNG\r\n",
    "damaged": TEXT[:-5].encode(),
    "a list": b"[]",
    "a number": b"7",
    "said twice": TEXT.replace('"vote": "voor"', '"vote": "tegen", "vote": "voor"').encode(),
    "a broken number": TEXT.replace("75", "75.0").encode(),
    "no number": TEXT.replace("75", "NaN").encode(),
    "an endless number": TEXT.replace("75", "7" * 5_000).encode(),
    "too deep": b'{"about":' + b"[" * 90_000,
    "too long": TEXT.encode() + b" " * MAX_BYTES,
    "the same round twice": TEXT.replace('"round": 2', '"round": 1').encode(),
    "another content": TEXT.replace("alv-receipt-1", "alv-receipt-2").encode(),
    "another algorithm": TEXT.replace("Ed25519", "none").encode(),
    "half a character": TEXT.replace('"GM0001"', '"\\ud800"').encode(),
    "digits of another script": TEXT.replace("2026", "٢٠٢٦").encode(),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_receipt_is_none(what: str) -> None:
    assert isinstance(read(TEXT.encode()), ReceiptFile)
    assert isinstance(read(HOSTILE[what]), NoReceipt)


@given(st.binary(max_size=200))
def test_no_bytes_are_a_fault(given_: bytes) -> None:
    assert isinstance(read(given_), NoReceipt)


def test_fates_in_the_order_in_which_they_are_told() -> None:
    def told(*, recorded=True, same=True, published=True, annulled=False, replaced=False) -> Fate:
        return fate(recorded=recorded, same=same, published=published, annulled=annulled, replaced=replaced)

    assert told() is Fate.IN_LIST
    assert told(replaced=True) is Fate.REPLACED
    assert told(same=False) is told(same=False, annulled=True) is told(same=False, replaced=True) is Fate.DIFFERS
    assert told(annulled=True) is told(annulled=True, published=False, same=False) is Fate.ANNULLED
    assert told(recorded=False) is Fate.ABSENT


@given(st.booleans(), st.booleans())
def test_before_publication_nothing_is_told_apart(same: bool, replaced: bool) -> None:
    assert fate(recorded=True, same=same, published=False, annulled=False, replaced=replaced) is Fate.NOT_PUBLISHED


def changed(**what: Any) -> Statement:
    return replace(GOOD, votes=(replace(GOOD.votes[0], **what), GOOD.votes[1]))


def test_what_was_altered_is_named_once_everybody_may_know() -> None:
    assert altered(GOOD, GOOD, {"1", "2"}, {"1", "2"}) == []
    assert altered(changed(vote="tegen"), GOOD, {"1"}, {"1"}) == ["votes[1].vote"]
    assert altered(changed(weight=1, rule="d" * 64), GOOD, {"1"}, {"1"}) == ["votes[1].weight", "votes[1].rule-sha256"]
    assert altered(replace(GOOD, member="GM0002", through="GM0003"), GOOD, {"2"}, {"2"}) == ["member", "through"]
    assert altered(replace(GOOD, votes=GOOD.votes[1:]), GOOD, {"1"}, {"1"}) == ["votes[1]"]
    assert altered(GOOD, replace(GOOD, votes=GOOD.votes[1:]), {"2"}, {"1", "2"}) == ["votes[1]"]


@given(statements, statements)
def test_of_what_stands_in_no_published_list_nothing_is_named(one: Statement, other: Statement) -> None:
    assert altered(one, other, set(), {vote.label for vote in one.votes}) == []


@given(st.sampled_from(WORDS), st.integers(0, 75))
def test_a_choice_cannot_be_tried_out_before_it_is_published(vote: str, weight: int) -> None:
    """Round 2 is published; round 1 stands on the same receipt, and whatever a file says of it changes nothing."""
    assert altered(changed(vote=vote, weight=weight), GOOD, {"2"}, {"2"}) == []
    assert altered(replace(GOOD, votes=GOOD.votes[1:]), GOOD, {"2"}, {"2"}) == []
    assert altered(GOOD, replace(GOOD, votes=GOOD.votes[1:]), {"2"}, {"2"}) == []


BALLOTS = ["for", "against", "abstain", "none", "7", "40", "1+3", "1+2+3", "for:40+against:35", "2:1+none:74"]


@pytest.mark.parametrize("ballot", BALLOTS)
def test_a_ballot_comes_back_from_its_words(ballot: str) -> None:
    """Of every kind of question; and a file with those words is a receipt."""
    words = vote_word(ballot)
    assert read_vote(words) == ballot
    found = read(spelled(as_file(changed(vote=words))))
    assert isinstance(found, ReceiptFile)
    assert found.statement.votes[0].ballot == ballot


@pytest.mark.parametrize("words", ["", "ja", "optie 0", "optie 100", "voor + ", "voor: 0", "voor:1", "optie", "Voor"])
def test_other_words_are_no_vote(words: str) -> None:
    assert read(spelled(as_file(changed(vote=words)))) == NoReceipt("receipt.votes[0].vote")
