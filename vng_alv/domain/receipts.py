"""The code on a receipt (docs/rules.md, receipts)."""

from collections.abc import Sequence

#: Without 0/O, 1/I/L and U, so that a code can be read aloud.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
GROUP = 4


def code(random: Sequence[int]) -> str:
    """A code like ``7K2M-Q9RT-…`` from ``LENGTH`` random whole numbers (only their remainder counts)."""
    letters = [ALPHABET[n % len(ALPHABET)] for n in random[:LENGTH]]
    return "-".join("".join(letters[i : i + GROUP]) for i in range(0, LENGTH, GROUP))


def normal(typed: str) -> str:
    """A code as it is stored, from how a person typed it: any case, with or without dashes and spaces."""
    letters = [c for c in typed.upper() if c in ALPHABET]
    return "-".join("".join(letters[i : i + GROUP]) for i in range(0, len(letters), GROUP))
