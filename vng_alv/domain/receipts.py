"""The code on a receipt (docs/rules.md, receipts)."""

import re

#: Without 0/O, 1/I/L and U, so that a code can be read aloud.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
GROUP = 4
#: A whole code as it is written.
CODE = re.compile("-".join([f"[{ALPHABET}]{{{GROUP}}}"] * (LENGTH // GROUP)))


#: So many codes there are.
CODES = len(ALPHABET) ** LENGTH


def code(number: int) -> str:
    """The code like ``7K2M-Q9RT-…`` that belongs to a random ``number`` from 0 to ``CODES`` - 1."""
    letters = []
    for _ in range(LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "-".join("".join(letters[i : i + GROUP]) for i in range(0, LENGTH, GROUP))


def normal(typed: str) -> str:
    """A code as it is stored, from how a person typed it: any case, with or without dashes and spaces."""
    letters = [c for c in typed.upper() if c in ALPHABET]
    return "-".join("".join(letters[i : i + GROUP]) for i in range(0, len(letters), GROUP))
