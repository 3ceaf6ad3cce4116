"""Tags of buckets and objects."""

from dataclasses import replace
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.buckets import require_bucket
from apps.localregion.services.s3.conditions import no_such_key
from apps.localregion.services.s3.reading import no_such_version, refuse_marker, version_of
from apps.localregion.services.s3.tagsets import MOST_OF_A_BUCKET, MOST_OF_AN_OBJECT, given_tags, tag_set
from apps.localregion.store.stored import StoredObject


def get_bucket_tagging(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A bucket's tags; raises AwsError NoSuchTagSet when it has none."""
    bucket = require_bucket(region, request)
    kept = region.objects.setting(bucket, "tags")
    if kept is None:
        raise AwsError("NoSuchTagSet", "The TagSet does not exist", 404, BucketName=bucket)
    return {"TagSet": tag_set(kept)}


def put_bucket_tagging(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Replace a bucket's tags."""
    tags = given_tags(request["Tagging"]["TagSet"], MOST_OF_A_BUCKET)
    region.objects.set_setting(require_bucket(region, request), "tags", tags)
    return {}


def delete_bucket_tagging(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove a bucket's tags."""
    region.objects.set_setting(require_bucket(region, request), "tags", None)
    return {}


def get_object_tagging(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """An object's tags."""
    bucket = require_bucket(region, request)
    stored = _there(region.objects.get(bucket, request["Key"], request.get("VersionId")), request)
    return version_of(region, stored) | {"TagSet": tag_set(stored.description.tags)}


def put_object_tagging(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Replace an object's tags."""
    return _retag(region, request, given_tags(request["Tagging"]["TagSet"], MOST_OF_AN_OBJECT))


def delete_object_tagging(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an object's tags."""
    return _retag(region, request, {})


def _retag(region: Region, request: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    bucket = require_bucket(region, request)
    stored = region.objects.describe(
        bucket, request["Key"], request.get("VersionId"), lambda description: replace(description, tags=tags)
    )
    return version_of(region, _there(stored, request))


def _there(stored: StoredObject | None, request: dict[str, Any]) -> StoredObject:
    if stored is None:
        raise no_such_version(request) if "VersionId" in request else no_such_key(request["Key"])
    refuse_marker(stored)
    return stored
