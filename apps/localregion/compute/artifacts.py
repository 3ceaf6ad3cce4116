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


class Artifacts:
    """Stores under the S3 address `output`, packed or file by file, encrypted if a kms key is named."""

    def __init__(self, objects: Objects, hosts: Sequence[HostFolder], output: str, *, packed: bool, key: str) -> None:
        self._objects = objects
        self._hosts = hosts
        self._output = output
        self._packed = packed
        self._key = key

    def upload(self, *, keep_model: bool, completed: bool) -> str:
        """Store model and data; answers the model's address, or "" without one.

        What the instances leave is merged; of files with one name the first instance's stays. A completed job
        always has a model, another only if it wrote something and `keep_model`. Doing it again stores the same
        again. Raises UploadFailed.
        """
        model, data = _merged(self._hosts, "model"), _merged(self._hosts, "output/data")
        kept = completed or (keep_model and bool(model))
        store = self._store_packed if self._packed else self._store_files
        address = store(model, "model") if kept else ""
        if data:
            store(data, "output" if self._packed else "data")
        return address

    def _store_packed(self, files: dict[str, Path], name: str) -> str:
        address, scratch = s3uri.join(self._output, f"{name}.tar.gz"), self._hosts[0].temporary / "packed.tar.gz"
        try:
            with tarfile.open(scratch, "w:gz", compresslevel=COMPRESSION) as archive:
                for member, path in files.items():
                    archive.add(path, member, recursive=False)
            self._put(address, scratch, "application/x-tar")
        except OSError as error:
            raise UploadFailed(f"{address}: {error.strerror}") from error
        finally:
            scratch.unlink(missing_ok=True)
        return address

    def _store_files(self, files: dict[str, Path], name: str) -> str:
        address = s3uri.join(self._output, name)
        for member, path in files.items():
            if path.is_file():
                self._put(s3uri.join(address, member), path, "binary/octet-stream")
        return f"{address}/"

    def _put(self, address: str, path: Path, content_type: str) -> None:
        bucket, key = s3uri.split(address)
        try:
            self._objects.put_file(bucket, key, path, content_type=content_type, kms_key=self._key)
        except AwsError as error:
            raise UploadFailed(f"{address}: {error.message or error.code}") from error
        except OSError as error:
            raise UploadFailed(f"{address}: {error.strerror}") from error


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
