"""Conditional requests: If-Match and its kin, on reads, writes and copies.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html and RFC 9110, 13.2.2
"""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.store.stored import Condition, StoredObject


def no_such_key(key: str) -> AwsError:
    """S3's answer about an object that is not there."""
    return AwsError("NoSuchKey", "The specified key does not exist.", 404, Key=key)


def check_read(stored: StoredObject, request: dict[str, Any], prefix: str = "") -> None:
    """Raise AwsError PreconditionFailed or NotModified as the request's conditions (with a prefix, a copy's) say."""
    modified = stored.modified.replace(microsecond=0)  # HTTP's times have whole seconds
    if f"{prefix}IfMatch" in request:
        if not _matches(request[f"{prefix}IfMatch"], stored):
            raise _failed("If-Match")
    elif f"{prefix}IfUnmodifiedSince" in request and modified > request[f"{prefix}IfUnmodifiedSince"]:
        raise _failed("If-Unmodified-Since")
    if f"{prefix}IfNoneMatch" in request:
        changed = not _matches(request[f"{prefix}IfNoneMatch"], stored)
    else:
        since = request.get(f"{prefix}IfModifiedSince")
        changed = since is None or modified > since
    if not changed:
        raise _failed("If-None-Match") if prefix else AwsError("NotModified", "Not Modified", 304)


def write_condition(request: dict[str, Any]) -> Condition:
    """What a write demands of the object that it is to replace."""

    def condition(before: StoredObject | None) -> None:
        if "IfNoneMatch" in request and before is not None and _matches(request["IfNoneMatch"], before):
            raise _failed("If-None-Match")
        if "IfMatch" in request:
            if before is None:
                raise no_such_key(request["Key"])
            if not _matches(request["IfMatch"], before):
                raise _failed("If-Match")

    return condition


def _matches(given: str, stored: StoredObject) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in given.split(",")]
    return "*" in tags or stored.etag in tags


def _failed(condition: str) -> AwsError:
    message = "At least one of the pre-conditions you specified did not hold"
    return AwsError("PreconditionFailed", message, 412, Condition=condition)
