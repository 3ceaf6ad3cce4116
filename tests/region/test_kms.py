"""kms, by boto3; and what it encrypts at rest in S3."""

import json
import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess


@pytest.fixture
def kms(client: Callable[..., Any]) -> Any:
    return client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """A new key's id."""
    identity: str = kms.create_key(Description="of a test")["KeyMetadata"]["KeyId"]
    return identity


@pytest.fixture
def bucket(client: Callable[..., Any]) -> str:
    """A new bucket."""
    name = f"sealed-{uuid.uuid4().hex[:8]}"
    client("s3").create_bucket(Bucket=name)
    return name


def refused(call: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**members)
    return str(error.value.response["Error"]["Code"])


def at_rest(region: RegionProcess, text: bytes) -> bool:
    """Whether some blob on the disk, or the index, has these bytes."""
    files = [*(region.home / "blobs").rglob("*"), *region.home.glob("region.sqlite3*")]
    return any(text in path.read_bytes() for path in files if path.is_file())


def test_a_key_is_made_described_and_listed(kms: Any, key: str) -> None:
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert found["Arn"] == f"arn:aws:kms:us-east-1:123456789012:key/{key}"
    assert (found["KeyState"], found["Enabled"], found["KeyManager"]) == ("Enabled", True, "CUSTOMER")
    assert found["Description"] == "of a test"
    assert kms.describe_key(KeyId=found["Arn"])["KeyMetadata"]["KeyId"] == key
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    assert key in {entry["KeyId"] for page in pages for entry in page["Keys"]}
    assert refused(kms.describe_key, KeyId=str(uuid.uuid4())) == "NotFoundException"
    assert refused(kms.create_key, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY") == "UnsupportedOperationException"


def test_a_key_has_names(kms: Any, key: str) -> None:
    name = f"alias/{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key
    assert [alias["AliasName"] for alias in kms.list_aliases(KeyId=key)["Aliases"]] == [name]
    assert refused(kms.create_alias, AliasName=name, TargetKeyId=key) == "AlreadyExistsException"
    assert refused(kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=key) == "NotAuthorizedException"
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.update_alias(AliasName=name, TargetKeyId=other)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == other
    kms.delete_alias(AliasName=name)
    assert refused(kms.describe_key, KeyId=name) == "NotFoundException"


def test_what_is_encrypted_opens_with_its_context_only(kms: Any, key: str) -> None:
    context = {"job": "42", "team": "ml"}
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=context)
    assert b"secret" not in sealed["CiphertextBlob"]
    opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"secret", sealed["KeyId"])
    assert refused(kms.decrypt, CiphertextBlob=sealed["CiphertextBlob"]) == "InvalidCiphertextException"
    harmed = sealed["CiphertextBlob"][:-1] + bytes([sealed["CiphertextBlob"][-1] ^ 1])
    assert refused(kms.decrypt, CiphertextBlob=harmed, EncryptionContext=context) == "InvalidCiphertextException"
    assert refused(kms.decrypt, CiphertextBlob=b"no ciphertext of ours") == "InvalidCiphertextException"
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    expecting = {"CiphertextBlob": sealed["CiphertextBlob"], "EncryptionContext": context, "KeyId": other}
    assert refused(kms.decrypt, **expecting) == "IncorrectKeyException"
    moved = kms.re_encrypt(
        CiphertextBlob=sealed["CiphertextBlob"], SourceEncryptionContext=context, DestinationKeyId=other
    )
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"secret"
    assert moved["KeyId"].endswith(other)


def test_keys_for_data_come_plain_and_encrypted(kms: Any, key: str) -> None:
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert len(made["Plaintext"]) == 32
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    bare = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=64)
    assert "Plaintext" not in bare
    assert len(kms.decrypt(CiphertextBlob=bare["CiphertextBlob"])["Plaintext"]) == 64
    assert refused(kms.generate_data_key, KeyId=key) == "ValidationException"
    assert len(kms.generate_random(NumberOfBytes=10)["Plaintext"]) == 10


def test_a_key_that_is_off_or_given_up_opens_nothing(kms: Any, key: str) -> None:
    sealed = kms.encrypt(KeyId=key, Plaintext=b"1")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    assert refused(kms.decrypt, CiphertextBlob=sealed) == "DisabledException"
    kms.enable_key(KeyId=key)
    gone = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert gone["KeyState"] == "PendingDeletion"
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"1") == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"1"


def test_tags_policy_description_and_rotation(kms: Any, key: str) -> None:
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}])
    kms.untag_resource(KeyId=key, TagKeys=["a"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "b", "TagValue": "2"}]
    assert "root" in kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    assert kms.get_key_policy(KeyId=key)["Policy"] == policy
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    kms.update_key_description(KeyId=key, Description="new")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    kms.disable_key_rotation(KeyId=key)


def test_an_object_is_encrypted_at_rest_by_a_key(
    region: RegionProcess, client: Callable[..., Any], kms: Any, key: str, bucket: str
) -> None:
    s3 = client("s3")
    target, text = {"Bucket": bucket, "Key": "k"}, os.urandom(40) * 70_000  # several pieces
    put = s3.put_object(**target, Body=text, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"].rpartition("/")[2]) == ("aws:kms", key)
    assert not at_rest(region, text[:40])
    found = s3.get_object(**target)
    assert (found["Body"].read(), found["SSEKMSKeyId"]) == (text, put["SSEKMSKeyId"])
    ranged = s3.get_object(**target, Range="bytes=1048570-2097160")
    assert ranged["Body"].read() == text[1048570:2097161]
    s3.copy_object(Bucket=bucket, Key="plain", CopySource=target)
    assert s3.get_object(Bucket=bucket, Key="plain")["Body"].read() == text
    assert s3.head_object(Bucket=bucket, Key="plain")["ServerSideEncryption"] == "AES256"
    kms.disable_key(KeyId=key)
    assert refused(s3.get_object, **target) == "KMS.DisabledException"
    absent = str(uuid.uuid4())
    sealing = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": absent}
    assert refused(s3.put_object, **target, Body=b"", **sealing) == "KMS.NotFoundException"


def test_a_bucket_encrypts_by_its_own_rule(
    region: RegionProcess, client: Callable[..., Any], kms: Any, bucket: str
) -> None:
    s3, text = client("s3"), os.urandom(64)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    put = s3.put_object(Bucket=bucket, Key="k", Body=text)
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert (put["SSEKMSKeyId"], put["BucketKeyEnabled"]) == (managed["Arn"], True)
    assert managed["KeyManager"] == "AWS"
    assert not at_rest(region, text)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == text
    assert refused(kms.disable_key, KeyId="alias/aws/s3") == "AccessDeniedException"


def test_an_object_is_encrypted_by_the_customers_own_key(
    region: RegionProcess, client: Callable[..., Any], bucket: str
) -> None:
    s3, text = client("s3"), os.urandom(64)
    target = {"Bucket": bucket, "Key": "k"}
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)}
    put = s3.put_object(**target, Body=text, **own)
    assert put["SSECustomerAlgorithm"] == "AES256"
    assert not at_rest(region, text)
    assert s3.get_object(**target, **own)["Body"].read() == text
    assert s3.head_object(**target, **own)["ContentLength"] == 64
    assert refused(s3.get_object, **target) == "InvalidRequest"
    other = {**own, "SSECustomerKey": os.urandom(32)}
    assert refused(s3.get_object, **target, **other) == "AccessDenied"
    assert refused(s3.put_object, **target, **{**own, "SSECustomerKey": b"short"}) == "InvalidArgument"
    source = {f"CopySource{name}": value for name, value in own.items()}
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=target, **source)
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == text
    assert refused(s3.get_object, Bucket=bucket, Key="copy", **own) == "InvalidRequest"


@pytest.mark.parametrize("method", ["kms", "customer"])
def test_an_upload_in_parts_is_encrypted_part_by_part(
    region: RegionProcess, client: Callable[..., Any], bucket: str, method: str
) -> None:
    s3, target = client("s3"), {"Bucket": bucket, "Key": "parts"}
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": os.urandom(32)} if method == "customer" else {}
    begun = {"ServerSideEncryption": "aws:kms"} if method == "kms" else own
    upload = s3.create_multipart_upload(**target, **begun)["UploadId"]
    texts = [os.urandom(64) * 90_000, os.urandom(1000)]
    parts = []
    for number, text in enumerate(texts, 1):
        part = s3.upload_part(**target, UploadId=upload, PartNumber=number, Body=text, **own)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    assert not at_rest(region, texts[0][:64])
    s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
    assert not at_rest(region, texts[1])
    whole = b"".join(texts)
    assert s3.get_object(**target, **own)["Body"].read() == whole
    edge = len(texts[0])
    ranged = s3.get_object(**target, Range=f"bytes={edge - 10}-{edge + 9}", **own)
    assert ranged["Body"].read() == whole[edge - 10 : edge + 10]
