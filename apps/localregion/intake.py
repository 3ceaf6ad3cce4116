"""The body of a request on its way in: decoded, hashed and checked as it arrives, in memory or in a draft."""

import hashlib
import hmac
import re

from apps.localregion.checksums import HEADER, Checksums
from apps.localregion.chunks import ChunkDecoder
from apps.localregion.errors import AwsError
from apps.localregion.request import Request
from apps.localregion.signatures import ChunkSigner, Reason, Refused
from apps.localregion.store.blobs import Draft, Drafting

LARGEST_MESSAGE = 8 << 20  # bytes: a CompleteMultipartUpload of 10,000 parts, S3's most, fits
LARGEST_OBJECT = 5 << 30  # bytes of one PutObject or UploadPart, S3's limit
SHA256 = re.compile("[0-9a-f]{64}")
UNSIGNED_CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SIGNED_CHUNKS = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")


class Message:
    """A body in memory: what is not an object is small."""

    def __init__(self) -> None:
        self.body = bytearray()

    @property
    def size(self) -> int:
        """Bytes so far."""
        return len(self.body)

    def write(self, data: bytes) -> None:
        """Add bytes; raises AwsError when they are too many."""
        if len(self.body) + len(data) > LARGEST_MESSAGE:
            raise too_large(LARGEST_MESSAGE)
        self.body += data


class ObjectIntake:
    """An S3 request's body: into a draft if it is an object, else into memory."""

    def __init__(
        self, request: Request, sink: Drafting | Message, payload_hash: str, signer: ChunkSigner | None
    ) -> None:
        self._request = request
        self._sink = sink
        self._payload_hash = payload_hash
        self._is_part = "partNumber" in request.args
        self._checksums = Checksums(request, whole_object=isinstance(sink, Drafting) and not self._is_part)
        self._decoder: ChunkDecoder | None = None
        if payload_hash == UNSIGNED_CHUNKS or payload_hash in SIGNED_CHUNKS:
            self._decoder = ChunkDecoder(self._write, signer if payload_hash in SIGNED_CHUNKS else None)

    def take(self, data: bytes) -> None:
        """Take the next bytes as they came; raises AwsError or Refused."""
        if self._decoder is None:
            self._write(data)
        else:
            self._decoder.feed(data)

    def finish(self) -> bytes | Draft:
        """The whole body, checked against every promise of the request; raises AwsError or Refused."""
        if self._decoder is not None:
            self._decoder.finish()
            self._take_trailers(self._decoder.trailers)
        declared = self._request.headers.get("x-amz-decoded-content-length")
        if declared is not None and declared != str(self._sink.size):
            message = "You did not provide the number of bytes specified by the Content-Length HTTP header"
            raise AwsError("IncompleteBody", message)
        if isinstance(self._sink, Message):
            body = bytes(self._sink.body)
            self._check(hashlib.sha256(body).hexdigest(), hashlib.md5(body, usedforsecurity=False).digest())
            return body
        draft = self._sink.finish()
        self._check(draft.sha256, bytes.fromhex(draft.md5))
        return draft

    def _take_trailers(self, trailers: dict[str, str]) -> None:
        """Trailers become headers, but only those announced under the signature: they may be unsigned."""
        announced = {name.strip().lower() for name in self._request.headers.get("x-amz-trailer", "").split(",")}
        for name, value in trailers.items():
            if name not in announced or not name.startswith(HEADER):
                raise AwsError("MalformedTrailerError", f"The trailing header {name} was not announced")
            self._request.headers[name] = value

    def _write(self, data: bytes) -> None:
        if self._sink.size + len(data) > LARGEST_OBJECT:
            raise too_large(LARGEST_OBJECT)
        self._sink.write(data)
        self._checksums.update(data)

    def _check(self, sha256: str, md5: bytes) -> None:
        hashed = SHA256.fullmatch(self._payload_hash)
        if hashed and not hmac.compare_digest(self._payload_hash, sha256):
            raise Refused(Reason.PAYLOAD)
        self._checksums.check(md5)


def too_large(limit: int) -> AwsError:
    """The answer to a body that is longer than allowed."""
    return AwsError(
        "EntityTooLarge", f"Your request is larger than the {limit} bytes allowed", 400, MaxSizeAllowed=limit
    )
