"""Bringing users' training programs into S3: an upload at once, a git repository when the worker submits the job."""

from django.core.files.uploadedfile import UploadedFile

from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.training.aws.sources import put_source
from apps.training.models import TrainingJob
from apps.training.sources import MAX_BYTES, from_git, from_upload


def bring_upload(workspace: Workspace, upload: "UploadedFile[bytes]", program: str) -> dict[str, str]:
    """Store an uploaded program; answers its S3 URI and the program's name. Raises Refusal for what is no program."""
    if (upload.size or 0) > MAX_BYTES:
        raise Refusal(f"A program may have {MAX_BYTES // 1_000_000} MB at most; put data into S3.", "script")
    source = from_upload(upload.name or "", upload.read(), program)
    return {"source_s3_uri": put_source(workspace, source.archive), "program": source.program}


def bring_from_git(job: TrainingJob) -> None:
    """Fetch the job's program from git into S3, and note the commit that it is."""
    asked = job.source
    found = from_git(asked["git_url"], asked.get("git_ref", ""), asked["program"], asked.get("folder", ""))
    job.source = asked | {"s3_uri": put_source(job.workspace, found.archive), "git_commit": found.commit}
    TrainingJob.objects.filter(pk=job.pk).update(source=job.source)
