"""The raw file of a version, read as often as needed: CSV as a stream from S3, Parquet by a copy on disk."""

import hashlib
from collections.abc import Iterator
from itertools import chain
from types import TracebackType

import polars as pl
from django.conf import settings

from apps.datasets import aws
from apps.datasets.reading.broken import BrokenFile
from apps.datasets.reading.frames import csv_frames, parquet_frames
from apps.datasets.services.holding import Hold

PARQUET_MAGIC = b"PAR1"


class Raw:
    """A raw file; `read_bytes` and `sha256` are those of the reading that goes on, or went through."""

    def __init__(self, hold: Hold) -> None:
        self.hold = hold
        self.version = version = hold.version
        self.read_bytes = 0
        self.digest = hashlib.sha256()
        # its name is the version's, so that a worker that takes over from a dead one overwrites what that one left
        self.copy = settings.FILE_UPLOAD_TEMP_DIR / f"version-{version.pk}.parquet"
        self.copied = False

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.copy.unlink(missing_ok=True)

    @property
    def sha256(self) -> str:
        """The digest of what was read."""
        return self.digest.hexdigest()

    def frames(self) -> Iterator[pl.DataFrame]:
        """All rows, from the first on; raises BrokenFile and AwsFailure."""
        if self.copied:
            yield from parquet_frames(self.copy)
            return
        chunks = self._chunks()
        first = next(chunks, b"")
        if not first.startswith(PARQUET_MAGIC):
            yield from csv_frames(chain([first], chunks))
            return
        aws.save(self._held(chain([first], chunks)), self.copy)
        self.copied = True
        yield from parquet_frames(self.copy)

    def check_unchanged(self) -> None:
        """Once it was read to its end: raise BrokenFile when it is not the file that the version's profile is of."""
        if self.sha256 != self.version.sha256:
            raise BrokenFile("The object in S3 has changed since its columns were read. Register it as a new version.")

    def _held(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks, with the lease renewed as they come: copying a large file takes longer than it lasts."""
        for chunk in chunks:
            if self.hold.is_due():
                self.hold.tell()
            yield chunk

    def _chunks(self) -> Iterator[bytes]:
        self.read_bytes, self.digest = 0, hashlib.sha256()
        for chunk in aws.read(self.version.dataset.workspace, self.version.raw_s3_uri):
            self.read_bytes += len(chunk)
            self.digest.update(chunk)
            yield chunk
