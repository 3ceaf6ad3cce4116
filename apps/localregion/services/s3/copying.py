"""S3's copies: bytes are copied only where the blob of the source cannot be shared."""

from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3 import encryption
from apps.localregion.services.s3.buckets import require_bucket
from apps.localregion.services.s3.conditions import check_read, no_such_key, write_condition
from apps.localregion.services.s3.description import described
from apps.localregion.services.s3.encryption import Encryption
from apps.localregion.services.s3.multipart import find_upload
from apps.localregion.services.s3.ranges import Wanted, wanted
from apps.localregion.services.s3.reading import find, version_of
from apps.localregion.store.blobs import COPY_BYTES, Drafting
from apps.localregion.store.stored import Description, StoredObject
from apps.localregion.store.uploads import Uploads

LARGEST_COPY = 5 << 30  # bytes of one CopyObject, S3's limit
CHANGES = {
    "StorageClass",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "SSECustomerAlgorithm",
    "WebsiteRedirectLocation",
    "BucketKeyEnabled",
}


def copy_object(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Another object with the same bytes; its description and its tags copied or replaced."""
    require_bucket(region, request)
    source = _source(region, request)
    given = described(request)  # refuses what cannot be stored, also when it would not be used
    if source.size > LARGEST_COPY:
        raise AwsError("InvalidRequest", f"The specified copy source is larger than the maximum: {LARGEST_COPY}")
    replacing = request.get("MetadataDirective") == "REPLACE"
    if not replacing:
        _refuse_no_change(source, request)
    description = given if replacing else _without_class(source.description, request)
    tags = given.tags if request.get("TaggingDirective") == "REPLACE" else source.description.tags
    how = encryption.chosen(region, request)
    stored = _copied(region, source, replace(how.of(description), tags=tags), how, request)
    result = {"ETag": f'"{stored.etag}"', "LastModified": stored.modified, **stored.description.checksums}
    if stored.description.checksums:
        result["ChecksumType"] = stored.description.checksum_type
    return {"CopyObjectResult": result, **how.told, **version_of(region, stored), **_source_version(region, source)}


def upload_part_copy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A part with the bytes of an object, or of a range of one."""
    uploads = Uploads(region.objects)
    upload = find_upload(uploads, region, request)
    source = _source(region, request)
    part = wanted(source, {"Range": request.get("CopySourceRange", "")})
    if "CopySourceRange" in request:
        _check_range(source, request["CopySourceRange"], part)
    how = encryption.reopened(region, upload.description, request)
    with region.objects.draft(how.key) as drafting:
        _pour(region, source, request, drafting, part.start, part.length)
        draft = drafting.finish()
        uploads.put_part(upload, request["PartNumber"], draft, {})
    part_modified = uploads.parts(upload, request["PartNumber"] - 1, 1)[0].modified
    result = {"ETag": f'"{draft.etag}"', "LastModified": part_modified}
    return {"CopyPartResult": result, **how.told, **_source_version(region, source)}


def _check_range(source: StoredObject, given: str, part: Wanted) -> None:
    """Raise AwsError unless a part's range is within the object: it is not cut as a reader's is."""
    name = "x-amz-copy-source-range"
    if not part.partial:
        message = f"The {name} value must be of the form bytes=first-last"
        raise AwsError("InvalidArgument", message, ArgumentName=name)
    if given.partition("-")[2] != str(part.start + part.length - 1):
        message = f"Range specified is not valid for source object of size: {source.size}"
        raise AwsError("InvalidArgument", message, ArgumentName=name, ArgumentValue=given)


def _copied(
    region: Region, source: StoredObject, description: Description, how: Encryption, request: dict[str, Any]
) -> StoredObject:
    bucket, key, condition = request["Bucket"], request["Key"], write_condition(request)
    if how.key is None and not source.description.sealing:
        shared = replace(
            _with_checksums(description, source),
            part_sizes=source.description.part_sizes,
            part_checksums=source.description.part_checksums,
        )
        stored = region.objects.copy(source, bucket, key, shared, condition)
        if stored is None:
            raise no_such_key(source.key)
        return stored
    with region.objects.draft(how.key) as drafting:
        _pour(region, source, request, drafting, 0, source.size)
        whole = replace(_with_checksums(description, source), part_sizes=(), part_checksums=())
        return region.objects.put(bucket, key, drafting.finish(), whole, condition=condition)


def _pour(
    region: Region, source: StoredObject, request: dict[str, Any], drafting: Drafting, start: int, length: int
) -> None:
    """Write a stretch of the source; raises AwsError NoSuchKey when it was replaced since."""
    try:
        file = encryption.opened(region, source, request, "CopySource")
    except FileNotFoundError as error:
        raise no_such_key(source.key) from error
    with closing(file):
        file.seek(start)
        while length and (data := file.read(min(length, COPY_BYTES))):
            drafting.write(data)
            length -= len(data)


def _source(region: Region, request: dict[str, Any]) -> StoredObject:
    path, _, version = request["CopySource"].partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not key:
        raise AwsError("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
    wanted_source = {"Bucket": bucket, "Key": key} | ({"VersionId": unquote(version)} if version else {})
    if "ExpectedSourceBucketOwner" in request:
        wanted_source["ExpectedBucketOwner"] = request["ExpectedSourceBucketOwner"]
    source = find(region, wanted_source)
    check_read(source, request, "CopySource")
    encryption.check_key(source.description, request, "CopySource")
    return source


def _source_version(region: Region, source: StoredObject) -> dict[str, str]:
    version = version_of(region, source)
    return {"CopySourceVersionId": version["VersionId"]} if version else {}


def _refuse_no_change(source: StoredObject, request: dict[str, Any]) -> None:
    same = (source.bucket, source.key) == (request["Bucket"], request["Key"])
    if same and "?versionId=" not in request["CopySource"] and not CHANGES & request.keys():
        message = (
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )
        raise AwsError("InvalidRequest", message)


def _without_class(description: Description, request: dict[str, Any]) -> Description:
    """The source's description, with the storage class of the request, which is never copied."""
    headers = {name: value for name, value in description.headers.items() if name != "StorageClass"}
    return replace(description, headers=headers | {"StorageClass": request.get("StorageClass", "STANDARD")})


def _with_checksums(description: Description, source: StoredObject) -> Description:
    """The same bytes have the same checksums."""
    return replace(description, checksums=source.description.checksums, checksum_type=source.description.checksum_type)
