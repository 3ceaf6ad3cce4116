"""Pages of a short list, by an opaque token that holds how many came before."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def page(items: Sequence[Item], token: str | None, limit: int) -> tuple[list[Item], str | None]:
    """The items of one answer and the token of the next; raises ValueError for a token that is none."""
    start = 0
    if token is not None:
        try:
            word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(" ")
        except (binascii.Error, UnicodeError) as error:
            raise ValueError("this is not a page token") from error
        if word != "page" or not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise ValueError("this is not a page token")
        start = int(number)
    end = start + limit
    more = base64.urlsafe_b64encode(f"page {end}".encode()).decode() if end < len(items) else None
    return list(items[start:end]), more
