"""Text from clients, as far as PostgreSQL can hold it."""

from pydantic import AfterValidator


def without_zero(text: str) -> str:
    """PostgreSQL's text cannot hold a zero byte; without this it would be a 500."""
    if "\0" in text:
        raise ValueError("must not contain U+0000")
    return text


STORABLE = AfterValidator(without_zero)
