"""Pages of names: in order, those behind the token, and the next token."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from apps.localregion.errors import AwsError


def page(
    keyed: list[tuple[Any, str]], request: dict[str, Any], most: int, *, descending: bool = False
) -> tuple[list[str], dict[str, Any]]:
    """The names of one answer, by their keys, and its nextToken; raises AwsError for a bad token."""
    keyed.sort(reverse=descending)
    after = _read_token(request["nextToken"]) if "nextToken" in request else None
    if after is not None:
        behind: Callable[[Any], bool] = (lambda each: each < after) if descending else (lambda each: each > after)
        try:
            keyed = [each for each in keyed if behind(each)]
        except TypeError as error:
            raise bad_token() from error
    limit = request.get("limit", most)
    found = keyed[:limit]
    if len(keyed) <= limit:
        return [name for _, name in found], {}
    token = base64.urlsafe_b64encode(json.dumps(found[-1]).encode()).decode()
    return [name for _, name in found], {"nextToken": token}


def bad_token() -> AwsError:
    """The answer to a token that is none of ours."""
    return AwsError("InvalidParameterException", "The specified nextToken is invalid.")


def _read_token(token: str) -> tuple[Any, str]:
    try:
        key, name = json.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, ValueError, TypeError) as error:
        raise bad_token() from error
    return key, name
