"""Whether a bucket keeps versions, and the listing of them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.buckets import owner, require_bucket
from apps.localregion.services.s3.description import storage_class
from apps.localregion.services.s3.listing import MOST, ROLLED_PAGE, encoded, limit
from apps.localregion.store.keys import behind, successor
from apps.localregion.store.objects import Objects
from apps.localregion.store.stored import StoredObject
from apps.localregion.store.versions import position_of


def get_bucket_versioning(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Whether versions are kept; nothing where that was never chosen."""
    status = region.objects.versioning(require_bucket(region, request))
    return {"Status": status} if status else {}


def put_bucket_versioning(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep versions from now on, or not any more."""
    bucket, configuration = require_bucket(region, request), request["VersioningConfiguration"]
    if configuration.get("MFADelete") == "Enabled":
        raise AwsError("NotImplemented", "MFADelete is not implemented by this region.", 501)
    if "Status" not in configuration:
        message = "The Versioning element must be specified"
        raise AwsError("IllegalVersioningConfigurationException", message)
    region.objects.set_versioning(bucket, configuration["Status"])
    return {}


@dataclass(frozen=True)
class Entry:
    """A line of the listing: a version, or the common prefix of several keys."""

    name: str
    stored: StoredObject | None = None
    latest: bool = False


def list_object_versions(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of all versions and delete markers, by key and then the newest first."""
    bucket = require_bucket(region, request)
    marker, version = request.get("KeyMarker", ""), request.get("VersionIdMarker", "")
    if version and not marker:
        raise AwsError("InvalidArgument", "A version-id marker cannot be specified without a key marker.")
    entries = _walk(region.objects, bucket, request, *_start(region, request, marker, version))
    page = [*islice(entries, limit(request))]
    more = bool(page) and next(entries, None) is not None
    answer: dict[str, Any] = {
        "Name": bucket,
        "Prefix": encoded(request.get("Prefix", ""), request),
        "KeyMarker": encoded(marker, request),
        "VersionIdMarker": version,
        "MaxKeys": limit(request),
        "IsTruncated": more,
        "Versions": [_version(region, entry, request) for entry in page if entry.stored and not entry.stored.marker],
        "DeleteMarkers": [_marker(region, entry, request) for entry in page if entry.stored and entry.stored.marker],
        "CommonPrefixes": [{"Prefix": encoded(entry.name, request)} for entry in page if not entry.stored],
    }
    for name in ("Delimiter", "EncodingType"):
        if name in request:
            answer[name] = encoded(request[name], request) if name == "Delimiter" else request[name]
    if more:
        last = page[-1]
        answer["NextKeyMarker"] = encoded(last.name, request)
        answer |= {"NextVersionIdMarker": last.stored.version} if last.stored else {}
    return answer


def _start(region: Region, request: dict[str, Any], marker: str, version: str) -> tuple[str | None, int | None]:
    """The key to go on from, and the position behind which, if that is amid a key's versions."""
    if version:
        stored = region.objects.get(request["Bucket"], marker, version)
        position = stored.position if stored else position_of(version)
        if position is not None:
            return marker, position
    if not marker:
        return "", None
    delimiter, prefix = request.get("Delimiter", ""), request.get("Prefix", "")
    if delimiter and marker.startswith(prefix) and marker.find(delimiter, len(prefix)) == len(marker) - len(delimiter):
        return successor(marker), None
    return behind(marker), None


def _walk(
    objects: Objects, bucket: str, request: dict[str, Any], start: str | None, position: int | None
) -> Iterator[Entry]:
    prefix, delimiter = request.get("Prefix", ""), request.get("Delimiter", "")
    rows = ROLLED_PAGE if delimiter else MOST
    while start is not None and (page := objects.page_versions(bucket, prefix, start, position, rows)):
        rolled = ""
        for stored, latest in page:
            if rolled and stored.key.startswith(rolled):
                continue
            end = stored.key.find(delimiter, len(prefix)) if delimiter else -1
            rolled = stored.key[: end + len(delimiter)] if end >= 0 else ""
            yield Entry(rolled) if rolled else Entry(stored.key, stored, latest)
        if rolled:
            start, position = successor(rolled), None
        else:
            start, position = page[-1][0].key, page[-1][0].position


def _version(region: Region, entry: Entry, request: dict[str, Any]) -> dict[str, Any]:
    stored = entry.stored
    assert stored is not None  # noqa: S101 - as the caller has sorted them
    version = {
        "ETag": f'"{stored.etag}"',
        "Size": stored.size,
        "StorageClass": storage_class(stored),
        **_marker(region, entry, request),
    }
    if stored.description.checksums:
        version["ChecksumAlgorithm"] = [name.removeprefix("Checksum") for name in stored.description.checksums]
        version["ChecksumType"] = stored.description.checksum_type
    return version


def _marker(region: Region, entry: Entry, request: dict[str, Any]) -> dict[str, Any]:
    stored = entry.stored
    assert stored is not None  # noqa: S101 - as the caller has sorted them
    return {
        "Key": encoded(stored.key, request),
        "VersionId": stored.version,
        "IsLatest": entry.latest,
        "LastModified": stored.modified,
        "Owner": owner(region),
    }
