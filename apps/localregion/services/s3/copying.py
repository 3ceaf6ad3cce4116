"""S3's copies: no byte of an object is copied, only of a part."""

from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.buckets import require_bucket
from apps.localregion.services.s3.conditions import check_read, no_such_key, write_condition
from apps.localregion.services.s3.description import described
from apps.localregion.services.s3.objects import find, open_blob
from apps.localregion.services.s3.ranges import wanted
from apps.localregion.store.blobs import COPY_BYTES
from apps.localregion.store.objects import Description, StoredObject
from apps.localregion.store.uploads import Uploads


def copy_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Another object with the same bytes; its description copied or replaced."""
    bucket = require_bucket(region, request)
    source = _source(region, request)
    described(request)  # refuses what cannot be stored, also when it would not be used
    if request.get("MetadataDirective") == "REPLACE":
        description = replace(described(request), part_sizes=source.description.part_sizes)
    else:
        description = source.description
        _refuse_no_change(source, request)
    stored = region.objects.copy(
        source, bucket, request["Key"], _with_checksums(description, source), write_condition(request)
    )
    if stored is None:
        raise no_such_key(source.key)
    checksums = stored.description.checksums
    result = {"ETag": f'"{stored.etag}"', "LastModified": stored.modified, **checksums}
    return {"CopyObjectResult": result}


def upload_part_copy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A part with the bytes of an object, or of a range of one."""
    uploads = Uploads(region.objects)
    upload = uploads.get(request["Bucket"], request["Key"], request["UploadId"])
    source = _source(region, request)
    part = wanted(source, {"Range": request.get("CopySourceRange", "")})
    file = open_blob(source.blob)
    if file is None:
        raise no_such_key(source.key)
    with file, region.objects.draft() as drafting:
        file.seek(part.start)
        left = part.length
        while data := file.read(min(left, COPY_BYTES)):
            drafting.write(data)
            left -= len(data)
        draft = drafting.finish()
        uploads.put_part(upload, request["PartNumber"], draft, {})
    part_modified = uploads.parts(upload, request["PartNumber"] - 1, 1)[0].modified
    return {"CopyPartResult": {"ETag": f'"{draft.md5}"', "LastModified": part_modified}}


def _source(region: Region, request: dict[str, Any]) -> StoredObject:
    path, _, version = request["CopySource"].partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not key:
        raise AwsError("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
    wanted_source = {"Bucket": bucket, "Key": key, "VersionId": version or "null"}
    if "ExpectedSourceBucketOwner" in request:
        wanted_source["ExpectedBucketOwner"] = request["ExpectedSourceBucketOwner"]
    source = find(region, wanted_source)
    check_read(source, request, "CopySource")
    return source


def _refuse_no_change(source: StoredObject, request: dict[str, Any]) -> None:
    same = (source.bucket, source.key) == (request["Bucket"], request["Key"])
    if same and not {"StorageClass", "ServerSideEncryption", "WebsiteRedirectLocation"} & request.keys():
        message = (
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )
        raise AwsError("InvalidRequest", message)


def _with_checksums(description: Description, source: StoredObject) -> Description:
    """The same bytes have the same checksums."""
    return replace(description, checksums=source.description.checksums, checksum_type=source.description.checksum_type)
