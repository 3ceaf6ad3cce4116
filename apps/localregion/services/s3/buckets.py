"""S3's buckets."""

import ipaddress
import re
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.store.buckets import no_such_bucket

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def create_bucket(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Make a bucket; as in the real us-east-1, making one's own again is no error."""
    bucket = request["Bucket"]
    if not _allowed(bucket):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.", BucketName=bucket)
    if request.get("ObjectLockEnabledForBucket"):
        raise AwsError("NotImplemented", "Object Lock is not implemented by this region.", 501)
    location = request.get("CreateBucketConfiguration", {}).get("LocationConstraint")
    if location == region.name:
        message = "The specified location-constraint is not valid"
        raise AwsError("InvalidLocationConstraint", message, LocationConstraint=location)
    if location:
        message = f"The {location} location constraint is incompatible for the region specific endpoint."
        raise AwsError("IllegalLocationConstraintException", message)
    region.objects.create_bucket(bucket)
    return {"Location": f"/{bucket}", "BucketArn": f"arn:aws:s3:::{bucket}"}


def head_bucket(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Whether the bucket is there."""
    bucket = require_bucket(region, request)
    return {"BucketRegion": region.name, "BucketArn": f"arn:aws:s3:::{bucket}"}


def get_bucket_location(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The bucket's region, which S3 says by saying nothing when it is us-east-1."""
    require_bucket(region, request)
    return {}


def delete_bucket(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Remove an empty bucket."""
    region.objects.delete_bucket(require_bucket(region, request))
    return {}


def list_buckets(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The buckets by name; the continuation token is the last name."""
    prefix, after = request.get("Prefix", ""), request.get("ContinuationToken", "")
    found = [entry for entry in region.objects.buckets() if entry[0].startswith(prefix) and entry[0] > after]
    most = request.get("MaxBuckets", len(found))
    buckets = [{"Name": name, "CreationDate": created, "BucketRegion": region.name} for name, created in found[:most]]
    answer: dict[str, Any] = {"Buckets": buckets, "Owner": owner(region)}
    if prefix:
        answer["Prefix"] = prefix
    if len(found) > most:
        answer["ContinuationToken"] = buckets[-1]["Name"]
    return answer


def require_bucket(region: Region, request: dict[str, Any]) -> str:
    """The request's bucket; raises AwsError NoSuchBucket, or AccessDenied when its owner is to be somebody else."""
    bucket: str = request["Bucket"]
    if not region.objects.has_bucket(bucket):
        raise no_such_bucket(bucket)
    if request.get("ExpectedBucketOwner", region.account) != region.account:
        raise AwsError("AccessDenied", "Access Denied", 403)
    return bucket


def owner(region: Region) -> dict[str, str]:
    """The owner of everything: S3's canonical ids are 64 hexadecimal digits."""
    return {"ID": region.account.rjust(64, "0"), "DisplayName": "local"}


def _allowed(bucket: str) -> bool:
    if not NAME.fullmatch(bucket):
        return False
    if bucket.startswith(RESERVED_PREFIXES) or bucket.endswith(RESERVED_SUFFIXES):
        return False
    try:
        ipaddress.IPv4Address(bucket)
    except ValueError:
        return True
    return False
