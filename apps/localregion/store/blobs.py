"""Content-addressed files: `blobs/ab/abcd...`, written to a temporary file, synced, renamed."""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class Draft:
    """A whole body in a temporary file, synced: what may become a blob."""

    path: Path
    digest: str
    md5: str
    size: int


class Drafting:
    """A body on its way in: a temporary file, hashed as it is written.

    As a context it removes, at its end, what was not adopted.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / secrets.token_hex(16)
        self._file = self._path.open("xb")
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5(usedforsecurity=False)
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
        self._file.write(data)
        self._sha256.update(data)
        self._md5.update(data)
        self.size += len(data)

    def finish(self) -> Draft:
        """The finished body, on the disk."""
        _sync(self._file.fileno(), self._file.flush)
        return Draft(self._path, self._sha256.hexdigest(), self._md5.hexdigest(), self.size)

    def join(self, parts: list[tuple[str, Path]], watch: Callable[[bytes], None] | None = None) -> Draft:
        """The parts (digest, file) one after the other, addressed by their digests: no second hashing.

        `watch` sees the bytes as they pass.
        """
        for _, path in parts:
            with path.open("rb") as source:
                while data := source.read(COPY_BYTES):
                    self._file.write(data)
                    if watch is not None:
                        watch(data)
        _sync(self._file.fileno(), self._file.flush)
        digest = hashlib.sha256("".join(digest for digest, _ in parts).encode()).hexdigest()
        return Draft(self._path, f"{digest}-{len(parts)}", "", self._path.stat().st_size)


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

    def draft(self) -> Drafting:
        """A new temporary file to write a body into."""
        return Drafting(self._drafts)

    def adopt(self, draft: Draft) -> Path:
        """Make a draft the blob of its digest: after this it survives a loss of power."""
        path = self.path(draft.digest)
        path.parent.mkdir(exist_ok=True)
        draft.path.chmod(0o444)
        draft.path.replace(path)
        _sync_folder(path.parent)
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


def _sync(descriptor: int, flush: Callable[[], None]) -> None:
    flush()
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
