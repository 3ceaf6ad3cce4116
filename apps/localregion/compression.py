"""Compressed requests: clients send long PutMetricData requests as gzip, signed as they are sent.

https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait
"""

import zlib

from apps.localregion.intake import LARGEST_MESSAGE, too_large
from apps.localregion.request import Request
from apps.localregion.validation import malformed

GZIP = 16 + zlib.MAX_WBITS


def inflated(request: Request, body: bytes) -> bytes:
    """The body without the compression that its Content-Encoding names; raises AwsError."""
    if request.headers.get("content-encoding", "").strip().lower() != "gzip":
        return body
    inflating = zlib.decompressobj(GZIP)
    try:
        plain = inflating.decompress(body, LARGEST_MESSAGE)
    except zlib.error as error:
        raise malformed("The body is not gzip as its Content-Encoding says") from error
    if inflating.unconsumed_tail:
        raise too_large(LARGEST_MESSAGE)
    if not inflating.eof:
        raise malformed("The body is not gzip as its Content-Encoding says")
    return plain
