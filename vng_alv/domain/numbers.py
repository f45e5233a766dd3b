"""Numbers as people read them, in Dutch and English."""


def grouped(number: int, locale: str) -> str:
    """13209 as '13.209' in Dutch and '13,209' in English."""
    text = f"{number:,}"
    return text if locale == "en" else text.replace(",", ".")


def percentage(share: str, locale: str) -> str:
    """'54.70' as '54,70%' in Dutch and '54.70%' in English."""
    return (share if locale == "en" else share.replace(".", ",")) + "%"
