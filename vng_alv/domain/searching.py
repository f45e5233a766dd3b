"""Looking for words in a text, whatever their capitals and accents."""

import unicodedata
from functools import lru_cache

#: Fewer characters than this are everywhere, and nothing to look for.
SHORTEST = 2
LONGEST = 100


@lru_cache(maxsize=4_096)
def _folded(character: str) -> str:
    if character.isspace():
        return " "
    bare = unicodedata.normalize("NFKD", character)
    return "".join(c for c in bare if unicodedata.category(c) not in {"Mn", "Cf"}).casefold()


def wanted(typed: str) -> str:
    """What is looked for: folded, one space between words; '' where that is too little to look for."""
    words = " ".join("".join(map(_folded, typed[:LONGEST])).split())
    return words if len(words) >= SHORTEST else ""


def find(text: str, words: str) -> list[tuple[int, int]]:
    """Where (from, up to) a text says ``words``, which come from :func:`wanted`, from left to right and apart."""
    if not words:
        return []
    folded = [_folded(character) for character in text]
    if words not in " ".join("".join(folded).split()):
        return []
    kept: list[str] = []
    places: list[int] = []
    for place, letters in enumerate(folded):
        for letter in letters:
            if letter != " " or (kept and kept[-1] != " "):
                kept.append(letter)
                places.append(place)
    row, found, start = "".join(kept), [], 0
    while (at := row.find(words, start)) >= 0:
        start = at + len(words)
        end = places[start - 1] + 1
        while end < len(text) and not folded[end]:  # the accent that belongs to the last letter
            end += 1
        found.append((places[at], end))
    return found
