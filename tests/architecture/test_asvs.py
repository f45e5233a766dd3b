"""docs/asvs.md names every requirement of levels 1 and 2 once, with evidence that is there."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOC = ROOT / "docs" / "asvs.md"
#: The requirements of ASVS 5.0.0 by level: a section, and which of its requirements.
LEVELS = {
    1: "1.2:1-5 1.3:1-2 1.5:1 2.1:1 2.2:1-2 2.3:1 3.2:1-2 3.3:1 3.4:1-2 3.5:1-3 4.1:1 4.4:1 5.2:1-2 5.3:1-2 6.1:1 "
    "6.2:1-8 6.3:1-2 6.4:1-2 7.2:1-4 7.4:1-2 8.1:1 8.2:1-2 8.3:1 9.1:1-3 9.2:1 10.4:1-5 11.3:1-2 11.4:1 12.1:1 "
    "12.2:1-2 13.4:1 14.2:1 14.3:1 15.1:1 15.2:1 15.3:1",
    2: "1.1:1-2 1.2:6-9 1.3:3-11 1.4:1-3 1.5:2 2.1:2-3 2.2:3 2.3:2-4 2.4:1 3.3:2-4 3.4:3-6 3.5:4-5 3.7:1-2 4.1:2-3 "
    "4.2:1 4.3:1-2 4.4:2-4 5.1:1 5.2:3 5.4:1-3 6.1:2-3 6.2:9-12 6.3:3-4 6.4:3-4 6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 "
    "7.3:1-2 7.4:3-5 7.5:1-2 7.6:1-2 8.1:2 8.2:3 8.4:1 9.2:2-4 10.1:1-2 10.2:1-2 10.3:1-4 10.4:6-11 10.5:1-5 10.6:1-2 "
    "10.7:1-3 11.1:1-2 11.2:1-3 11.3:3 11.4:2-4 11.5:1 11.6:1 12.1:2-3 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:2-5 "
    "14.1:1-2 14.2:2-4 14.3:2-3 15.1:2-3 15.2:2-3 15.3:2-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 "
    "17.3:1-2",
}
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (\d) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
KINDS = {"read": "read: ", "does not apply": "does not apply: ", "not met": "not met: "}


def required() -> list[tuple[str, int]]:
    found = []
    for level, text in LEVELS.items():
        for section, _, numbers in (part.partition(":") for part in text.split()):
            first, _, last = numbers.partition("-")
            found += [(f"{section}.{number}", level) for number in range(int(first), int(last or first) + 1)]
    return found


def rows() -> list[tuple[str, int, str, str]]:
    return [(key, int(level), what, evidence) for key, level, what, evidence in ROW.findall(DOC.read_text())]


def kind(evidence: str) -> str:
    found = next((name for name, start in KINDS.items() if evidence.startswith(start)), None)
    return found or ("test" if TEST.search(evidence) else "")


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_requirement_of_levels_1_and_2_stands_once() -> None:
    wanted = required()
    assert Counter(level for _, level in wanted) == {1: 70, 2: 183}
    assert Counter((key, level) for key, level, _, _ in rows()) == Counter(wanted)


def test_every_requirement_has_evidence_or_says_why_not_in_a_few_words() -> None:
    wrong = [key for key, _, what, evidence in rows() if not kind(evidence) or len(what.split()) > 12]
    assert not wrong


def test_every_test_and_file_that_is_named_exists() -> None:
    text = DOC.read_text()
    missing = [f"{path}::{name}" for path, name in TEST.findall(text) if name not in functions_of(path)]
    named = re.findall(r"`((?:\w+/)*[\w-]+\.(?:py|md|json)|vng_alv/[\w/]+)(?:::\w+)?`", text)
    missing += [path for path in named if not any((ROOT / folder / path).exists() for folder in ("", "vng_alv"))]
    assert not missing


def test_the_counts_at_the_top_and_the_list_at_the_end_are_right() -> None:
    found = rows()
    counts = Counter(kind(evidence) for *_, evidence in found)
    assert (
        f"Of {len(found)} requirements, {counts['test']} are met by a test, {counts['read']} by reading, "
        f"{counts['does not apply']} do not apply and {counts['not met']} are not met."
    ) in " ".join(DOC.read_text().split())
    listed = re.findall(r"\d+\.\d+\.\d+", DOC.read_text().partition("\n## Not met\n")[2])
    assert sorted(listed) == sorted(key for key, *_, evidence in found if kind(evidence) == "not met")
