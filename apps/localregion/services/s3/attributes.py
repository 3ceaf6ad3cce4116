"""What an object is, without its bytes: GetObjectAttributes, and its access control list."""

from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.description import storage_class
from apps.localregion.services.s3.encryption import check_key
from apps.localregion.services.s3.reading import find, version_of
from apps.localregion.services.s3.settings import owners_grant, refuse_acl
from apps.localregion.store.stored import StoredObject

MOST_PARTS = 1000  # of a page


def get_object_attributes(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The attributes that are asked for."""
    stored = find(region, request)
    check_key(stored.description, request)
    checksums = stored.description.checksums
    found: dict[str, Any] = {
        "ETag": stored.etag,
        "Checksum": {**checksums, "ChecksumType": stored.description.checksum_type} if checksums else None,
        "ObjectParts": _parts(stored, request),
        "StorageClass": storage_class(stored),
        "ObjectSize": stored.size,
    }
    wanted = {name.strip() for given in request["ObjectAttributes"] for name in given.split(",")}
    if unknown := wanted - found.keys():
        raise AwsError("InvalidArgument", f"Invalid attribute name specified: {', '.join(sorted(unknown))}")
    answer = {name: value for name, value in found.items() if name in wanted and value is not None}
    return answer | {"LastModified": stored.modified} | version_of(region, stored)


def get_object_acl(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The one grant of an object in a bucket that does not allow ACLs: everything to the owner."""
    find(region, request)
    return owners_grant(region)


def put_object_acl(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Nothing but the owner's own grant may be put, as the bucket does not allow ACLs."""
    acl = {name: value for name, value in request.items() if name != "ACL"}
    find(region, acl)
    refuse_acl(region, request)
    return {}


def _parts(stored: StoredObject, request: dict[str, Any]) -> dict[str, Any] | None:
    """A page of the parts; as in S3, each is told only where parts have checksums."""
    sizes, sums = stored.description.part_sizes, stored.description.part_checksums
    if not sizes:
        return None
    told: dict[str, Any] = {"TotalPartsCount": len(sizes)}
    if not sums:
        return told
    after, most = int(request.get("PartNumberMarker", 0)), min(int(request.get("MaxParts", MOST_PARTS)), MOST_PARTS)
    numbered = [*enumerate(zip(sizes, sums, strict=True), 1)][after : after + most]
    told["Parts"] = [{"PartNumber": number, "Size": size, **summed} for number, (size, summed) in numbered]
    more = after + most < len(sizes)
    told |= {"PartNumberMarker": after, "MaxParts": most, "IsTruncated": more}
    return told | ({"NextPartNumberMarker": after + most} if more else {})
