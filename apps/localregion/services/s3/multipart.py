"""S3's multipart uploads.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.localregion.checksums import MEMBERS, Hasher, hasher
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3 import encryption
from apps.localregion.services.s3.buckets import require_bucket
from apps.localregion.services.s3.conditions import write_condition
from apps.localregion.services.s3.description import (
    described,
    given_checksums,
    refuse_unsupported,
    written_members,
)
from apps.localregion.services.s3.reading import version_of
from apps.localregion.store.blobs import Draft
from apps.localregion.store.stored import Description, StoredObject
from apps.localregion.store.uploads import Part, Upload, Uploads, invalid_part

SMALLEST_PART = 5 << 20  # bytes, of every part but the last
MOST_PARTS = 10_000


def create_multipart_upload(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Begin an upload."""
    bucket = require_bucket(region, request)
    algorithm = request.get("ChecksumAlgorithm", "")
    usual_type = "FULL_OBJECT" if algorithm == "CRC64NVME" else "COMPOSITE"
    kind = request.get("ChecksumType", usual_type) if algorithm else ""
    if (algorithm.startswith("SHA") and kind == "FULL_OBJECT") or (algorithm == "CRC64NVME" and kind == "COMPOSITE"):
        message = f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
        raise AwsError("InvalidRequest", message)
    how = encryption.chosen(region, request)
    description = how.of(replace(described(request), checksum_type=kind))
    identity = Uploads(region.objects).create(bucket, request["Key"], description, algorithm)
    answer = {"Bucket": bucket, "Key": request["Key"], "UploadId": identity, **how.told}
    return answer | ({"ChecksumAlgorithm": algorithm, "ChecksumType": kind} if algorithm else {})


def upload_part(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Store a part, whose body has come in as a draft."""
    if not 1 <= request["PartNumber"] <= MOST_PARTS:
        message = f"Part number must be an integer between 1 and {MOST_PARTS}, inclusive"
        raise AwsError("InvalidArgument", message, ArgumentName="partNumber")
    refuse_unsupported(request)
    uploads = Uploads(region.objects)
    draft: Draft = request["Body"]
    checksums = given_checksums(request)
    upload = find_upload(uploads, region, request)
    expected = MEMBERS.get(upload.algorithm.lower())
    if expected is not None and checksums and expected not in checksums:
        message = f"Checksum Type mismatch occurred, expected checksum Type: {upload.algorithm.lower()}"
        raise AwsError("InvalidRequest", message)
    how = encryption.reopened(region, upload.description, request)
    with encryption.sealed(region, draft, how) as kept:
        uploads.put_part(upload, request["PartNumber"], kept, checksums)
    return {"ETag": f'"{kept.etag}"', **checksums, **how.told}


def complete_multipart_upload(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Join the named parts into the object; who asks again is answered the same."""
    bucket, uploads = require_bucket(region, request), Uploads(region.objects)
    named = request.get("MultipartUpload", {}).get("Parts", [])
    try:
        stored = _completed(region, uploads, named, request)
    except AwsError:
        parts = [(entry.get("PartNumber", 0), _etag(entry)) for entry in named]
        before = uploads.completed(bucket, request["Key"], request["UploadId"], parts)
        if before is None:
            raise
        stored = before
    members = {"Location": f"/{stored.bucket}/{stored.key}", "Bucket": stored.bucket, "Key": stored.key}
    return members | written_members(stored) | version_of(region, stored)


def _completed(region: Region, uploads: Uploads, named: list[dict[str, Any]], request: dict[str, Any]) -> StoredObject:
    upload = find_upload(uploads, region, request)
    parts = _chosen(uploads.parts(upload), named)
    size = sum(part.size for part in parts)
    if request.get("MpuObjectSize", size) != size:
        raise AwsError("InvalidRequest", f"The object has {size} bytes, not {request['MpuObjectSize']}")
    watched = _whole_hasher(upload)
    return uploads.complete(
        upload,
        parts,
        upload.description,
        write_condition(request),
        watched.update if watched else None,
        lambda description: _with_checksum(upload, parts, description, watched, request),
    )


def abort_multipart_upload(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Give up an upload and its parts; who asks again is answered the same."""
    Uploads(region.objects).abort(require_bucket(region, request), request["Key"], request["UploadId"])
    return {}


def find_upload(uploads: Uploads, region: Region, request: dict[str, Any]) -> Upload:
    """The request's upload; raises AwsError NoSuchBucket or NoSuchUpload."""
    return uploads.get(require_bucket(region, request), request["Key"], request["UploadId"])


def _chosen(stored: Sequence[Part], named: list[dict[str, Any]]) -> list[Part]:
    """The stored parts that a client names; raises AwsError when they are not what it thinks, or too small."""
    if not named:
        raise AwsError("MalformedXML", "The XML you provided was not well-formed")
    numbers = [entry.get("PartNumber", 0) for entry in named]
    if numbers != sorted(set(numbers)):
        message = "The list of parts was not in ascending order. Parts must be ordered by part number."
        raise AwsError("InvalidPartOrder", message)
    by_number = {part.number: part for part in stored}
    chosen = []
    for entry in named:
        part = by_number.get(entry.get("PartNumber", 0))
        if part is None or part.etag != _etag(entry) or not _checksums_agree(part, entry):
            raise invalid_part()
        chosen.append(part)
    for part in chosen[:-1]:
        if part.size < SMALLEST_PART:
            message = "Your proposed upload is smaller than the minimum allowed size"
            members: dict[str, Any] = {
                "MinSizeAllowed": SMALLEST_PART,
                "ProposedSize": part.size,
                "PartNumber": part.number,
            }
            raise AwsError("EntityTooSmall", message, **members)
    return chosen


def _etag(entry: dict[str, Any]) -> str:
    return str(entry.get("ETag", "")).strip('"')


def _checksums_agree(part: Part, entry: dict[str, Any]) -> bool:
    given = given_checksums(entry)
    return all(part.checksums.get(name, value) == value for name, value in given.items())


def _whole_hasher(upload: Upload) -> Hasher | None:
    return hasher(upload.algorithm.lower()) if upload.description.checksum_type == "FULL_OBJECT" else None


def _with_checksum(
    upload: Upload, parts: Sequence[Part], description: Description, watched: Hasher | None, request: dict[str, Any]
) -> Description:
    """The object's checksum: of its bytes (FULL_OBJECT), or of the parts' checksums (COMPOSITE)."""
    member = MEMBERS.get(upload.algorithm.lower(), "")
    given = request.get(member)
    if watched is not None:
        computed = base64.b64encode(watched.digest()).decode()
    elif description.checksum_type == "COMPOSITE":
        computed = _composite(upload.algorithm, [part.checksums.get(member, "") for part in parts])
    else:
        computed = given or ""
    if given is not None and given.partition("-")[0] != computed.partition("-")[0]:
        message = f"The {upload.algorithm} you specified did not match the calculated checksum."
        raise AwsError("BadDigest", message)
    return replace(description, checksums={member: computed} if computed else {})


def _composite(algorithm: str, checksums: list[str]) -> str:
    made = hasher(algorithm.lower())
    if made is None or not all(checksums):
        return ""
    for checksum in checksums:
        made.update(base64.b64decode(checksum))
    return f"{base64.b64encode(made.digest()).decode()}-{len(checksums)}"
