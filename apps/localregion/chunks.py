"""Bodies in `aws-chunked` form: S3's own chunks, signed or not, with headers after the last.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
"""

import hashlib
import re
from collections.abc import Callable

from apps.localregion.errors import AwsError
from apps.localregion.signatures import ChunkSigner

LONGEST_LINE = 4096  # bytes
MOST_TRAILERS = 16
TRAILER_SIGNATURE = "x-amz-trailer-signature"
CHUNK_HEAD = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?")


class ChunkDecoder:
    """Takes the chunked bytes as they come and hands on the body's own; `signer` is None for unsigned chunks."""

    def __init__(self, deliver: Callable[[bytes], None], signer: ChunkSigner | None) -> None:
        self.trailers: dict[str, str] = {}
        self._deliver = deliver
        self._signer = signer
        self._step = self._head
        self._buffer = bytearray()
        self._left = 0
        self._signature = ""
        self._sha256 = hashlib.sha256()

    def feed(self, data: bytes) -> None:
        """Take the next bytes; raises AwsError or signatures.Refused."""
        self._buffer += data
        while self._step():
            pass

    def finish(self) -> None:
        """Raise AwsError IncompleteBody unless the last chunk and the trailers have come."""
        if self._step != self._end:
            raise AwsError("IncompleteBody", "The request body terminated unexpectedly")

    def _head(self) -> bool:
        line = self._line()
        if line is None:
            return False
        match = CHUNK_HEAD.fullmatch(line)
        if match is None or (self._signer is not None and match[2] is None):
            raise AwsError("InvalidRequest", "A chunk does not start with its size and signature")
        self._left = int(match[1], 16)
        self._signature = (match[2] or b"").decode()
        self._step = self._data
        if self._left == 0:
            self._check_chunk()
            self._step = self._trailer
        return True

    def _data(self) -> bool:
        data = bytes(self._buffer[: self._left])
        del self._buffer[: self._left]
        self._left -= len(data)
        if self._signer is not None:
            self._sha256.update(data)
        self._deliver(data)
        if self._left == 0:
            self._step = self._data_end
        return self._left == 0

    def _data_end(self) -> bool:
        if len(self._buffer) < 2:
            return False
        if self._buffer[:2] != b"\r\n":
            raise AwsError("InvalidRequest", "A chunk is longer than its size")
        del self._buffer[:2]
        self._check_chunk()
        self._step = self._head
        return True

    def _trailer(self) -> bool:
        line = self._line()
        if line is None:
            return False
        if not line:
            self._check_trailers()
            self._step = self._end
            return True
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or len(self.trailers) >= MOST_TRAILERS:
            raise AwsError("MalformedTrailerError", "The trailing headers are not well-formed")
        self.trailers[name.strip().lower()] = value.strip()
        return True

    def _end(self) -> bool:
        if self._buffer:
            raise AwsError("InvalidRequest", "There are bytes behind the last chunk")
        return False

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\r\n", 0, LONGEST_LINE)
        if end < 0:
            if len(self._buffer) >= LONGEST_LINE:
                raise AwsError("InvalidRequest", "A line between the chunks is too long")
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _check_chunk(self) -> None:
        if self._signer is not None:
            self._signer.check_chunk(self._sha256.hexdigest(), self._signature)
            self._sha256 = hashlib.sha256()

    def _check_trailers(self) -> None:
        signature = self.trailers.pop(TRAILER_SIGNATURE, "")
        if self._signer is not None and self.trailers:
            text = "".join(f"{name}:{value}\n" for name, value in self.trailers.items())
            self._signer.check_trailers(hashlib.sha256(text.encode("latin-1")).hexdigest(), signature)
