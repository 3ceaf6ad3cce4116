"""Puts into S3 what a job leaves behind: its model and its output data, packed or as they are."""

import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from apps.localregion.compute import s3uri
from apps.localregion.compute.folder import HostFolder
from apps.localregion.errors import AwsError
from apps.localregion.store.objects import Objects

# Speed before size: models are mostly numbers that hardly shrink further.
COMPRESSION = 1


class UploadFailed(Exception):
    """An artifact could not be stored; the text goes into FailureReason."""


def upload(
    objects: Objects, hosts: Sequence[HostFolder], output: str, *, packed: bool, keep_model: bool, completed: bool
) -> str:
    """Put the job's artifacts under the S3 address `output`; answers the model's address, or "" without one.

    What the instances leave is merged; of files with one name the first instance's stays. A completed job always
    has a model, another only if it wrote something and `keep_model`. Doing it again stores the same again.
    Raises UploadFailed.
    """
    model, data = _merged(hosts, "model"), _merged(hosts, "output/data")
    kept = completed or (keep_model and bool(model))
    store = _store_packed if packed else _store_files
    scratch = hosts[0].path / "packed.tar.gz"
    address = store(objects, model, s3uri.join(output, "model"), scratch) if kept else ""
    if data:
        # With its own name, as the folder is called data.
        store(objects, data, s3uri.join(output, "output" if packed else "data"), scratch)
    return address


def _merged(hosts: Sequence[HostFolder], part: str) -> dict[str, Path]:
    """The files and the empty folders below a part of /opt/ml, by their names there."""
    found: dict[str, Path] = {}
    for host in hosts:
        folder = host.ml / part
        for path in _leaves(folder):
            found.setdefault(path.relative_to(folder).as_posix(), path)
    return dict(sorted(found.items()))


def _leaves(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink() and any(path.iterdir()):
            yield from _leaves(path)
        else:
            yield path


def _store_packed(objects: Objects, files: dict[str, Path], address: str, scratch: Path) -> str:
    address = f"{address}.tar.gz"
    try:
        with tarfile.open(scratch, "w:gz", compresslevel=COMPRESSION) as archive:
            for name, path in files.items():
                archive.add(path, name, recursive=False)
        _put(objects, address, scratch, "application/x-tar")
    except OSError as error:
        raise UploadFailed(f"{address}: {error.strerror}") from error
    finally:
        scratch.unlink(missing_ok=True)
    return address


def _store_files(objects: Objects, files: dict[str, Path], address: str, scratch: Path) -> str:
    for name, path in files.items():
        if path.is_file():
            _put(objects, s3uri.join(address, name), path, "binary/octet-stream")
    return f"{address}/"


def _put(objects: Objects, address: str, path: Path, content_type: str) -> None:
    bucket, key = s3uri.split(address)
    try:
        objects.put_file(bucket, key, path, content_type=content_type)
    except AwsError as error:
        raise UploadFailed(f"{address}: {error.message}") from error
    except OSError as error:
        raise UploadFailed(f"{address}: {error.strerror}") from error
