"""How easily a password is guessed: by the lists of leaked ones, by patterns, and by whoever knows whose it is."""

import re
from collections.abc import Iterable
from threading import Lock

from zxcvbn import zxcvbn

#: Fewer guesses than this by somebody who tries the likeliest first are too few.
ENOUGH = 10**9
#: What is looked at; more takes long and makes a weak beginning no stronger.
LOOKED_AT = 72
#: What anybody would try on this site, besides what the library knows (docs/asvs.md, 6.1.2).
WORDS = (
    "alv", "vng", "vereniging", "vergadering", "stem", "stemmen", "stemming", "stemkaart", "gemeente", "gemeenten",
    "griffier", "griffie", "raadslid", "wethouder", "burgemeester", "secretariaat", "welkom", "geheim", "inloggen",
    "lente", "zomer", "herfst", "winter",
)  # fmt: skip
_SPLIT = re.compile(r"[\W_]+")
#: A sign between words makes them no harder to guess.
_BETWEEN = re.compile(r"[\s._-]+")
#: The library keeps the words of one call where the next one finds them.
_alone = Lock()


def easily_guessed(password: str, own: Iterable[str] = ()) -> bool:
    """Whether a password is common, a pattern, or made of the ``own`` names and addresses of who chooses it."""
    whole = [text.lower() for text in own if text]
    known = {*WORDS, *whole, *(_BETWEEN.sub("", text) for text in whole)}
    known |= {part for text in whole for part in _SPLIT.split(text) if len(part) > 2}
    with _alone:
        return any(
            zxcvbn(text[:LOOKED_AT], sorted(known))["guesses"] < ENOUGH
            for text in {password, _BETWEEN.sub("", password)}
            if text
        )
