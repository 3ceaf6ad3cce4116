"""Bodies on their way in, and content-addressed files: `blobs/ab/abcd...`, written elsewhere, synced, renamed.

A small body never becomes a file: it stays in memory and then lies in the index, which syncs it with its row.
"""

import hashlib
import os
import secrets
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from apps.localregion.store.pieces import PieceSums
from apps.localregion.store.sealing import Sealer

COPY_BYTES = 1 << 20
INLINE = 16 << 10  # bytes, at most, of a body that lies in the index
SMALL = 64 << 10  # bytes of a file that is synced only under its last name
# On ext4, XFS and btrfs syncing a new file brings its name to the disk too: of a small one that is half the cost.
NAME_GOES_ALONG = sys.platform == "linux"


@dataclass(frozen=True)
class Draft:
    """A whole body in a temporary file, or in memory: what may become a blob.

    `digest` addresses the stored bytes; `sha256`, `md5` and `size` are of the body, which is stored sealed or as it is.
    """

    path: Path | None
    stored: bytes  # where there is no file
    digest: str
    md5: str
    size: int
    sha256: str
    sums: bytes
    stored_size: int
    synced: bool

    @property
    def etag(self) -> str:
        """The body's MD5; as S3 has it, an encrypted object's ETag is something else."""
        return self.md5 if self.digest == self.sha256 else self.digest[:32]

    def open(self) -> BinaryIO:
        """What is stored, to be read."""
        return BytesIO(self.stored) if self.path is None else self.path.open("rb")


class Drafting:
    """A body on its way in: hashed as it is written, sealed when there is a key, in a file when it is large.

    As a context it removes, at its end, what was not adopted.
    """

    def __init__(self, folder: Path, key: bytes | None = None) -> None:
        self._folder = folder
        self._path: Path | None = None
        self._file: BinaryIO = BytesIO()
        self._stored_size = 0
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sealer = Sealer(key) if key is not None else None
        self._sealed_sha256 = hashlib.sha256()
        self._sums = PieceSums()
        self.size = 0

    def __enter__(self) -> "Drafting":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._sha256.update(data)
        self._md5.update(data)
        self.size += len(data)
        self._keep(data if self._sealer is None else self._sealer.update(data))

    def finish(self) -> Draft:
        """The finished body; a large one is on the disk now."""
        digest = self._sha256.hexdigest()
        if self._sealer is not None:
            self._keep(self._sealer.finish())
            digest = self._sealed_sha256.hexdigest()
        self._file.flush()
        sync = self._stored_size > SMALL
        if sync:
            os.fsync(self._file.fileno())
        stored = self._file.getvalue() if isinstance(self._file, BytesIO) else b""
        sha256, md5, sums = self._sha256.hexdigest(), self._md5.hexdigest(), self._sums.finish()
        return Draft(self._path, stored, digest, md5, self.size, sha256, sums, self._stored_size, sync)

    def _keep(self, data: bytes) -> None:
        self._stored_size += len(data)
        if self._path is None and self._stored_size > INLINE:
            self._spill()
        self._file.write(data)
        self._sums.update(data)
        if self._sealer is not None:
            self._sealed_sha256.update(data)

    def _spill(self) -> None:
        """Go on in a file: the body is too large for the index."""
        begun = self._file.getvalue() if isinstance(self._file, BytesIO) else b""
        path = self._folder / secrets.token_hex(16)
        self._file, self._path = path.open("xb"), path
        self._file.write(begun)


class Blobs:
    """The folder of blobs.

    Adopting and dropping happen inside a write transaction of the index, hence never at once. What a reader holds
    is not dropped before it lets go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drafts = folder / "drafts"
        self._drafts.mkdir(parents=True, exist_ok=True)
        self._held: Counter[str] = Counter()
        self._late: set[str] = set()  # held ones that were to be dropped
        self._holding = threading.Lock()

    def path(self, digest: str) -> Path:
        """Where the blob of this digest lies."""
        return self._folder / digest[:2] / digest

    def draft(self, key: bytes | None = None) -> Drafting:
        """Something to write a body into, which is sealed with the key if there is one."""
        return Drafting(self._drafts, key)

    def adopt(self, draft: Draft) -> None:
        """Make a draft's file the blob of its digest: after this it survives a loss of power."""
        if draft.path is None:
            return
        path = self.path(draft.digest)
        path.parent.mkdir(exist_ok=True)
        if path.exists() and not draft.synced:
            _sync(draft.path)  # what takes the place of a good blob is no worse at any moment
        draft.path.chmod(0o444)
        draft.path.replace(path)
        if not draft.synced:
            _sync(path)
        if draft.synced or not NAME_GOES_ALONG:
            _sync(path.parent)

    def drop(self, digest: str) -> None:
        """Remove a blob, unless a reader holds it; who has it open or hard-linked keeps it."""
        with self._holding:
            if self._held[digest]:
                self._late.add(digest)
            else:
                del self._held[digest]
                self.path(digest).unlink(missing_ok=True)

    def hold(self, digests: Iterable[str]) -> None:
        """Keep these from being dropped, until `release`."""
        with self._holding:
            self._held.update(digests)

    def release(self, digests: Iterable[str]) -> list[str]:
        """Let go of these; answers those that were to be dropped meanwhile."""
        with self._holding:
            self._held.subtract(digests)
            free = [digest for digest in set(digests) if not self._held[digest]]
            for digest in free:
                del self._held[digest]
            late = [digest for digest in free if digest in self._late]
            self._late.difference_update(late)
        return late

    def stored(self) -> Iterator[str]:
        """The digest of each blob on the disk."""
        for folder in self._folder.iterdir():
            if folder != self._drafts:
                yield from (path.name for path in folder.iterdir())

    def clear_drafts(self) -> None:
        """Remove the drafts that a crash left behind."""
        for path in self._drafts.iterdir():
            path.unlink()


def link_blob(blob: Path, target: Path) -> None:
    """Another name for the blob, or a copy where there can be none."""
    try:
        os.link(blob, target)
    except FileExistsError:
        raise
    except OSError:  # another volume, or too many links to one file
        copy_blob(blob, target)


def copy_blob(blob: Path, target: Path) -> None:
    """A copy, through the kernel, which shares the blocks where the file system can."""
    if not hasattr(os, "copy_file_range"):
        shutil.copyfile(blob, target)
        return
    with blob.open("rb") as source, target.open("xb") as copy:
        left = os.fstat(source.fileno()).st_size
        while left > 0 and (done := os.copy_file_range(source.fileno(), copy.fileno(), left)):
            left -= done


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
