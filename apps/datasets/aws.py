"""The S3 calls of data sets: objects are written in parts and read as streams, never held as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from apps.aws import clients
from apps.aws.account import ensure_bucket
from apps.aws.errors import Missing, translated
from apps.aws.models import Workspace

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: parts have 5 MiB or more, but for the last.
PART_BYTES = 8 * 1024 * 1024
MAX_PARTS = 10_000
READ_BYTES = 2 * 1024 * 1024
CSV = "text/csv"


@dataclass(frozen=True)
class Stored:
    """An object that exists: where, and its size in bytes."""

    bucket: str
    key: str
    size: int


def put(workspace: Workspace, key: str, body: bytes, content_type: str) -> str:
    """Store one small object in the workspace's bucket and answer its S3 URI."""
    bucket = ensure_bucket(workspace)
    with translated():
        clients.s3(workspace).put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
    return f"s3://{bucket}/{key}"


def begin(workspace: Workspace, key: str) -> tuple[str, str]:
    """Begin an object in parts; answers its bucket and the upload's id."""
    bucket = ensure_bucket(workspace)
    with translated():
        answer = clients.s3(workspace).create_multipart_upload(Bucket=bucket, Key=key)
    return bucket, answer["UploadId"]


def put_part(workspace: Workspace, where: tuple[str, str, str], number: int, body: bytes) -> str:
    """Store part `number` (from 1; once more does no harm) of (bucket, key, upload id); answers its ETag."""
    bucket, key, upload_id = where
    with translated():
        answer = clients.s3(workspace).upload_part(
            Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
        )
    return answer["ETag"]


def complete(workspace: Workspace, where: tuple[str, str, str], etags: Sequence[str]) -> None:
    """Make the object of its parts; raises Missing when the upload is over already."""
    bucket, key, upload_id = where
    parts: list[CompletedPartTypeDef] = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
    with translated():
        clients.s3(workspace).complete_multipart_upload(
            Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )


def abort(workspace: Workspace, bucket: str, key: str) -> None:
    """End every upload to this key, also one whose id was never written down."""
    client = clients.s3(workspace)
    with translated():
        found = client.list_multipart_uploads(Bucket=bucket, Prefix=key).get("Uploads", [])
        for upload in found:
            if upload["Key"] == key:
                client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload["UploadId"])


def look(workspace: Workspace, uri: str) -> Stored:
    """The object at an S3 URI; raises Missing when there is none."""
    bucket, key = split(uri)
    with translated():
        answer = clients.s3(workspace).head_object(Bucket=bucket, Key=key)
    return Stored(bucket, key, answer["ContentLength"])


def read(workspace: Workspace, uri: str) -> Iterator[bytes]:
    """The object's bytes, READ_BYTES at a time but for the last."""
    bucket, key = split(uri)
    with translated():
        body = clients.s3(workspace).get_object(Bucket=bucket, Key=key)["Body"]
        try:
            while chunk := body.read(READ_BYTES):
                yield chunk
        finally:
            body.close()


def save(chunks: Iterator[bytes], path: Path) -> None:
    """Write a stream to a file of its own."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)


def delete(workspace: Workspace, uri: str) -> None:
    """Remove the object; harmless when there is none, or no bucket."""
    bucket, key = split(uri)
    try:
        with translated():
            clients.s3(workspace).delete_object(Bucket=bucket, Key=key)
    except Missing:
        return


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of an S3 URI."""
    parts = urlsplit(uri, allow_fragments=False)
    return parts.netloc, uri.removeprefix(f"s3://{parts.netloc}/")


class ObjectWriter:
    """An object written piece by piece; it exists only once `close` has returned."""

    def __init__(self, workspace: Workspace, key: str) -> None:
        self.workspace, self.key = workspace, key
        self.buffer = bytearray()
        self.where: tuple[str, str, str] | None = None
        self.etags: list[str] = []
        self.size = 0

    def write(self, body: bytes) -> None:
        """Add these bytes, storing a part when there are enough."""
        self.buffer += body
        self.size += len(body)
        while len(self.buffer) >= PART_BYTES:
            self._store(bytes(self.buffer[:PART_BYTES]))
            del self.buffer[:PART_BYTES]

    def _store(self, body: bytes) -> None:
        if self.where is None:
            bucket, upload_id = begin(self.workspace, self.key)
            self.where = (bucket, self.key, upload_id)
        self.etags.append(put_part(self.workspace, self.where, len(self.etags) + 1, body))

    def close(self) -> str:
        """Store the rest and make the object; answers its S3 URI."""
        if self.where is None:
            return put(self.workspace, self.key, bytes(self.buffer), CSV)
        if self.buffer:
            self._store(bytes(self.buffer))
        complete(self.workspace, self.where, self.etags)
        return f"s3://{self.where[0]}/{self.key}"

    def abort(self) -> None:
        """Leave nothing behind of an object that is not to be."""
        if self.where is not None:
            abort(self.workspace, self.where[0], self.key)
