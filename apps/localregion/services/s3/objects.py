"""S3's objects: put, get, head, delete."""

from typing import Any

from apps.localregion.answer import FileRange
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3 import encryption
from apps.localregion.services.s3.buckets import require_bucket
from apps.localregion.services.s3.conditions import check_read, write_condition
from apps.localregion.services.s3.description import described, object_members, refuse_unsupported, written_members
from apps.localregion.services.s3.ranges import wanted
from apps.localregion.services.s3.reading import check_version_id, find, version_of
from apps.localregion.store.blobs import Draft
from apps.localregion.store.objects import Removal
from apps.localregion.store.pieces import Readable
from apps.localregion.store.stored import StoredObject

MOST_DELETED = 1000  # keys of one DeleteObjects


def put_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Store an object, whose body has come in as a draft."""
    bucket = require_bucket(region, request)
    draft: Draft = request["Body"]
    description, how = described(request), encryption.chosen(region, request)
    with encryption.sealed(region, draft, how) as kept:
        condition = write_condition(request)
        stored = region.objects.put(bucket, request["Key"], kept, how.of(description), condition=condition)
    return written_members(stored) | version_of(region, stored)


def get_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """An object's bytes, or a range of them."""
    stored, file = _opened(region, request)
    try:
        members = _read_members(region, stored, request)
        part = wanted(stored, request)
        file.seek(part.start)
        if part.length:
            file.read(1)  # the first piece is checked before the answer begins
    except Exception:
        file.close()
        raise
    return {**members, "Body": FileRange(file, part.start, part.length)}


def head_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """What get_object would answer, without the bytes."""
    stored = find(region, request)
    encryption.check_key(stored.description, request)
    return _read_members(region, stored, request)


def delete_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an object, or a version of it; one that is not there is removed already."""
    bucket = require_bucket(region, request)
    refuse_unsupported(request)
    check_version_id(request.get("VersionId"))
    condition = write_condition(request) if "IfMatch" in request else None
    done = region.objects.delete_all(bucket, [(request["Key"], request.get("VersionId"))], condition)[0]
    members = {"VersionId": done.version} if done.version else {}
    return members | ({"DeleteMarker": True} if done.marker else {})


def delete_objects(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove many objects or versions in one transaction."""
    bucket = require_bucket(region, request)
    names = [(entry["Key"], entry.get("VersionId")) for entry in request["Delete"]["Objects"]]
    if not 0 < len(names) <= MOST_DELETED:
        raise AwsError("MalformedXML", "The XML you provided was not well-formed")
    for _, version in names:
        check_version_id(version)
    done = region.objects.delete_all(bucket, names)
    if request["Delete"].get("Quiet"):
        return {}
    return {"Deleted": [_deleted(*name, removal) for name, removal in zip(names, done, strict=True)]}


def _deleted(key: str, version: str | None, removal: Removal) -> dict[str, Any]:
    entry: dict[str, Any] = {"Key": key}
    if version is not None:
        entry["VersionId"] = version
    if removal.marker:
        entry |= {"DeleteMarker": True, "DeleteMarkerVersionId": removal.version}
    return entry


def _opened(region: Region, request: dict[str, Any]) -> tuple[StoredObject, Readable]:
    stored = find(region, request)
    while True:
        try:
            return stored, encryption.opened(region, stored, request)
        except FileNotFoundError as error:  # replaced since it was looked up
            again = find(region, request)
            if again == stored:
                message = f"the blob {stored.digest} of {stored.bucket}/{stored.key} is missing"
                raise RuntimeError(message) from error
            stored = again


def _read_members(region: Region, stored: StoredObject, request: dict[str, Any]) -> dict[str, Any]:
    check_read(stored, request)
    members = object_members(stored, request) | wanted(stored, request).members(stored.size)
    if "PartNumber" in request and stored.description.part_sizes:
        members["PartsCount"] = len(stored.description.part_sizes)
    return members | version_of(region, stored)
