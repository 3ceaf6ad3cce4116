"""What goes back to a client: status, headers, and bytes or a range of a file."""

from dataclasses import dataclass, field
from typing import BinaryIO


@dataclass(frozen=True)
class FileRange:
    """Part of an open file: sent piece by piece, never held in memory."""

    file: BinaryIO
    start: int
    length: int


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
