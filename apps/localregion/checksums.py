"""The checksums that S3's clients send with a body, in a header or after it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
CRC64NVME and the XXHASH ones are checked where AWS's `awscrt` package is installed (which changes how every boto3
client beside it signs, so it is no dependency); without it they are kept as the client gave them. With it, a whole
object that comes without any checksum gets a CRC64NVME, as S3 does.
"""

import base64
import hashlib
import importlib
import importlib.util
import re
import zlib
from collections.abc import Callable
from typing import Any, Protocol

import crc32c

from apps.localregion.errors import AwsError
from apps.localregion.request import Request

HEADER = "x-amz-checksum-"
# The header's last part: the member of the service model.
MEMBERS = {
    "crc32": "ChecksumCRC32",
    "crc32c": "ChecksumCRC32C",
    "crc64nvme": "ChecksumCRC64NVME",
    "sha1": "ChecksumSHA1",
    "sha256": "ChecksumSHA256",
    "sha512": "ChecksumSHA512",
    "md5": "ChecksumMD5",
    "xxhash64": "ChecksumXXHASH64",
    "xxhash3": "ChecksumXXHASH3",
    "xxhash128": "ChecksumXXHASH128",
}
HASHLIB = ("sha1", "sha256", "sha512", "md5")
XXHASH = {"xxhash64": "new_xxhash64", "xxhash3": "new_xxhash3_64", "xxhash128": "new_xxhash3_128"}
USUAL = "crc64nvme"
MD5 = re.compile("[A-Za-z0-9+/]{22}==")  # 128 bits in base64


class Hasher(Protocol):
    """As hashlib has them."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def digest(self) -> bytes:
        """The checksum of the bytes so far."""


class Crc:
    """A cyclic redundancy check in hashlib's manner."""

    def __init__(self, function: Callable[[bytes, int], int], size: int) -> None:
        self._function, self._size, self._value = function, size, 0

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        """The checksum of the bytes so far, most significant byte first."""
        return self._value.to_bytes(self._size, "big")


class XxHash:
    """One of AWS's XXHash hashers in hashlib's manner; its digest is asked for once."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def update(self, data: bytes, /) -> None:
        """Add bytes."""
        self._made.update(data)

    def digest(self) -> bytes:
        """The checksum of the bytes."""
        return bytes(self._made.finalize())


def hasher(algorithm: str) -> Hasher | None:
    """A new hasher, or None for an algorithm that cannot be computed here."""
    if algorithm == "crc32":
        return Crc(zlib.crc32, 4)
    if algorithm in HASHLIB:
        return hashlib.new(algorithm, usedforsecurity=False)
    if algorithm == "crc32c":
        return Crc(crc32c.crc32c, 4)
    if importlib.util.find_spec("awscrt") is None:
        return None
    crt: Any = importlib.import_module("awscrt.checksums")
    if algorithm in XXHASH:
        return XxHash(getattr(crt.XXHash, XXHASH[algorithm])())
    return Crc(crt.crc64nvme, 8) if algorithm == "crc64nvme" else None


class Checksums:
    """What a request promises about its body, computed as the body comes in."""

    def __init__(self, request: Request, *, whole_object: bool = False) -> None:
        self._request = request
        trailers = {name.strip().lower() for name in request.headers.get("x-amz-trailer", "").split(",")}
        promised = (name for name in MEMBERS if HEADER + name in request.headers or HEADER + name in trailers)
        names = [*promised]
        self._usual = hasher(USUAL) if whole_object and not names else None
        self._hashers = {name: made for name in names if (made := hasher(name))}

    def update(self, data: bytes) -> None:
        """Add bytes of the body."""
        for made in (*self._hashers.values(), *([self._usual] if self._usual else [])):
            made.update(data)

    def check(self, md5: bytes) -> None:
        """Raise AwsError BadDigest or InvalidDigest unless the body is what the headers say: they may come after it."""
        given_md5 = self._request.headers.get("content-md5")
        if given_md5 is not None and not MD5.fullmatch(given_md5):
            raise AwsError("InvalidDigest", "The Content-MD5 you specified was invalid.")
        if given_md5 is not None and given_md5 != base64.b64encode(md5).decode():
            raise AwsError("BadDigest", "The Content-MD5 you specified did not match what we received.")
        if self._usual is not None:
            self._request.headers[HEADER + USUAL] = base64.b64encode(self._usual.digest()).decode()
        for name, made in self._hashers.items():
            if self._request.headers.get(HEADER + name) != base64.b64encode(made.digest()).decode():
                message = f"The {name.upper()} you specified did not match the calculated checksum."
                raise AwsError("BadDigest", message)
