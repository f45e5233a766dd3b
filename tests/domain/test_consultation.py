"""When a reaction may be sent, replaced or withdrawn, and what becomes of two texts (docs/rules.md §3)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from vng_alv.domain import consultation as rules
from vng_alv.domain.consultation import FileKind, RevisionAct, Sending
from vng_alv.domain.refusals import Refusal

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("draft", "in_force", "expected"),
    [
        (("", None), None, None),
        (("x", None), None, Sending.NEW),
        (("", "agree"), None, Sending.NEW),
        (("x", None), ("x", None), None),
        (("y", None), ("x", None), Sending.REPLACED),
        (("x", "agree"), ("x", None), Sending.REPLACED),
        (("", None), ("x", "agree"), Sending.WITHDRAWN),
    ],
)
def test_what_sending_does_follows_from_draft_and_what_is_in_force(
    draft: tuple[str, str | None], in_force: tuple[str, str | None] | None, expected: Sending | None
) -> None:
    assert rules.sending(draft, in_force) is expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"is_secretary": False}, Refusal.NOT_ALLOWED),
        ({"open_now": False}, Refusal.CONSULTATION_CLOSED),
        ({"changes": 0}, Refusal.NOTHING_TO_SEND),
        ({"reactions": 0}, Refusal.ONLY_ATTACHMENTS),
        ({"reactions": 0, "files": 0}, None),
    ],
)
def test_who_may_send_and_what(changed: dict[str, bool | int], expected: Refusal | None) -> None:
    facts = {"open_now": True, "is_secretary": True, "changes": 1, "reactions": 1, "files": 1, **changed}
    assert rules.may_send(**facts) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("open_now", "is_secretary", "in_force", "expected"),
    [
        (True, True, 1, None),
        (True, False, 1, Refusal.NOT_ALLOWED),
        (False, True, 1, Refusal.CONSULTATION_CLOSED),
        (True, True, 0, Refusal.NOTHING_SENT),
    ],
)
def test_who_may_withdraw(open_now: bool, is_secretary: bool, in_force: int, expected: Refusal | None) -> None:
    assert rules.may_withdraw(open_now=open_now, is_secretary=is_secretary, in_force=in_force) is expected


def test_changes_to_other_words_are_put_together() -> None:
    base = "Wij steunen dit voorstel. Er is wel meer geld nodig."
    found = rules.both(base, base.replace("steunen", "omarmen"), base.replace("geld", "tijd"))
    assert found.clashes == ()
    assert found.text == "Wij omarmen dit voorstel. Er is wel meer tijd nodig."


def test_changes_to_the_same_words_clash_and_both_are_told() -> None:
    base = "Wij steunen dit voorstel van harte. Er is wel meer geld nodig."
    theirs = base.replace("steunen", "omarmen").replace("geld", "tijd")
    found = rules.both(base, theirs, base.replace("steunen", "verwerpen"))
    (clash,) = found.clashes
    assert "omarmen" in found.theirs(clash)
    assert "verwerpen" in found.ours(clash)
    assert found.text == "Wij verwerpen dit voorstel van harte. Er is wel meer tijd nodig."


def test_of_two_positions_the_changed_one_stands() -> None:
    assert rules.one_of("a", "b", "a") == "b"
    assert rules.one_of("a", "a", "b") == "b"
    assert rules.one_of("a", "b", "b") == "b"
    with pytest.raises(ValueError, match="both"):
        rules.one_of("a", "b", "c")


@dataclass
class Act:
    """An act, as far as it matters here."""

    act: RevisionAct
    person_id: str
    at: datetime
    words: int = 5


def test_saves_of_one_person_shortly_after_each_other_are_one_step() -> None:
    def act(minute: int, who: str = "a", what: RevisionAct = RevisionAct.SAVED) -> Act:
        return Act(what, who, NOON + timedelta(minutes=minute))

    one, two, other, back, later = act(0), act(10), act(11, "b"), act(12), act(23)
    sent, again = act(24, "a", RevisionAct.SENT), act(25)
    assert rules.steps([one, two, other, back, later, sent, again]) == [two, other, back, later, sent, again]


@pytest.mark.parametrize(
    ("files", "size", "expected"),
    [
        (4, 10_000_000, None),
        (5, 1, Refusal.TOO_MANY_FILES),
        (0, 10_000_001, Refusal.FILE_TOO_LARGE),
        (0, 0, Refusal.EMPTY_FILE),
    ],
)
def test_how_many_files_and_how_large(files: int, size: int, expected: Refusal | None) -> None:
    assert rules.may_add(files=files, size=size) is expected


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Brief.PDF", "Brief.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        (r"C:\Users\x\nota.pdf", "nota.pdf"),
        ("nota\r\nSet-Cookie: x.pdf", "nota Set-Cookie x.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("", "bijlage.pdf"),
        (".pdf", "pdf.pdf"),
        ("a" * 300 + ".pdf", "a" * 100 + ".pdf"),
        ("raadsbrief é – 2026.pdf", "raadsbrief é – 2026.pdf"),
    ],
)
def test_a_name_leads_nowhere_and_hides_nothing(given: str, name: str) -> None:
    assert rules.safe_name(given, FileKind.PDF) == name


def test_emptying_a_text_is_a_step_of_its_own() -> None:
    full = Act(RevisionAct.SAVED, "a", NOON)
    empty, still = (Act(RevisionAct.SAVED, "a", NOON + timedelta(minutes=n), 0) for n in (1, 2))
    assert rules.steps([full, empty, still]) == [full, still]
