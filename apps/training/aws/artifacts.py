"""What a job leaves in S3."""

import tarfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, cast

from apps.aws import clients
from apps.aws.errors import Missing, translated
from apps.aws.models import Workspace
from apps.datasets.aws import look, split
from apps.training.models import TrainingJob

DOWNLOAD_CHUNK = 256 * 1024
# How far into an archive one looks for what it holds; bytes unpacked.
MOST_FILES = 200
MOST_BYTES = 2_000_000_000


@dataclass(frozen=True)
class ModelArchive:
    """A model.tar.gz on its way to the browser."""

    filename: str
    size: int
    chunks: Iterator[bytes]


def model_archive(job: TrainingJob) -> ModelArchive:
    """Open the job's model artifact; raises Missing when it has none or it was deleted."""
    if not job.model_s3_uri:
        raise Missing("this job has no model artifact")
    bucket, key = split(job.model_s3_uri)
    with translated():
        answer = clients.s3(job.workspace).get_object(Bucket=bucket, Key=key)
    return ModelArchive(f"{job.name}-model.tar.gz", answer["ContentLength"], answer["Body"].iter_chunks(DOWNLOAD_CHUNK))


def object_size(workspace: Workspace, s3_uri: str) -> int | None:
    """Bytes of an S3 object, None when it is not there."""
    try:
        return look(workspace, s3_uri).size
    except Missing:
        return None


def archive_files(workspace: Workspace, s3_uri: str) -> tuple[list[tuple[str, int]], bool]:
    """What `files_in` finds in a tar.gz in S3; raises Missing when it is not there."""
    bucket, key = split(s3_uri)
    with translated():
        body = clients.s3(workspace).get_object(Bucket=bucket, Key=key)["Body"]
    with body:
        return files_in(cast("IO[bytes]", body))


def files_in(stream: IO[bytes]) -> tuple[list[tuple[str, int]], bool]:
    """The files in a tar.gz with their bytes, and whether that is all: of a large one only the beginning is read.

    What is no archive holds no files; a broken one those before the break.
    """
    files: list[tuple[str, int]] = []
    unreadable = suppress(tarfile.TarError, EOFError, OSError, zlib.error)
    with unreadable, tarfile.open(fileobj=stream, mode="r|gz") as archive:
        for member in archive:
            if len(files) == MOST_FILES or archive.offset > MOST_BYTES:
                return files, False
            if member.isfile():
                files.append((member.name, member.size))
    return files, True
