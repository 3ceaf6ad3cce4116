"""An HTTP request as the region sees it, before any AWS protocol."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl, unquote

from werkzeug.datastructures import Headers, MultiDict

# Virtual-host style: `bucket.s3.us-east-1.amazonaws.com`, `bucket.s3.localhost`, `bucket.localhost`.
BUCKET_HOST = re.compile(r"(?P<bucket>.+?)\.(?:s3[.-].+|localhost)")


@dataclass
class Request:
    """Method, path and query as they came (percent-encoded), and the headers."""

    method: str
    path: str
    query: str
    headers: Headers
    request_id: str
    client: str = ""  # the caller's address
    who: str = ""  # once it is known: the caller's name
    operation: str = ""  # the service and the operation
    error: str = ""  # the code of the error that is the answer
    trailers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The decoded query; raises UnicodeDecodeError."""
        return MultiDict(parse_qsl(self.query, keep_blank_values=True, errors="strict"))

    @property
    def host(self) -> str:
        """The Host header without its port."""
        return re.sub(r":\d+$", "", self.headers.get("host", ""))

    @property
    def raw_path(self) -> str:
        """The path in path style: with the bucket, if the host names one; raises UnicodeDecodeError."""
        unquote(self.path, errors="strict")
        match = BUCKET_HOST.fullmatch(self.host)
        if match is None or match["bucket"] == "s3":
            return self.path
        return f"/{match['bucket']}{self.path}"

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def decoded_headers(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """HTTP's header bytes as text: UTF-8, as AWS's clients sign it, or else Latin-1."""
    headers = Headers()
    for name, value in raw:
        try:
            headers.add(name.decode("ascii"), value.decode("utf-8"))
        except UnicodeDecodeError:
            headers.add(name.decode("latin-1"), value.decode("latin-1"))
    return headers
