"""Finding the object or version that a request names."""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.buckets import require_bucket
from apps.localregion.services.s3.conditions import no_such_key
from apps.localregion.services.s3.description import refuse_unsupported
from apps.localregion.store.stored import StoredObject
from apps.localregion.store.versions import position_of

DELETED = {"x-amz-delete-marker": "true"}


def find(region: Region, request: dict[str, Any]) -> StoredObject:
    """The request's object; raises AwsError NoSuchBucket, NoSuchKey, NoSuchVersion or MethodNotAllowed."""
    bucket, key, version = require_bucket(region, request), request["Key"], request.get("VersionId")
    refuse_unsupported(request)
    stored = region.objects.get(bucket, key, version)
    if stored is not None:
        refuse_marker(stored)
        return stored
    if version is not None:
        raise no_such_version(request)
    marker = region.objects.marker(bucket, key)
    error = no_such_key(key)
    if marker is not None:
        error.headers = DELETED | {"x-amz-version-id": marker.version}
    raise error


def version_of(region: Region, stored: StoredObject) -> dict[str, str]:
    """The member about a version, where the bucket has had them."""
    return {"VersionId": stored.version} if region.objects.versioning(stored.bucket) else {}


def refuse_marker(stored: StoredObject) -> None:
    """Raise AwsError MethodNotAllowed for a delete marker."""
    if stored.marker:
        message = "The specified method is not allowed against this resource."
        headers = {**DELETED, "x-amz-version-id": stored.version, "Allow": "DELETE"}
        members = {"Method": "GET", "ResourceType": "DeleteMarker"}
        raise AwsError("MethodNotAllowed", message, 405, headers, **members)


def check_version_id(version: str | None) -> None:
    """Raise AwsError InvalidArgument for an id that no version can have."""
    if version not in (None, "null") and position_of(version) is None:
        message = "Invalid version id specified"
        raise AwsError("InvalidArgument", message, ArgumentName="versionId", ArgumentValue=version)


def no_such_version(request: dict[str, Any]) -> AwsError:
    """S3's answer about a version that is not there; raises AwsError InvalidArgument for an id that is none."""
    version = request["VersionId"]
    check_version_id(version)
    members = {"Key": request["Key"], "VersionId": version}
    return AwsError("NoSuchVersion", "The specified version does not exist.", 404, **members)
