"""Uploads by a form that boto3 has signed: presigned POST."""

import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from tests.region.conftest import RegionProcess

BUCKET = "by-form"


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    made = client("s3")
    made.create_bucket(Bucket=BUCKET)
    return made


@pytest.fixture(params=["s3v4", "s3"])
def sign(request: pytest.FixtureRequest, region: RegionProcess) -> Callable[..., Any]:
    """Makes a form, signed in version 4 or 2."""
    made: Callable[..., Any] = region.client("s3", Config(signature_version=request.param)).generate_presigned_post
    return made


def post(signed: dict[str, Any], body: bytes, **changes: str) -> tuple[int, dict[str, str], bytes]:
    """Send the form as a browser would, the file named data.csv."""
    boundary = uuid.uuid4().hex
    lines = []
    for name, value in {**signed["fields"], **changes}.items():
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{name}"', "", value]
    lines += [f"--{boundary}", 'Content-Disposition: form-data; name="file"; filename="data.csv"', "", ""]
    data = "\r\n".join(lines).encode() + body + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    wanted = urllib.request.Request(signed["url"], data, headers, method="POST")  # noqa: S310 - the region's own
    try:
        with urllib.request.urlopen(wanted, timeout=30) as answer:  # noqa: S310
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def test_a_form_uploads_what_its_policy_allows(s3: Any, sign: Callable[..., Any]) -> None:
    fields = {"Content-Type": "text/csv", "x-amz-meta-owner": "mira", "success_action_status": "201"}
    conditions = [{name: value} for name, value in fields.items()] + [["content-length-range", 1, 5 << 20]]
    signed = sign(BUCKET, "in/${filename}", fields, conditions)
    body = b"1,2\r\n--not a boundary\r\n" * 100_000
    status, headers, reply = post(signed, body)
    assert status == 201
    assert b"<Key>in/data.csv</Key>" in reply
    found = s3.get_object(Bucket=BUCKET, Key="in/data.csv")
    assert found["Body"].read() == body
    assert (found["ContentType"], found["Metadata"]) == ("text/csv", {"owner": "mira"})
    assert headers["etag"] == found["ETag"]


def test_a_form_without_a_wish_is_answered_by_204(s3: Any, sign: Callable[..., Any]) -> None:
    status, _, reply = post(sign(BUCKET, "plain"), b"plain")
    assert (status, reply) == (204, b"")
    assert s3.get_object(Bucket=BUCKET, Key="plain")["Body"].read() == b"plain"


def test_a_form_outside_its_policy_is_refused(s3: Any, sign: Callable[..., Any]) -> None:
    signed = sign(BUCKET, "refused", None, [["content-length-range", 2, 4]])
    for body, code in ((b"1", b"EntityTooSmall"), (b"12345", b"EntityTooLarge")):
        status, _, reply = post(signed, body)
        assert (status, code in reply) == (400, True)
    status, _, reply = post(signed, b"123", key="another")
    assert (status, b"Policy Condition failed" in reply) == (403, True)
    status, _, reply = post(signed, b"123", acl="private")
    assert (status, b"Extra input fields: acl" in reply) == (403, True)
    gone = sign(BUCKET, "refused", ExpiresIn=-1)
    status, _, reply = post(gone, b"123")
    assert (status, b"Policy expired" in reply) == (403, True)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix="refused")


def test_a_form_with_another_signature_is_refused(s3: Any, sign: Callable[..., Any]) -> None:
    signed = sign(BUCKET, "forged")
    name = next(name for name in signed["fields"] if name.lower().endswith("signature"))
    status, _, reply = post(signed, b"1", **{name: "0" * 64})
    assert (status, b"SignatureDoesNotMatch" in reply) == (403, True)
    status, _, reply = post({**signed, "fields": {"key": "forged"}}, b"1")
    assert (status, b"AccessDenied" in reply) == (403, True)
    status, _, reply = post({**signed, "fields": {}}, b"1")
    assert (status, b"named 'key'" in reply) == (400, True)
