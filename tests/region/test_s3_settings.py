"""What S3 keeps beside objects: a bucket's settings, tags, access control lists, attributes."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    return client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    """A new bucket."""
    name = f"settings-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    return name


def refused(call: Callable[..., Any], **members: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**members)
    answer: Any = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def read(answer: dict[str, Any]) -> dict[str, Any]:
    answer.pop("ResponseMetadata")
    return answer


RULES = [
    {
        "ID": "old",
        "Status": "Enabled",
        "Filter": {"Prefix": "tmp/"},
        "Expiration": {"Date": datetime(2030, 1, 1, tzinfo=UTC)},
        "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
    },
    {"ID": "parts", "Status": "Disabled", "Filter": {}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
]


def test_a_buckets_tags(s3: Any, bucket: str) -> None:
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)
    tags = [{"Key": "team", "Value": "ml"}, {"Key": "cost", "Value": ""}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    s3.delete_bucket_tagging(Bucket=bucket)
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)
    twice = {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}
    assert refused(s3.put_bucket_tagging, Bucket=bucket, Tagging=twice) == ("InvalidTag", 400)


def test_a_lifecycle(s3: Any, bucket: str) -> None:
    get, put = s3.get_bucket_lifecycle_configuration, s3.put_bucket_lifecycle_configuration
    assert refused(get, Bucket=bucket) == ("NoSuchLifecycleConfiguration", 404)
    put(Bucket=bucket, LifecycleConfiguration={"Rules": RULES})
    assert get(Bucket=bucket)["Rules"] == RULES
    lame = {"Rules": [{"ID": "a", "Status": "Enabled", "Filter": {}}]}
    assert refused(put, Bucket=bucket, LifecycleConfiguration=lame) == ("InvalidRequest", 400)
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert refused(get, Bucket=bucket) == ("NoSuchLifecycleConfiguration", 404)


def test_a_policy(s3: Any, bucket: str) -> None:
    assert refused(s3.get_bucket_policy, Bucket=bucket) == ("NoSuchBucketPolicy", 404)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == text
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is False
    elsewhere = text.replace(bucket, "another-bucket")
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy=elsewhere) == ("MalformedPolicy", 400)
    assert refused(s3.put_bucket_policy, Bucket=bucket, Policy="{") == ("MalformedPolicy", 400)
    s3.delete_bucket_policy(Bucket=bucket)
    assert refused(s3.get_bucket_policy, Bucket=bucket) == ("NoSuchBucketPolicy", 404)


def test_rules_of_cors(s3: Any, bucket: str) -> None:
    assert refused(s3.get_bucket_cors, Bucket=bucket) == ("NoSuchCORSConfiguration", 404)
    rules = [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 60}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules
    s3.delete_bucket_cors(Bucket=bucket)
    assert refused(s3.get_bucket_cors, Bucket=bucket) == ("NoSuchCORSConfiguration", 404)


def test_a_new_bucket_is_encrypted_private_and_of_its_owner(s3: Any, bucket: str) -> None:
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    owned = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert owned == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert [(grant["Grantee"]["ID"], grant["Permission"]) for grant in acl["Grants"]] == [
        (acl["Owner"]["ID"], "FULL_CONTROL")
    ]


def test_encryption_access_and_ownership_are_changed_and_taken_away(s3: Any, bucket: str) -> None:
    default = {"SSEAlgorithm": "aws:kms"}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"] == rules
    s3.delete_bucket_encryption(Bucket=bucket)
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"] != rules
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert (blocked["BlockPublicAcls"], blocked["BlockPublicPolicy"]) == (True, False)
    s3.delete_public_access_block(Bucket=bucket)
    assert refused(s3.get_public_access_block, Bucket=bucket) == ("NoSuchPublicAccessBlockConfiguration", 404)
    preferred = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=preferred)
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == preferred
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    assert refused(s3.get_bucket_ownership_controls, Bucket=bucket) == ("OwnershipControlsNotFoundError", 404)


def test_notification_logging_website_and_what_there_is_none_of(s3: Any, bucket: str) -> None:
    assert read(s3.get_bucket_notification_configuration(Bucket=bucket)) == {}
    topics = {
        "TopicConfigurations": [{"Id": "t", "TopicArn": "arn:aws:sns:us-east-1:1:t", "Events": ["s3:ObjectCreated:*"]}]
    }
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=topics)
    assert read(s3.get_bucket_notification_configuration(Bucket=bucket)) == topics
    assert read(s3.get_bucket_logging(Bucket=bucket)) == {}
    logged = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "log/"}}
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=logged)
    assert read(s3.get_bucket_logging(Bucket=bucket)) == logged
    website = {"IndexDocument": {"Suffix": "index.html"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=website)
    assert read(s3.get_bucket_website(Bucket=bucket)) == website
    s3.delete_bucket_website(Bucket=bucket)
    assert refused(s3.get_bucket_website, Bucket=bucket) == ("NoSuchWebsiteConfiguration", 404)
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert read(s3.get_bucket_accelerate_configuration(Bucket=bucket)) == {}
    assert refused(s3.get_bucket_replication, Bucket=bucket) == ("ReplicationConfigurationNotFoundError", 404)
    lock = refused(s3.get_object_lock_configuration, Bucket=bucket)
    assert lock == ("ObjectLockConfigurationNotFoundError", 404)


def test_settings_need_a_bucket_and_go_with_it(s3: Any, bucket: str) -> None:
    assert refused(s3.get_bucket_encryption, Bucket="no-such-bucket") == ("NoSuchBucket", 404)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)
    assert refused(s3.get_bucket_tagging, Bucket=bucket) == ("NoSuchTagSet", 404)


def test_lists_of_access_let_in_nobody_else(s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**target, Body=b"1", ACL="bucket-owner-full-control")
    acl = s3.get_object_acl(**target)
    assert acl["Grants"][0]["Permission"] == "FULL_CONTROL"
    s3.put_object_acl(**target, ACL="private")
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    for call, members in ((s3.put_object_acl, target), (s3.put_bucket_acl, {"Bucket": bucket})):
        assert refused(call, **members, ACL="public-read") == ("AccessControlListNotSupported", 400)
    assert refused(s3.get_object_acl, Bucket=bucket, Key="absent") == ("NoSuchKey", 404)


def test_the_attributes_of_an_object(s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    put = s3.put_object(**target, Body=b"hello", ChecksumAlgorithm="SHA256")
    wanted = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]
    found = s3.get_object_attributes(**target, ObjectAttributes=wanted)
    assert f'"{found["ETag"]}"' == put["ETag"]
    assert found["Checksum"] == {"ChecksumSHA256": put["ChecksumSHA256"], "ChecksumType": "FULL_OBJECT"}
    assert (found["ObjectSize"], found["StorageClass"]) == (5, "STANDARD")
    assert "ObjectParts" not in found
    assert "ObjectSize" not in s3.get_object_attributes(**target, ObjectAttributes=["ETag"])


def test_the_parts_of_an_object(s3: Any, bucket: str) -> None:
    target = {"Bucket": bucket, "Key": "k"}
    upload = s3.create_multipart_upload(**target, ChecksumAlgorithm="CRC32")["UploadId"]
    parts = []
    for number, text in ((1, bytes(5 << 20)), (2, b"end")):
        part = s3.upload_part(**target, UploadId=upload, PartNumber=number, Body=text, ChecksumAlgorithm="CRC32")
        parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]})
    s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload={"Parts": parts})
    found = s3.get_object_attributes(**target, ObjectAttributes=["ObjectParts", "Checksum"])
    assert found["ObjectParts"]["TotalPartsCount"] == 2
    assert [(part["PartNumber"], part["Size"]) for part in found["ObjectParts"]["Parts"]] == [(1, 5 << 20), (2, 3)]
    assert found["Checksum"]["ChecksumCRC32"].endswith("-2")
    assert s3.head_object(**target, PartNumber=2)["PartsCount"] == 2
