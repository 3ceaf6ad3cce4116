"""What a job leaves in S3."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from apps.aws import clients
from apps.aws.errors import Missing, translated
from apps.aws.models import Workspace
from apps.training.models import TrainingJob

DOWNLOAD_CHUNK = 256 * 1024


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
    where = urlsplit(job.model_s3_uri)
    with translated():
        answer = clients.s3(job.workspace).get_object(Bucket=where.netloc, Key=where.path.lstrip("/"))
    return ModelArchive(f"{job.name}-model.tar.gz", answer["ContentLength"], answer["Body"].iter_chunks(DOWNLOAD_CHUNK))


def object_size(workspace: Workspace, s3_uri: str) -> int | None:
    """Bytes of an S3 object, None when it is not there."""
    where = urlsplit(s3_uri)
    try:
        with translated():
            answer = clients.s3(workspace).head_object(Bucket=where.netloc, Key=where.path.lstrip("/"))
    except Missing:
        return None
    return answer["ContentLength"]


def delete_object(workspace: Workspace, s3_uri: str) -> None:
    """Delete an S3 object; no matter when it is gone already."""
    where = urlsplit(s3_uri)
    with translated():
        clients.s3(workspace).delete_object(Bucket=where.netloc, Key=where.path.lstrip("/"))
