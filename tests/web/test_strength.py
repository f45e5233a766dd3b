"""Which passwords are too easily guessed: common ones, patterns, and what is known of whoever chooses them."""

import time

import pytest

from tests.factories import PASSWORD
from vng_alv.accounts.strength import easily_guessed

#: The commonest of at least twelve signs in what leaked elsewhere, and the Dutch ones that follow the same ways.
COMMON = (
    "123456789012", "1234567890123", "1q2w3e4r5t6y", "qwertyuiop123", "qwerty123456", "password1234",
    "passwordpassword", "unbelievable", "sunshine1234", "iloveyou1234", "iloveyouforever", "abcd1234abcd",
    "aaaaaaaaaaaa", "zaq12wsxcde3", "1qaz2wsx3edc", "P@ssw0rd1234", "football1234", "administrator", "wachtwoord123",
    "wachtwoordwachtwoord", "W@chtw00rd!!", "welkom123456", "Welkom01Welkom01", "hallohallo12", "voetbal12345",
    "feyenoord1908", "Zomer2026!!!!", "geheimgeheim", "01-01-1970-01-01",
)  # fmt: skip
OWN = (
    "f.de-jong@utrecht.example",
    "Femke de Jong",
    "Utrecht",
    "Bergen op Zoom",
    "Vereniging van Nederlandse Gemeenten",
)
LOCAL = (
    "Utrecht2026!", "utrecht-utrecht", "GemeenteUtrecht", "Gemeente-Utrecht-1", "welkom-utrecht-2026",
    "utrecht.2026.stem", "!Utrecht2026!", "thcertU-thcertU", "Bergenopzoom1", "Bergen op Zoom!", "vng-stemmen-2026",
    "alv_vng_stemmen", "alvvngstemmen", "Stemmen2026!!", "griffier-utrecht", "femkedejong1", "Femke.de.Jong",
    "Utr3cht-2026",
)  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
def test_what_many_people_use_is_refused_to_anybody(password: str) -> None:
    assert len(password) >= 12
    assert easily_guessed(password)


@pytest.mark.parametrize("password", LOCAL)
def test_what_is_known_of_a_person_is_no_password(password: str) -> None:
    assert easily_guessed(password, OWN)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "een heel nieuw",
        "paard fiets tafel lamp",
        "mijn fiets is blauw",
        "kB8#vT2!pQz9",
        "xkq7vd-p2mzrw",
        "日本語のとても長い合言葉",
    ],
)
def test_a_few_words_or_a_dozen_random_signs_will_do(password: str) -> None:
    assert not easily_guessed(password, OWN)


def test_the_words_of_one_person_are_not_those_of_the_next() -> None:
    assert easily_guessed("Vlagtwedde Roodeschool", ["Vlagtwedde", "Roodeschool"])
    assert not easily_guessed("Vlagtwedde Roodeschool", OWN)


@pytest.mark.parametrize("password", ["4@8(3" * 200, "p4$$w0rd1l|" * 90, "a" * 1_000, "aA1!" * 250, "1990-" * 200])
def test_a_long_one_takes_no_time(password: str) -> None:
    began = time.perf_counter()
    easily_guessed(password, OWN)
    assert time.perf_counter() - began < 5
