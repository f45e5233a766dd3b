"""What became of each section between two versions."""

from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.comparing import Fate, compare
from vng_alv.domain.sections import SectionText


def version(keys: str, **changed: str) -> dict[str, SectionText]:
    return {key: SectionText(key, key, changed.get(key, "tekst")) for key in keys}


def fates(earlier: dict[str, SectionText], later: dict[str, SectionText]) -> list[tuple[str, str, bool]]:
    return [(one.key, one.fate.value, one.moved) for one in compare(earlier, later)]


def test_new_changed_dropped_and_the_same_are_told_apart() -> None:
    found = fates(version("abcd"), version("axcd", c="anders"))
    assert found == [
        ("a", "same", False), ("b", "dropped", False), ("x", "new", False), ("c", "changed", False),
        ("d", "same", False),
    ]  # fmt: skip


def test_one_section_that_moves_leaves_the_others_in_their_place() -> None:
    found = fates(version("abcde"), version("bcdea"))
    assert [key for key, _, moved in found if moved] == ["a"]
    assert found[-1] == ("a", "changed", True)
    swapped = fates(version("ab"), version("ba"))
    assert sum(moved for _, _, moved in swapped) == 1


def test_another_number_or_group_is_a_change() -> None:
    was = {"k": SectionText("A1", "kop", "tekst", "Deel A")}
    assert compare(was, {"k": SectionText("A2", "kop", "tekst", "Deel A")})[0].fate is Fate.CHANGED
    assert compare(was, {"k": SectionText("A1", "kop", "tekst", "Deel B")})[0].fate is Fate.CHANGED
    assert compare(was, dict(was))[0].fate is Fate.SAME


KEYS = st.permutations("abcdefgh").flatmap(lambda row: st.integers(0, 8).map(lambda n: "".join(row[:n])))


@given(KEYS, KEYS)
def test_every_section_is_there_once_and_in_the_order_of_the_later_version(earlier: str, later: str) -> None:
    found = compare(version(earlier), version(later))
    assert sorted(one.key for one in found) == sorted({*earlier, *later})
    assert [one.key for one in found if one.now] == list(later)
    kept = [one.key for one in found if one.was and one.now and not one.moved]
    assert kept == [key for key in earlier if key in kept]
    back = compare(version(later), version(earlier))
    assert sum(one.moved for one in found) == sum(one.moved for one in back)
