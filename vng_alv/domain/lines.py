"""Line numbers: a text cut into lines by its words alone, so that a line has the same number on every screen and on
paper (docs/rules.md §3)."""

import re

#: Characters (code points) in a line; a word that is longer has a line of its own.
WIDTH = 80
#: A word; spaces that keep words together belong to it.
WORD = re.compile(r"(?:\S|[\u00a0\u2007\u202f])+")


def line_starts(text: str, width: int = WIDTH) -> list[int]:
    """Where in a paragraph each line begins; a line end in it always begins a new line."""
    found = []
    offset = 0
    for part in text.split("\n"):
        length = 0
        for word in WORD.finditer(part):
            size = word.end() - word.start()
            if length and length + 1 + size <= width:
                length += 1 + size
            else:
                found.append(offset + word.start())
                length = size
        offset += len(part) + 1
    return found


def lines(text: str, width: int = WIDTH) -> list[str]:
    """The lines of a paragraph, with one space between words."""
    starts = line_starts(text, width)
    ends = [*starts[1:], len(text)]
    return [" ".join(WORD.findall(text[start:end])) for start, end in zip(starts, ends, strict=False)]
