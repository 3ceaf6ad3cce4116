"""How an object's bytes are encrypted at rest: S3's keys, kms keys, or keys that the customer sends.

With kms's and the customer's keys (SSE-KMS, SSE-C) the blob really is encrypted; S3's own (SSE-S3, the default) is
only told, as a key that lies beside the blobs protects nothing.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.store.blobs import COPY_BYTES, Draft
from apps.localregion.store.pieces import Readable
from apps.localregion.store.sealing import fingerprint
from apps.localregion.store.stored import Description, StoredObject

KMS = ("aws:kms", "aws:kms:dsse")
DEFAULT_KEY = "alias/aws/s3"
CUSTOMER = ("SSECustomerAlgorithm", "SSECustomerKeyMD5")
ANSWERED = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled", *CUSTOMER)
NEEDS_KEY = (
    "The object was stored using a form of Server Side Encryption. "
    "The correct parameters must be provided to retrieve the object."
)


@dataclass(frozen=True)
class Encryption:
    """What an answer says about it, how it is kept, and the key, if the blob is to be sealed."""

    told: dict[str, Any]
    sealing: dict[str, str] = field(default_factory=dict)
    key: bytes | None = None

    def of(self, description: Description) -> Description:
        """The description with this encryption in place of what it had."""
        others = {name: value for name, value in description.headers.items() if name not in ANSWERED}
        return replace(description, headers={**others, **self.told}, sealing=self.sealing)


def chosen(region: Region, request: dict[str, Any]) -> Encryption:
    """What a request that makes an object wants, or else its bucket; raises AwsError, also kms's."""
    if any(name in request for name in (*CUSTOMER, "SSECustomerKey")):
        return _customers(request)
    default = bucket_default(region, request["Bucket"])
    asked = request.get("ServerSideEncryption")
    method = asked or default["SSEAlgorithm"]
    if method not in KMS:
        return Encryption({"ServerSideEncryption": method})
    name = request.get("SSEKMSKeyId") or (default.get("KMSMasterKeyID") if asked is None else None) or DEFAULT_KEY
    bucket_key = request.get("BucketKeyEnabled", default.get("BucketKeyEnabled", False))
    context = {"aws:s3:arn": f"arn:aws:s3:::{request['Bucket']}/{request['Key']}", **_context(request)}
    try:
        sealing, key = region.objects.keyring.new_sealing(name, context)
    except AwsError as error:
        raise _of_kms(error) from error
    told = {"ServerSideEncryption": method, "SSEKMSKeyId": sealing["kms"]}
    return Encryption(told | ({"BucketKeyEnabled": True} if bucket_key else {}), sealing, key)


def bucket_default(region: Region, bucket: str) -> dict[str, Any]:
    """The bucket's own rule, or S3's."""
    kept = region.objects.setting(bucket, "encryption")
    rule = kept["Rules"][0] if kept else {}
    default: dict[str, Any] = rule.get("ApplyServerSideEncryptionByDefault", {"SSEAlgorithm": "AES256"})
    return default | {"BucketKeyEnabled": rule.get("BucketKeyEnabled", False)}


def told(description: Description) -> dict[str, Any]:
    """The members of an answer about an object's encryption."""
    return {name: description.headers[name] for name in ANSWERED if name in description.headers}


@contextmanager
def sealed(region: Region, draft: Draft, encryption: Encryption) -> Iterator[Draft]:
    """The draft, sealed in another one if that is wanted."""
    if encryption.key is None:
        yield draft
        return
    with region.objects.draft(encryption.key) as drafting, draft.open() as plain:
        while data := plain.read(COPY_BYTES):
            drafting.write(data)
        yield drafting.finish()


def opened(region: Region, stored: StoredObject, request: dict[str, Any], prefix: str = "") -> Readable:
    """The object's bytes, by the key that the request brings if it needs one.

    Raises AwsError, and FileNotFoundError when the object was replaced since.
    """
    key = check_key(stored.description, request, prefix)
    try:
        return region.objects.open(stored, key)
    except AwsError as error:
        raise _of_kms(error) from error


def check_key(description: Description, request: dict[str, Any], prefix: str = "") -> bytes | None:
    """The customer's key, if the object has one; raises AwsError for none, another, or one too many."""
    mark = description.sealing.get("customer")
    given = f"{prefix}SSECustomerKey" in request or f"{prefix}SSECustomerAlgorithm" in request
    if mark is None:
        if given:
            message = "The encryption parameters are not applicable to this object."
            raise AwsError("InvalidRequest", message)
        return None
    if not given:
        raise AwsError("InvalidRequest", NEEDS_KEY)
    key = _customer_key(request, prefix)
    if fingerprint(key) != mark:
        raise AwsError("AccessDenied", "Access Denied", 403)
    return key


def reopened(region: Region, description: Description, request: dict[str, Any]) -> Encryption:
    """The encryption that an upload was begun with, for one of its parts."""
    key = check_key(description, request)
    if key is None and description.sealing:
        try:
            key = region.objects.keyring.opened(description.sealing)
        except AwsError as error:
            raise _of_kms(error) from error
    return Encryption(told(description), description.sealing, key)


def _customers(request: dict[str, Any]) -> Encryption:
    if "ServerSideEncryption" in request:
        message = "Server Side Encryption with Customer provided key is incompatible with the encryption method"
        raise AwsError("InvalidArgument", message)
    key = _customer_key(request, "")
    md5 = base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest()).decode()
    members = {"SSECustomerAlgorithm": "AES256", "SSECustomerKeyMD5": md5}
    return Encryption(members, {"customer": fingerprint(key)}, key)


def _customer_key(request: dict[str, Any], prefix: str) -> bytes:
    """The key that came with the request; raises AwsError InvalidArgument for what is none."""
    if request.get(f"{prefix}SSECustomerAlgorithm") != "AES256":
        message = "Requests specifying Server Side Encryption with Customer provided keys must provide a valid "
        raise AwsError("InvalidEncryptionAlgorithmError", message + "encryption algorithm.")
    try:
        key = base64.b64decode(request.get(f"{prefix}SSECustomerKey", ""), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise AwsError("InvalidArgument", "The secret key was invalid for the specified algorithm.")
    md5 = base64.b64encode(hashlib.md5(key, usedforsecurity=False).digest()).decode()
    if request.get(f"{prefix}SSECustomerKeyMD5", md5) != md5:
        message = "The calculated MD5 hash of the key did not match the hash that was provided."
        raise AwsError("InvalidArgument", message)
    return key


def _context(request: dict[str, Any]) -> dict[str, str]:
    if "SSEKMSEncryptionContext" not in request:
        return {}
    try:
        read = json.loads(base64.b64decode(request["SSEKMSEncryptionContext"], validate=True))
        return {str(name): str(value) for name, value in read.items()}
    except (ValueError, AttributeError) as error:
        message = "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON"
        raise AwsError("InvalidArgument", message) from error


def _of_kms(error: AwsError) -> AwsError:
    """kms's refusal as S3 passes it on."""
    return AwsError(f"KMS.{error.code}", error.message, 400)
