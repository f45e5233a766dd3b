"""The chain of the audit log: every sealed entry carries the hash of the one before (docs/rules.md, audit log)."""

import hashlib
import json
from collections.abc import Iterable, Mapping

GENESIS = "0" * 64


def canonical(data: Mapping[str, object]) -> bytes:
    """One spelling for the same data: JSON with sorted keys, no spaces, UTF-8."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(data: Mapping[str, object]) -> str:
    """SHA-256 of the canonical spelling, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(data)).hexdigest()


def link(previous: str, number: int, entry: Mapping[str, object]) -> str:
    """The hash of entry ``number`` (from 1) after ``previous``, 64 hexadecimal digits."""
    return digest({"previous": previous, "number": number, "entry": entry})


def first_broken(entries: Iterable[tuple[int, str, str, Mapping[str, object]]]) -> int | None:
    """The number of the first ``(number, previous, hash, entry)`` that does not fit its predecessor, or None."""
    previous, expected = GENESIS, 1
    for number, before, own, entry in entries:
        if number != expected or before != previous or own != link(before, number, entry):
            return expected
        previous, expected = own, number + 1
    return None
