"""Packs what a job leaves behind and puts it into S3: model.tar.gz and output.tar.gz."""

import tarfile
from pathlib import Path

from apps.localregion.compute import s3uri
from apps.localregion.compute.folder import JobFolder
from apps.localregion.errors import AwsError
from apps.localregion.store.objects import Objects

# Speed before size: models are mostly numbers that hardly shrink further.
COMPRESSION = 1


class UploadFailed(Exception):
    """An artifact could not be stored; the text goes into FailureReason."""


def upload(objects: Objects, folder: JobFolder, output: str, *, keep_model: bool, completed: bool) -> str:
    """Put the job's artifacts under the S3 address `output`; answers the model's address, or "" without one.

    A completed job always has a model.tar.gz, another only if it wrote something and `keep_model`.
    Doing it again stores the same again. Raises UploadFailed.
    """
    model = folder.ml / "model"
    kept = completed or (keep_model and any(model.iterdir()))
    address = _store(objects, folder, model, s3uri.join(output, "model.tar.gz")) if kept else ""
    data = folder.ml / "output" / "data"
    if any(data.iterdir()):
        _store(objects, folder, data, s3uri.join(output, "output.tar.gz"))
    return address


def _store(objects: Objects, folder: JobFolder, source: Path, address: str) -> str:
    bucket, key = s3uri.split(address)
    packed = folder.path / "packed.tar.gz"
    try:
        with tarfile.open(packed, "w:gz", compresslevel=COMPRESSION) as archive:
            for path in sorted(source.iterdir()):
                archive.add(path, path.name)
        objects.put_file(bucket, key, packed, content_type="application/x-tar")
    except AwsError as error:
        raise UploadFailed(f"{address}: {error.message}") from error
    except OSError as error:
        raise UploadFailed(f"{address}: {error.strerror}") from error
    finally:
        packed.unlink(missing_ok=True)
    return address
