"""An object's headers: from a request's members to what is stored, and back."""

from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from apps.localregion.checksums import MEMBERS
from apps.localregion.errors import AwsError
from apps.localregion.services.s3.encryption import told
from apps.localregion.services.s3.tagsets import header_tags
from apps.localregion.store.stored import DEFAULT_TYPE, Description, StoredObject

KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "WebsiteRedirectLocation",
    "StorageClass",
)
ANSWERED = tuple(name for name in KEPT if name != "StorageClass")
CHECKSUM_MEMBERS = tuple(MEMBERS.values())
LARGEST_METADATA = 2048  # bytes of names and values together
LONGEST_KEY = 1024  # bytes
# The ACLs that a bucket with S3's default object ownership still takes.
ACLS = ("private", "bucket-owner-full-control")
NOT_IMPLEMENTED = ("ObjectLockMode", "ObjectLockLegalHoldStatus", "WriteOffsetBytes")


def refuse_unsupported(request: dict[str, Any]) -> None:
    """Raise AwsError for what S3 could do and this region cannot: better than to store something else."""
    for name in NOT_IMPLEMENTED:
        if name in request:
            raise AwsError("NotImplemented", f"{name} is not implemented by this region.", 501)
    if request.get("ACL", "private") not in ACLS:
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    if len(request["Key"].encode()) > LONGEST_KEY:
        raise AwsError("KeyTooLongError", "Your key is too long", Key=request["Key"])


def described(request: dict[str, Any]) -> Description:
    """What a request that makes an object says about it."""
    refuse_unsupported(request)
    metadata = {name.lower(): value for name, value in request.get("Metadata", {}).items()}
    if sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items()) > LARGEST_METADATA:
        raise AwsError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
    headers = {name: request[name] for name in KEPT if name in request}
    codings = [coding.strip() for coding in headers.pop("ContentEncoding", "").split(",")]
    if encoding := ",".join(coding for coding in codings if coding not in ("", "aws-chunked")):
        headers["ContentEncoding"] = encoding
    if "Expires" in request:
        headers["Expires"] = _http_date(request["Expires"])
    checksums = given_checksums(request)
    content_type = request.get("ContentType") or DEFAULT_TYPE
    kind = "FULL_OBJECT" if checksums else ""
    return Description(content_type, metadata, headers, checksums, kind, tags=header_tags(request))


def given_checksums(request: dict[str, Any]) -> dict[str, str]:
    """The checksums that came with a body and have been checked against it."""
    return {name: request[name] for name in CHECKSUM_MEMBERS if name in request}


def object_members(stored: StoredObject, request: dict[str, Any]) -> dict[str, Any]:
    """The members that GetObject and HeadObject answer, apart from the range."""
    description = stored.description
    members: dict[str, Any] = {name: description.headers[name] for name in ANSWERED if name in description.headers}
    members |= told(description) | {
        "AcceptRanges": "bytes",
        "LastModified": stored.modified,
        "ETag": f'"{stored.etag}"',
        "ContentType": description.content_type,
        "Metadata": description.metadata,
    }
    if "Expires" in description.headers:
        members["Expires"] = parsedate_to_datetime(description.headers["Expires"])
    if storage_class(stored) != "STANDARD":
        members["StorageClass"] = storage_class(stored)
    if description.tags:
        members["TagCount"] = len(description.tags)
    if request.get("ChecksumMode") == "ENABLED" and "Range" not in request and "PartNumber" not in request:
        members |= description.checksums
        if description.checksums:
            members["ChecksumType"] = description.checksum_type
    return members | _overrides(request)


def _overrides(request: dict[str, Any]) -> dict[str, Any]:
    """The headers that a request wants in its answer; what would end a header is refused."""
    given = {name.removeprefix("Response"): value for name, value in request.items() if name.startswith("Response")}
    for name, value in given.items():
        if not str(value).isprintable():
            raise AwsError("InvalidArgument", f"The value of response-{name} cannot stand in a header")
    return given


def written_members(stored: StoredObject) -> dict[str, Any]:
    """The members that an operation answers which made an object."""
    description = stored.description
    members: dict[str, Any] = {"ETag": f'"{stored.etag}"', **description.checksums}
    if description.checksums:
        members["ChecksumType"] = description.checksum_type
    return members | told(description)


def storage_class(stored: StoredObject) -> str:
    """The storage class, which changes nothing here."""
    return stored.description.headers.get("StorageClass", "STANDARD")


def _http_date(value: datetime | str) -> str:
    return value if isinstance(value, str) else format_datetime(value, usegmt=True)
