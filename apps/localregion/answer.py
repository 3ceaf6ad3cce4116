"""What goes back to a client: status, headers, and bytes or a range of a file."""

from dataclasses import dataclass, field

from apps.localregion.store.pieces import Readable


@dataclass(frozen=True)
class FileRange:
    """Part of an open file: sent piece by piece, never held in memory."""

    file: Readable
    start: int
    length: int


def request_id_header(protocol: str, request_id: str) -> dict[str, str]:
    """The header in which a protocol's clients look for the request's id."""
    return {"x-amz-request-id" if protocol == "rest-xml" else "x-amzn-RequestId": request_id}


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | FileRange = b""

    @property
    def length(self) -> int:
        """The body's length in bytes."""
        return self.body.length if isinstance(self.body, FileRange) else len(self.body)
