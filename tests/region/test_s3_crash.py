"""S3 through SIGKILL: an object is the old one or the new one, and nothing unnamed stays on the disk."""

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.region.conftest import RegionProcess

NO_RETRY = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20)
BUCKET = "crash"


def blobs(region: RegionProcess) -> set[str]:
    """The digests of the blobs on the disk; drafts too, under their folder's name."""
    return {path.name for path in (region.home / "blobs").rglob("*") if path.is_file()}


def test_what_was_answered_survives_a_kill(private_region: RegionProcess) -> None:
    s3 = private_region.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="kept", Body=b"kept", Metadata={"a": "1"})
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="later")["UploadId"]
    named = {"Bucket": BUCKET, "Key": "later", "UploadId": upload}
    etag = s3.upload_part(**named, PartNumber=1, Body=b"part")["ETag"]
    private_region.kill()
    private_region.start()
    found = s3.get_object(Bucket=BUCKET, Key="kept")
    assert (found["Body"].read(), found["Metadata"]) == (b"kept", {"a": "1"})
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert s3.get_object(Bucket=BUCKET, Key="later")["Body"].read() == b"part"


def test_an_upload_whose_completion_got_no_answer_is_completed_by_asking_again(private_region: RegionProcess) -> None:
    s3 = private_region.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    named = {"Bucket": BUCKET, "Key": "asked twice"}
    named["UploadId"] = s3.create_multipart_upload(**named)["UploadId"]
    parts = [{"PartNumber": 1, "ETag": s3.upload_part(**named, PartNumber=1, Body=b"part")["ETag"]}]
    first = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    private_region.kill()
    private_region.start()
    again = s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert again["ETag"] == first["ETag"]
    assert s3.get_object(Bucket=BUCKET, Key="asked twice")["Body"].read() == b"part"


def test_a_kill_amid_writes_leaves_whole_objects_and_no_rubbish(private_region: RegionProcess) -> None:
    private_region.client("s3").create_bucket(Bucket=BUCKET)
    sent: set[str] = set()
    for _ in range(3):
        writers = [threading.Thread(target=write, args=(private_region, number, sent)) for number in range(3)]
        for writer in writers:
            writer.start()
        while writers[0].is_alive() and len(sent) < 9:  # each has put some and is amid another
            writers[0].join(0.01)
        private_region.kill()
        for writer in writers:
            writer.join()
        private_region.start()
        sent.clear()
        assert check(private_region) > 0


def write(region: RegionProcess, number: int, sent: set[str]) -> None:
    """Put objects, each with its own digest in its metadata, until the region is gone."""
    s3: Any = region.client("s3", NO_RETRY)
    try:
        while True:
            body = os.urandom(1 << 20)
            digest = hashlib.sha256(body).hexdigest()
            sent.add(digest)
            s3.put_object(Bucket=BUCKET, Key=f"object-{number}", Body=body, Metadata={"digest": digest})
    except (BotoCoreError, ClientError):
        return


def check(region: RegionProcess) -> int:
    """Every object is whole, and the blobs on the disk are just those that objects name; answers their number."""
    s3 = region.client("s3")
    named = set()
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        found = s3.get_object(Bucket=BUCKET, Key=item["Key"])
        digest = hashlib.sha256(found["Body"].read()).hexdigest()
        assert digest == found["Metadata"]["digest"]
        named.add(digest)
    assert blobs(region) == named
    return len(named)


def test_blobs_nobody_names_and_drafts_go_at_the_next_start(private_region: RegionProcess) -> None:
    s3 = private_region.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="kept", Body=b"kept")
    s3.put_object(Bucket=BUCKET, Key="large", Body=b"large" * 10_000)
    kept = blobs(private_region)
    private_region.stop()
    for stray in ("ab/" + "ab" * 32, "drafts/half"):
        path = private_region.home / "blobs" / stray
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left behind")
    private_region.start()
    assert blobs(private_region) == kept
    assert s3.get_object(Bucket=BUCKET, Key="kept")["Body"].read() == b"kept"


def test_equal_bytes_are_stored_once_and_freed_with_their_last_name(region: RegionProcess) -> None:
    s3 = region.client("s3")
    s3.create_bucket(Bucket="shared")
    body = os.urandom(20_000)
    digest = hashlib.sha256(body).hexdigest()
    path = Path(region.home / "blobs" / digest[:2] / digest)
    for key in ("one", "two"):
        s3.put_object(Bucket="shared", Key=key, Body=body)
    s3.put_object(Bucket="shared", Key="one", Body=b"replaced")
    assert path.exists()
    s3.delete_object(Bucket="shared", Key="two")
    assert not path.exists()
