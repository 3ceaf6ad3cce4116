"""Listings of unfinished uploads and of their parts."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.buckets import owner, require_bucket
from apps.localregion.services.s3.listing import encoded
from apps.localregion.services.s3.multipart import MOST_PARTS, find_upload
from apps.localregion.store.keys import LAST
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
    marker = request.get("KeyMarker", "")
    # Without an upload id S3 goes on behind the whole key; no id sorts behind this character.
    after = (marker, request.get("UploadIdMarker", LAST if marker else ""))
    most = min(_number(request, "MaxUploads", MOST_LISTED), MOST_LISTED)
    entries = [*islice(_walk(Uploads(region.objects), bucket, request, after), most + 1)]
    page, more = entries[:most], len(entries) > most
    answer: dict[str, Any] = {
        "Bucket": bucket,
        "KeyMarker": encoded(marker, request),
        "UploadIdMarker": request.get("UploadIdMarker", ""),
        "Prefix": encoded(request.get("Prefix", ""), request),
        "MaxUploads": most,
        "IsTruncated": more,
        "Uploads": [_listed_upload(region, upload, request) for _, upload in page if upload],
        "CommonPrefixes": [{"Prefix": encoded(name, request)} for name, upload in page if not upload],
    }
    for name in ("Delimiter", "EncodingType"):
        if name in request:
            answer[name] = encoded(request[name], request) if name == "Delimiter" else request[name]
    if more and page:
        name, upload = page[-1]
        answer["NextKeyMarker"] = encoded(name, request)
        answer |= {"NextUploadIdMarker": upload.id} if upload else {}
    return answer


def _walk(
    uploads: Uploads, bucket: str, request: dict[str, Any], after: tuple[str, str]
) -> Iterator[tuple[str, Upload | None]]:
    """Each upload by its key, or instead of those that share a prefix up to the delimiter, that prefix alone."""
    prefix, delimiter = request.get("Prefix", ""), request.get("Delimiter", "")
    rolled = after[0] if delimiter and after[0].endswith(delimiter) and after[1] == LAST else ""
    while found := uploads.page(bucket, prefix, after, MOST_LISTED):
        for upload in found:
            if rolled and upload.key.startswith(rolled):
                continue
            end = upload.key.find(delimiter, len(prefix)) if delimiter else -1
            rolled = upload.key[: end + len(delimiter)] if end >= 0 else ""
            yield (rolled, None) if rolled else (upload.key, upload)
        after = (found[-1].key, found[-1].id)


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


def _listed_upload(region: Region, upload: Upload, request: dict[str, Any]) -> dict[str, Any]:
    algorithm = {"ChecksumAlgorithm": upload.algorithm} if upload.algorithm else {}
    return algorithm | {
        "Key": encoded(upload.key, request),
        "UploadId": upload.id,
        "Initiated": upload.created,
        "StorageClass": upload.description.headers.get("StorageClass", "STANDARD"),
        "Owner": owner(region),
        "Initiator": owner(region),
    }
