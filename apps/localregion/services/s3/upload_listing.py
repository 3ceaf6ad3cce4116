"""Listings of unfinished uploads and of their parts."""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.buckets import owner, require_bucket
from apps.localregion.services.s3.multipart import MOST_PARTS, find_upload
from apps.localregion.store.uploads import Part, Upload, Uploads

MOST_LISTED = 1000


def list_parts(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the parts that have come."""
    uploads = Uploads(region.objects)
    upload = find_upload(uploads, region, request)
    after, most = _number(request, "PartNumberMarker", 0), min(_number(request, "MaxParts", MOST_LISTED), MOST_LISTED)
    found = uploads.parts(upload, after, most + 1)
    answer: dict[str, Any] = {
        "Bucket": upload.bucket,
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": after,
        "MaxParts": most,
        "IsTruncated": len(found) > most,
        "Parts": [_listed_part(part) for part in found[:most]],
        "Initiator": owner(region),
        "Owner": owner(region),
        "StorageClass": upload.description.headers.get("StorageClass", "STANDARD"),
    }
    if upload.algorithm:
        answer |= {"ChecksumAlgorithm": upload.algorithm, "ChecksumType": upload.description.checksum_type}
    if len(found) > most > 0:
        answer["NextPartNumberMarker"] = found[most - 1].number
    return answer


def list_multipart_uploads(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the bucket's unfinished uploads, by key and then id."""
    bucket = require_bucket(region, request)
    if "Delimiter" in request:
        raise AwsError("NotImplemented", "Delimiter is not implemented for uploads by this region.", 501)
    marker, prefix = request.get("KeyMarker", ""), request.get("Prefix", "")
    # Without an upload id S3 goes on behind the whole key; no id sorts behind this character.
    after = (marker, request.get("UploadIdMarker", "\U0010ffff" if marker else ""))
    most = min(_number(request, "MaxUploads", MOST_LISTED), MOST_LISTED)
    found = Uploads(region.objects).page(bucket, prefix, after, most + 1)
    answer: dict[str, Any] = {
        "Bucket": bucket,
        "KeyMarker": marker,
        "UploadIdMarker": request.get("UploadIdMarker", ""),
        "Prefix": prefix,
        "MaxUploads": most,
        "IsTruncated": len(found) > most,
        "Uploads": [_listed_upload(region, upload) for upload in found[:most]],
    }
    if len(found) > most > 0:
        answer |= {"NextKeyMarker": found[most - 1].key, "NextUploadIdMarker": found[most - 1].id}
    return answer


def _number(request: dict[str, Any], name: str, default: int) -> int:
    """A count or a part's number, of which more than 10,000 is as good as 10,000."""
    given = str(request.get(name, default))
    if not (given.isascii() and given.isdecimal()):
        raise AwsError("InvalidArgument", f"{name} must be a whole number from 0 on", ArgumentName=name)
    return min(int(given[:9]), MOST_PARTS)


def _listed_part(part: Part) -> dict[str, Any]:
    return {
        "PartNumber": part.number,
        "LastModified": part.modified,
        "ETag": f'"{part.etag}"',
        "Size": part.size,
        **part.checksums,
    }


def _listed_upload(region: Region, upload: Upload) -> dict[str, Any]:
    return {
        "Key": upload.key,
        "UploadId": upload.id,
        "Initiated": upload.created,
        "StorageClass": upload.description.headers.get("StorageClass", "STANDARD"),
        "Owner": owner(region),
        "Initiator": owner(region),
    }
