"""Blobs checked as they are read: the CRC of each piece is kept, so that a damaged one is never served."""

import zlib
from functools import partial
from typing import BinaryIO, Protocol

PIECE = 256 << 10  # bytes


class Damaged(Exception):
    """A blob is not what was written."""


class Readable(Protocol):
    """As much of a file as readers of objects need."""

    def seek(self, offset: int, /) -> int:
        """Go to a byte."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, perhaps fewer than asked for; none at the end. Raises Damaged."""

    def close(self) -> None:
        """Let go of the file."""


class PieceSums:
    """The CRC-32 of every piece of what passes, four bytes each."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._crc, self._room = 0, PIECE

    def update(self, data: bytes) -> None:
        """Add bytes."""
        view = memoryview(data)
        while view:
            part = view[: self._room]
            self._crc = zlib.crc32(part, self._crc)
            self._room -= len(part)
            view = view[len(part) :]
            if self._room == 0:
                self._close_piece()

    def finish(self) -> bytes:
        """The sums of all pieces, the last of which may be shorter."""
        if self._room < PIECE:
            self._close_piece()
        return bytes(self._done)

    def _close_piece(self) -> None:
        self._done += self._crc.to_bytes(4, "big")
        self._crc, self._room = 0, PIECE


class PieceReader:
    """A blob from any byte on, each piece checked before a byte of it is handed out."""

    def __init__(self, file: BinaryIO, size: int, sums: bytes, name: str) -> None:
        self._file, self._name = file, name
        self._size, self._sums = size, sums
        self._at = 0
        self._number, self._piece = -1, b""

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def seek(self, offset: int, /) -> int:
        """Go to a byte."""
        self._at = offset
        return offset

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most to the end of a piece, or without a size all that follow; raises Damaged."""
        if size < 0:
            return b"".join(iter(partial(self.read, PIECE), b""))
        if size == 0 or self._at >= self._size:
            return b""
        number, start = divmod(self._at, PIECE)
        if number != self._number:
            self._piece = self._load(number)
            self._number = number
        found = self._piece[start : start + size]
        self._at += len(found)
        return found

    def _load(self, number: int) -> bytes:
        self._file.seek(number * PIECE)
        data = self._file.read(PIECE)
        length = min(PIECE, self._size - number * PIECE)
        if len(data) != length or zlib.crc32(data).to_bytes(4, "big") != self._sums[number * 4 : number * 4 + 4]:
            raise Damaged(f"the blob {self._name} is damaged in the {length} bytes from {number * PIECE} on")
        return data
