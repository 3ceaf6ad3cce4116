"""A bucket's settings that are kept and answered: policy, lifecycle, CORS, encryption and their like.

Each is a row of the table: how it is called, its member of the request and of the answer, and S3's refusal where
there is none. Those of encryption are acted upon (encryption.py); the others say what AWS would do with the bucket.
"""

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.s3.buckets import owner, require_bucket
from apps.localregion.services.s3.checking import check_encryption, check_lifecycle, check_policy, check_rules

# name: (code, message) of the refusal to answer a setting that is not there
ABSENT = {
    "lifecycle": ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    "policy": ("NoSuchBucketPolicy", "The bucket policy does not exist"),
    "cors": ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    "website": ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
    "replication": ("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
    "public access block": (
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
    "ownership": ("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
    "object lock": ("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"),
}
# What a new bucket has: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
# and https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
ALL_BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
NEW: dict[str, Any] = {
    "encryption": {
        "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]
    },
    "public access block": ALL_BLOCKED,
    "ownership": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
}
REMOVED = "removed"  # kept in place of a setting that a new bucket has and somebody took away

Operation = Callable[[Region, dict[str, Any]], dict[str, Any]]


def _reader(name: str, member: str) -> Operation:
    def read(region: Region, request: dict[str, Any]) -> dict[str, Any]:
        bucket = require_bucket(region, request)
        kept = region.objects.setting(bucket, name) or NEW.get(name)
        if kept is None or kept == REMOVED:
            code, message = ABSENT[name]
            raise AwsError(code, message, 404, BucketName=bucket)
        return {member: kept}

    return read


def _writer(name: str, member: str, check: Callable[[Any], None] | None = None) -> Operation:
    def write(region: Region, request: dict[str, Any]) -> dict[str, Any]:
        bucket, value = require_bucket(region, request), request[member]
        if check is not None:
            check(value)
        region.objects.set_setting(bucket, name, plain(value))
        return {}

    return write


def _remover(name: str) -> Operation:
    def remove(region: Region, request: dict[str, Any]) -> dict[str, Any]:
        removed = REMOVED if name in NEW and name != "encryption" else None
        region.objects.set_setting(require_bucket(region, request), name, removed)
        return {}

    return remove


def plain(value: Any) -> Any:
    """A value as JSON has it: times as text."""
    return json.loads(json.dumps(value, default=datetime.isoformat))


get_bucket_encryption = _reader("encryption", "ServerSideEncryptionConfiguration")
put_bucket_encryption = _writer("encryption", "ServerSideEncryptionConfiguration", check_encryption)
delete_bucket_encryption = _remover("encryption")
get_public_access_block = _reader("public access block", "PublicAccessBlockConfiguration")
delete_public_access_block = _remover("public access block")
get_bucket_ownership_controls = _reader("ownership", "OwnershipControls")
put_bucket_ownership_controls = _writer("ownership", "OwnershipControls", check_rules)
delete_bucket_ownership_controls = _remover("ownership")
get_bucket_policy = _reader("policy", "Policy")
delete_bucket_policy = _remover("policy")
delete_bucket_lifecycle = _remover("lifecycle")
delete_bucket_cors = _remover("cors")
get_object_lock_configuration = _reader("object lock", "ObjectLockConfiguration")
delete_bucket_website = _remover("website")
delete_bucket_replication = _remover("replication")
get_bucket_replication = _reader("replication", "ReplicationConfiguration")


def put_public_access_block(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the four switches; those that are not given are off."""
    given = request["PublicAccessBlockConfiguration"]
    switches = {name: bool(given.get(name, False)) for name in ALL_BLOCKED}
    region.objects.set_setting(require_bucket(region, request), "public access block", switches)
    return {}


def put_bucket_policy(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep a policy; raises AwsError MalformedPolicy."""
    bucket, policy = require_bucket(region, request), request["Policy"]
    text = policy.decode() if isinstance(policy, bytes) else policy
    check_policy(text, bucket)
    region.objects.set_setting(bucket, "policy", text)
    return {}


def get_bucket_policy_status(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Whether the policy lets everybody in."""
    policy = json.loads(get_bucket_policy(region, request)["Policy"])
    listed = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    everybody = ("*", {"AWS": "*"}, {"AWS": ["*"]})
    public = any(
        one["Effect"] == "Allow" and one.get("Principal") in everybody and "Condition" not in one for one in listed
    )
    return {"PolicyStatus": {"IsPublic": public}}


def put_bucket_lifecycle_configuration(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep rules of lifecycle; each gets an id if it has none."""
    bucket, rules = require_bucket(region, request), request.get("LifecycleConfiguration", {}).get("Rules", [])
    check_lifecycle(rules)
    named = [{"ID": secrets.token_urlsafe(36), **plain(rule)} for rule in rules]
    least = request.get("TransitionDefaultMinimumObjectSize", "all_storage_classes_128K")
    region.objects.set_setting(bucket, "lifecycle", {"rules": named, "least": least})
    return {"TransitionDefaultMinimumObjectSize": least}


def get_bucket_lifecycle_configuration(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The rules of lifecycle."""
    kept = _reader("lifecycle", "kept")(region, request)["kept"]
    return {"Rules": [_timed(rule) for rule in kept["rules"]], "TransitionDefaultMinimumObjectSize": kept["least"]}


def put_bucket_cors(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep rules of CORS."""
    rules = request["CORSConfiguration"].get("CORSRules", [])
    region.objects.set_setting(require_bucket(region, request), "cors", rules)
    return {}


def get_bucket_cors(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The rules of CORS."""
    return {"CORSRules": _reader("cors", "kept")(region, request)["kept"]}


def put_bucket_website(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the settings of a website, which is not served."""
    region.objects.set_setting(require_bucket(region, request), "website", plain(request["WebsiteConfiguration"]))
    return {}


def get_bucket_website(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The settings of a website."""
    kept: dict[str, Any] = _reader("website", "kept")(region, request)["kept"]
    return kept


def put_bucket_notification_configuration(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep who is to be notified; nobody is."""
    kept = plain(request["NotificationConfiguration"])
    region.objects.set_setting(require_bucket(region, request), "notification", kept)
    return {}


def get_bucket_notification_configuration(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Who is to be notified; empty for nobody."""
    return region.objects.setting(require_bucket(region, request), "notification") or {}


def put_bucket_logging(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Keep where access logs are to go; none are written."""
    enabled = request["BucketLoggingStatus"].get("LoggingEnabled")
    region.objects.set_setting(require_bucket(region, request), "logging", enabled)
    return {}


def get_bucket_logging(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Where access logs are to go; empty for nowhere."""
    kept = region.objects.setting(require_bucket(region, request), "logging")
    return {"LoggingEnabled": kept} if kept else {}


def get_bucket_request_payment(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Who pays: always the owner."""
    require_bucket(region, request)
    return {"Payer": "BucketOwner"}


def get_bucket_accelerate_configuration(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Transfer acceleration, which there is none of."""
    require_bucket(region, request)
    return {}


def get_bucket_acl(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The one grant of a bucket that does not allow ACLs: everything to its owner."""
    require_bucket(region, request)
    return owners_grant(region)


def put_bucket_acl(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """Nothing but the owner's own grant may be put, as a bucket does not allow ACLs."""
    require_bucket(region, request)
    refuse_acl(region, request)
    return {}


def owners_grant(region: Region) -> dict[str, Any]:
    """The access control list of everything."""
    grantee = {**owner(region), "Type": "CanonicalUser"}
    return {"Owner": owner(region), "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}


def refuse_acl(region: Region, request: dict[str, Any]) -> None:
    """Raise AwsError AccessControlListNotSupported for a list that lets in somebody else."""
    granted = any(name.startswith("Grant") for name in request)
    policy = request.get("AccessControlPolicy", {}).get("Grants", [])
    others = [grant for grant in policy if grant.get("Grantee", {}).get("ID") != owner(region)["ID"]]
    if granted or others or request.get("ACL", "private") not in ("private", "bucket-owner-full-control"):
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")


def _timed(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule with its dates as times again."""
    timed = dict(rule)
    for name in ("Expiration", "Transitions"):
        entries = rule.get(name)
        if isinstance(entries, list):
            timed[name] = [_dated(entry) for entry in entries]
        elif entries:
            timed[name] = _dated(entries)
    return timed


def _dated(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "Date": datetime.fromisoformat(entry["Date"])} if "Date" in entry else entry
