"""Content-addressed files: `blobs/ab/abcd...`, written to a temporary file, synced, renamed."""

import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from apps.localregion.store.pieces import PieceSums, Readable
from apps.localregion.store.sealing import Sealer

COPY_BYTES = 1 << 20
SMALL = 64 << 10  # bytes of a file that is synced only under its last name
# On ext4, XFS and btrfs syncing a new file brings its name to the disk too: of a small one that is half the cost.
NAME_GOES_ALONG = sys.platform == "linux"


@dataclass(frozen=True)
class Draft:
    """A whole body in a temporary file: what may become a blob.

    `digest` addresses the file; `sha256`, `md5` and `size` are of the body, which a sealed file holds encrypted.
    """

    path: Path
    digest: str
    md5: str
    size: int
    sha256: str
    sums: bytes
    path_size: int  # bytes of the file
    synced: bool

    @property
    def etag(self) -> str:
        """The body's MD5; as S3 has it, an encrypted object's ETag is something else."""
        return self.md5 if self.digest == self.sha256 else self.digest[:32]


class Drafting:
    """A body on its way in: a temporary file, hashed as it is written, and sealed when there is a key.

    As a context it removes, at its end, what was not adopted.
    """

    def __init__(self, folder: Path, key: bytes | None = None) -> None:
        self._path = folder / secrets.token_hex(16)
        self._file = self._path.open("xb")
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
        self._path.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._sha256.update(data)
        self._md5.update(data)
        self.size += len(data)
        self._keep(data if self._sealer is None else self._sealer.update(data))

    def finish(self, *, durable: bool = True) -> Draft:
        """The finished body; a large one is on the disk now, unless that is not wanted."""
        digest = self._sha256.hexdigest()
        if self._sealer is not None:
            self._keep(self._sealer.finish())
            digest = self._sealed_sha256.hexdigest()
        return self._finished(digest, sync=durable and self.size > SMALL)

    def join(self, parts: Iterable[tuple[str, Readable]], watch: Callable[[bytes], None] | None = None) -> Draft:
        """The parts (digest, body) one after the other, addressed by their digests: no second hashing.

        `watch` sees the bytes as they pass.
        """
        digests = []
        for digest, source in parts:
            digests.append(digest)
            with closing(source):
                while data := source.read(COPY_BYTES):
                    self.size += len(data)
                    self._keep(data)
                    if watch is not None:
                        watch(data)
        joined = hashlib.sha256("".join(digests).encode()).hexdigest()
        return self._finished(f"{joined}-{len(digests)}", sync=True)

    def _keep(self, data: bytes) -> None:
        self._file.write(data)
        self._sums.update(data)
        if self._sealer is not None:
            self._sealed_sha256.update(data)

    def _finished(self, digest: str, *, sync: bool) -> Draft:
        self._file.flush()
        if sync:
            os.fsync(self._file.fileno())
        sha256, md5 = self._sha256.hexdigest(), self._md5.hexdigest()
        return Draft(self._path, digest, md5, self.size, sha256, self._sums.finish(), self._file.tell(), sync)


class Blobs:
    """The folder of blobs.

    Adopting and dropping happen inside a write transaction of the index, hence never at once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drafts = folder / "drafts"
        self._drafts.mkdir(parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        """Where the blob of this digest lies."""
        return self._folder / digest[:2] / digest

    def draft(self, key: bytes | None = None) -> Drafting:
        """A new temporary file to write a body into, sealed with the key if there is one."""
        return Drafting(self._drafts, key)

    def adopt(self, draft: Draft, *, durable: bool = True) -> Path:
        """Make a draft the blob of its digest: after this it survives a loss of power, if that is wanted."""
        path = self.path(draft.digest)
        path.parent.mkdir(exist_ok=True)
        if path.exists():
            if not durable:
                return path  # as good as the draft, or better
            if not draft.synced:
                _sync(draft.path)  # what takes the place of a good blob is no worse at any moment
        draft.path.chmod(0o444)
        draft.path.replace(path)
        if durable and not draft.synced:
            _sync(path)
        if durable and (draft.synced or not NAME_GOES_ALONG):
            _sync(path.parent)
        return path

    def drop(self, digest: str) -> None:
        """Remove a blob; who has it open or hard-linked keeps it."""
        self.path(digest).unlink(missing_ok=True)

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
