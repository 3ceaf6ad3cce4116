"""S3's listings, versions 1 and 2: keys in UTF-8 order, rolled up at a delimiter.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.buckets import owner, require_bucket
from apps.localregion.services.s3.description import storage_class
from apps.localregion.store.keys import behind, successor
from apps.localregion.store.objects import Objects
from apps.localregion.store.stored import StoredObject

MOST = 1000  # entries of a page, S3's limit
ROLLED_PAGE = 100  # rows read at once where most may be rolled up into one prefix


@dataclass(frozen=True)
class Entry:
    """A line of a listing: an object, or the common prefix of several; and where to go on behind it."""

    name: str
    stored: StoredObject | None
    following: str | None


def list_objects_v2(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of a bucket's keys; the token holds the key to go on from."""
    bucket = require_bucket(region, request)
    token = request.get("ContinuationToken")
    start = _start(request, request.get("StartAfter", "")) if token is None else _read_token(token)
    entries, following = _page(region.objects, bucket, request, start)
    answer = _answer(region, request, entries, following, with_owner=request.get("FetchOwner", False))
    answer["KeyCount"] = len(entries)
    if token is not None:
        answer["ContinuationToken"] = token
    if "StartAfter" in request:
        answer["StartAfter"] = encoded(request["StartAfter"], request)
    if following is not None:
        answer["NextContinuationToken"] = base64.urlsafe_b64encode(following.encode()).decode()
    return answer


def list_objects(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The older listing, which goes on behind a marker."""
    bucket = require_bucket(region, request)
    marker = request.get("Marker", "")
    entries, following = _page(region.objects, bucket, request, _start(request, marker))
    answer = _answer(region, request, entries, following, with_owner=True)
    answer["Marker"] = encoded(marker, request)
    if following is not None and "Delimiter" in request:
        answer["NextMarker"] = encoded(entries[-1].name, request)
    return answer


def walk(objects: Objects, bucket: str, prefix: str, delimiter: str, start: str) -> Iterator[Entry]:
    """The entries from `start` on; keys that share a prefix up to a delimiter count as one."""
    rows = ROLLED_PAGE if delimiter else MOST
    while page := objects.page(bucket, prefix, start, rows):
        rolled = ""
        for stored in page:
            if rolled and stored.key.startswith(rolled):
                continue
            end = stored.key.find(delimiter, len(prefix)) if delimiter else -1
            rolled = stored.key[: end + len(delimiter)] if end >= 0 else ""
            following = successor(rolled) if rolled else behind(stored.key)
            yield Entry(rolled or stored.key, None if rolled else stored, following)
        if following is None:
            return
        start = following


def _start(request: dict[str, Any], after: str) -> str:
    """Where a listing behind `after` starts; behind a common prefix, that is behind all its keys."""
    delimiter, prefix = request.get("Delimiter", ""), request.get("Prefix", "")
    if delimiter and after.startswith(prefix) and after.find(delimiter, len(prefix)) == len(after) - len(delimiter):
        return successor(after) or behind(after)
    return behind(after) if after else ""


def _page(objects: Objects, bucket: str, request: dict[str, Any], start: str) -> tuple[list[Entry], str | None]:
    most = limit(request)
    entries = walk(objects, bucket, request.get("Prefix", ""), request.get("Delimiter", ""), start)
    page = list(islice(entries, most))
    more = bool(page) and next(entries, None) is not None
    return page, page[-1].following if more else None


def limit(request: dict[str, Any]) -> int:
    """How many entries a page may have; raises AwsError InvalidArgument."""
    if request.get("MaxKeys", 0) < 0:
        raise AwsError("InvalidArgument", "maxKeys cannot be negative", ArgumentName="maxKeys")
    return int(min(request.get("MaxKeys", MOST), MOST))


def _answer(
    region: Region, request: dict[str, Any], entries: list[Entry], following: str | None, with_owner: bool
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "Name": request["Bucket"],
        "Prefix": encoded(request.get("Prefix", ""), request),
        "MaxKeys": limit(request),
        "IsTruncated": following is not None,
        "Contents": [_content(region, entry.stored, request, with_owner) for entry in entries if entry.stored],
        "CommonPrefixes": [{"Prefix": encoded(entry.name, request)} for entry in entries if not entry.stored],
    }
    if "Delimiter" in request:
        answer["Delimiter"] = encoded(request["Delimiter"], request)
    if "EncodingType" in request:
        answer["EncodingType"] = request["EncodingType"]
    return answer


def _content(region: Region, stored: StoredObject, request: dict[str, Any], with_owner: bool) -> dict[str, Any]:
    content: dict[str, Any] = {
        "Key": encoded(stored.key, request),
        "LastModified": stored.modified,
        "ETag": f'"{stored.etag}"',
        "Size": stored.size,
        "StorageClass": storage_class(stored),
    }
    if stored.description.checksums:
        content["ChecksumAlgorithm"] = [name.removeprefix("Checksum") for name in stored.description.checksums]
        content["ChecksumType"] = stored.description.checksum_type
    if with_owner:
        content["Owner"] = owner(region)
    return content


def encoded(text: str, request: dict[str, Any]) -> str:
    """The text, percent-encoded where the client asked for it: XML cannot hold every key."""
    return quote(text, safe="/") if request.get("EncodingType") == "url" else text


def _read_token(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise AwsError("InvalidArgument", "The continuation token provided is incorrect") from error
