"""A file from a browser or a program to S3, part by part: cut off at any moment, it goes on where the row says."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.aws.errors import AwsFailure, Missing
from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import Refusal
from apps.datasets import aws
from apps.datasets.models import HOLDOUT, DatasetVersion, Upload
from apps.datasets.queries import unfinished
from apps.datasets.services.versions import RawFile, add_version

log = logging.getLogger(__name__)

# An upload that nobody has gone on with for so long is given up.
LIFETIME = timedelta(days=3)


class WrongOffset(Refusal):
    """The part does not begin where the upload stands; `offset` is where it does."""

    status = 409

    def __init__(self, offset: int) -> None:
        super().__init__(f"The upload stands at byte {offset}: go on from there.", "offset")
        self.offset = offset


def part_bytes(size: int) -> int:
    """How large each part must be, so that there are not too many; bytes, whole MiB."""
    mebibyte = 1024 * 1024
    return max(aws.PART_BYTES, -(-size // (aws.MAX_PARTS * mebibyte)) * mebibyte)


def begin_upload(
    workspace: Workspace,
    owner: User,
    *,
    name: str,
    filename: str,
    size: int,
    fingerprint: str = "",
    target: str = "",
    holdout: int = HOLDOUT,
) -> Upload:
    """A new upload, or the unfinished one of the same file by the same person."""
    expires = clock.now() + LIFETIME
    if fingerprint:
        same = unfinished(workspace, owner).filter(fingerprint=fingerprint, size_bytes=size).first()
        if same:
            same.name, same.target, same.holdout, same.expires_at = name, target, holdout, expires
            same.save(update_fields=["name", "target", "holdout", "expires_at"])
            return same
    upload = Upload(workspace=workspace, owner=owner, name=name, filename=filename, size_bytes=size,
                    fingerprint=fingerprint, target=target, holdout=holdout, expires_at=expires,
                    part_bytes=part_bytes(size))  # fmt: skip
    upload.key = f"datasets/{name}/raw/{upload.id.hex}/{_safe(filename)}"
    upload.save(force_insert=True)
    return upload


def _safe(filename: str) -> str:
    """A file's name as a part of a key: without what AWS advises against."""
    kept = "".join(mark if mark.isalnum() or mark in "-_." else "-" for mark in filename)
    return kept[-200:] or "data"


def append(upload: Upload, offset: int, body: bytes) -> Upload:
    """Store the next part. One that came before is stored again, harmlessly; raises WrongOffset, Refusal."""
    expected = min(upload.part_bytes, upload.size_bytes - upload.offset)
    if offset != upload.offset:
        raise WrongOffset(upload.offset)
    if len(body) != expected or not body:
        raise Refusal(f"The part at byte {offset} must have {expected} bytes, not {len(body)}.", "body")
    if not upload.upload_id:
        _begin_object(upload)
    where = (upload.bucket, upload.key, upload.upload_id)
    etag = aws.put_part(upload.workspace, where, len(upload.etags) + 1, body)
    moved = Upload.objects.filter(pk=upload.pk, offset=offset, upload_id=upload.upload_id).update(
        offset=offset + len(body), etags=[*upload.etags, etag], expires_at=clock.now() + LIFETIME
    )
    upload.refresh_from_db()
    if not moved:
        raise WrongOffset(upload.offset)
    return upload


def _begin_object(upload: Upload) -> None:
    """Ask S3 for the upload; of two at once one is kept, and `finish` or `cancel` ends the other."""
    bucket, upload_id = aws.begin(upload.workspace, upload.key)
    Upload.objects.filter(pk=upload.pk, upload_id="").update(bucket=bucket, upload_id=upload_id)
    upload.refresh_from_db()


def finish(upload: Upload) -> DatasetVersion:
    """Make the object of its parts and a version of it; done twice, for S3 or here, it is one."""
    if upload.offset != upload.size_bytes or not upload.etags:
        raise WrongOffset(upload.offset)
    uri = f"s3://{upload.bucket}/{upload.key}"
    try:
        aws.complete(upload.workspace, (upload.bucket, upload.key, upload.upload_id), upload.etags)
    except Missing:
        if aws.look(upload.workspace, uri).size != upload.size_bytes:
            raise
    aws.abort(upload.workspace, upload.bucket, upload.key)
    with transaction.atomic():
        if not Upload.objects.filter(pk=upload.pk).delete()[0]:
            raise Refusal("This upload was finished or cancelled already.", "upload")
        file = RawFile(uri, upload.filename, upload.size_bytes)
        return add_version(upload.workspace, upload.owner, upload.name, file, upload.target, upload.holdout)


def upload_whole(upload: Upload, read: Callable[[int], bytes]) -> DatasetVersion:
    """A file that came in one request, read a part at a time, to S3."""
    try:
        for part in iter(lambda: read(upload.part_bytes), b""):
            append(upload, upload.offset, part)
        return finish(upload)
    except BaseException:
        cancel(upload)
        raise


def cancel(upload: Upload) -> None:
    """Give up: S3 forgets the parts, then the console does."""
    if upload.bucket:
        aws.abort(upload.workspace, upload.bucket, upload.key)
    Upload.objects.filter(pk=upload.pk).delete()


def expire() -> None:
    """Give up what nobody went on with; what S3 does not want to forget now is asked again by the next sweep."""
    for upload in _expired():
        try:
            cancel(upload)
        except AwsFailure as error:
            log.warning("%s is not given up yet: %s", upload, error.message)
            Upload.objects.filter(pk=upload.pk).update(expires_at=clock.after(hours=1))


def _expired() -> Iterator[Upload]:
    yield from Upload.objects.filter(expires_at__lte=clock.now()).select_related("workspace")[:20]
