"""Blobs encrypted at rest: AES-256-GCM, piece by piece, so that any stretch can be read.

A sealed blob is a salt of 32 bytes and then pieces of the plain bytes, each with its tag behind it. Their key is
derived from the salt, hence no two blobs share one, and a piece's nonce is its number; the last piece is marked as
such, so that none can be cut off.
"""

import hashlib
import os
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial
from itertools import accumulate

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from apps.localregion.store.pieces import PIECE, Damaged, Readable

SALT, TAG = 32, 16  # bytes
LAST, MORE = b"last", b"more"


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"mlconsole blob").derive(key))


class Sealer:
    """Turns plain bytes into sealed ones as they pass."""

    def __init__(self, key: bytes) -> None:
        self._salt = os.urandom(SALT)
        self._aead = _cipher(key, self._salt)
        self._pending = bytearray()
        self._number = 0

    def update(self, data: bytes) -> bytes:
        """The sealed bytes that are ready after these plain ones."""
        self._pending += data
        ready = b"" if self._number else self._salt * bool(len(self._pending) > PIECE)
        made = bytearray(ready)
        while len(self._pending) > PIECE:  # what is left is the last piece, perhaps a whole one
            made += self._seal(bytes(self._pending[:PIECE]), MORE)
            del self._pending[:PIECE]
        return bytes(made)

    def finish(self) -> bytes:
        """The rest."""
        salt = b"" if self._number else self._salt
        return salt + self._seal(bytes(self._pending), LAST)

    def _seal(self, plain: bytes, mark: bytes) -> bytes:
        sealed = self._aead.encrypt(self._number.to_bytes(12, "big"), plain, mark)
        self._number += 1
        return sealed


class Unsealed:
    """The plain bytes of a sealed blob, or of several one behind the other, from any byte on."""

    def __init__(self, sealed: Readable, sizes: Sequence[int], key: bytes) -> None:
        """`sizes` are those of the plain bytes of each sealed blob."""
        self._sealed, self._key = sealed, key
        self._ends = [*accumulate(sizes)]
        self._bases = [0, *accumulate(map(sealed_size, sizes))]
        self._at = 0
        self._loaded: tuple[int, int] | None = None
        self._piece = b""
        self._part, self._aead = -1, AESGCM(bytes(32))

    def close(self) -> None:
        """Let go of the file."""
        self._sealed.close()

    def seek(self, offset: int, /) -> int:
        """Go to a byte."""
        self._at = offset
        return offset

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, at most to the end of a piece, or without a size all that follow; raises Damaged."""
        if size < 0:
            return b"".join(iter(partial(self.read, PIECE), b""))
        if size == 0 or self._at >= self._ends[-1]:
            return b""
        part = bisect_right(self._ends, self._at)
        begin = self._ends[part - 1] if part else 0
        number, start = divmod(self._at - begin, PIECE)
        if (part, number) != self._loaded:
            self._piece = self._load(part, number, self._ends[part] - begin)
            self._loaded = part, number
        found = self._piece[start : start + size]
        self._at += len(found)
        return found

    def _load(self, part: int, number: int, size: int) -> bytes:
        if part != self._part:
            self._sealed.seek(self._bases[part])
            self._part, self._aead = part, _cipher(self._key, _exactly(self._sealed, SALT))
        length = min(PIECE, size - number * PIECE)
        mark = LAST if number * PIECE + length == size else MORE
        self._sealed.seek(self._bases[part] + SALT + number * (PIECE + TAG))
        sealed = _exactly(self._sealed, length + TAG)
        try:
            return self._aead.decrypt(number.to_bytes(12, "big"), sealed, mark)
        except InvalidTag as error:
            raise Damaged("a sealed blob is damaged, or the key is another one") from error


def sealed_size(size: int) -> int:
    """The size of a sealed blob of so many plain bytes."""
    return SALT + size + TAG * max(1, -(-size // PIECE))


def fingerprint(key: bytes) -> str:
    """By which a key is recognised without being kept."""
    return hashlib.pbkdf2_hmac("sha256", key, b"mlconsole key fingerprint", 1000).hex()


def _exactly(source: Readable, size: int) -> bytes:
    found = bytearray()
    while len(found) < size and (data := source.read(size - len(found))):
        found += data
    if len(found) < size:
        raise Damaged("a sealed blob is too short")
    return bytes(found)
