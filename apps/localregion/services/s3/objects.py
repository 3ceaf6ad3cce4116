"""S3's objects: put, get, head, delete."""

from pathlib import Path
from typing import Any, BinaryIO

from apps.localregion.answer import FileRange
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.buckets import require_bucket
from apps.localregion.services.s3.conditions import check_read, no_such_key, write_condition
from apps.localregion.services.s3.description import (
    described,
    object_members,
    refuse_unsupported,
    written_members,
)
from apps.localregion.services.s3.ranges import wanted
from apps.localregion.store.blobs import Draft
from apps.localregion.store.objects import StoredObject

MOST_DELETED = 1000  # keys of one DeleteObjects


def put_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Store an object, whose body has come in as a draft."""
    bucket = require_bucket(region, request)
    draft: Draft = request["Body"]
    stored = region.objects.put(bucket, request["Key"], draft, described(request), condition=write_condition(request))
    return written_members(stored)


def get_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """An object's bytes, or a range of them."""
    stored, file = _opened(region, request)
    try:
        members = _read_members(stored, request)
    except AwsError:
        file.close()
        raise
    part = wanted(stored, request)
    return {**members, "Body": FileRange(file, part.start, part.length)}


def head_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """What get_object would answer, without the bytes."""
    return _read_members(find(region, request), request)


def delete_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an object; one that is not there is removed already."""
    bucket = require_bucket(region, request)
    refuse_unsupported(request)
    condition = write_condition(request) if "IfMatch" in request else None
    region.objects.delete_all(bucket, [request["Key"]], condition)
    return {}


def delete_objects(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove many objects in one transaction."""
    bucket = require_bucket(region, request)
    keys = [entry["Key"] for entry in request["Delete"]["Objects"]]
    if not 0 < len(keys) <= MOST_DELETED:
        raise AwsError("MalformedXML", "The XML you provided was not well-formed")
    region.objects.delete_all(bucket, keys)
    if request["Delete"].get("Quiet"):
        return {}
    return {"Deleted": [{"Key": key} for key in keys]}


def find(region: Region, request: dict[str, Any]) -> StoredObject:
    """The request's object; raises AwsError NoSuchBucket, NoSuchKey or NoSuchVersion."""
    bucket = require_bucket(region, request)
    refuse_unsupported(request)
    stored = region.objects.get(bucket, request["Key"])
    if stored is None:
        raise no_such_key(request["Key"])
    return stored


def open_blob(path: Path) -> BinaryIO | None:
    """The open blob; None when the object was replaced since it was looked up."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _opened(region: Region, request: dict[str, Any]) -> tuple[StoredObject, BinaryIO]:
    stored = find(region, request)
    file = open_blob(stored.blob)
    while file is None:
        again = find(region, request)
        if again == stored:
            raise RuntimeError(f"the blob {stored.digest} of {stored.bucket}/{stored.key} is missing")
        stored, file = again, open_blob(again.blob)
    return stored, file


def _read_members(stored: StoredObject, request: dict[str, Any]) -> dict[str, Any]:
    check_read(stored, request)
    members = object_members(stored, request) | wanted(stored, request).members(stored.size)
    if "PartNumber" in request and stored.description.part_sizes:
        members["PartsCount"] = len(stored.description.part_sizes)
    return members
