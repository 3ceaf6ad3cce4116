"""Several blobs read as one: an object that was uploaded in parts."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate

from apps.localregion.store.pieces import PIECE, Readable


class Joined:
    """The blobs one after the other, of which one is open at a time."""

    def __init__(self, sizes: Sequence[int], part: Callable[[int], Readable], closed: Callable[[], None]) -> None:
        """`part` opens one by its number, from 0 on; `closed` is told once."""
        self._ends = [*accumulate(sizes)]
        self._open, self._closed = part, closed
        self._at = 0
        self._number = -1
        self._part: Readable | None = None
        self._is_closed = False

    def close(self) -> None:
        """Let go of the blobs."""
        if self._part is not None:
            self._part.close()
            self._part = None
        if not self._is_closed:
            self._is_closed = True
            self._closed()

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
        number = bisect_right(self._ends, self._at)
        part = self._at_part(number)
        part.seek(self._at - (self._ends[number - 1] if number else 0))
        found = part.read(size)
        self._at += len(found)
        return found

    def _at_part(self, number: int) -> Readable:
        if self._part is not None and number == self._number:
            return self._part
        if self._part is not None:
            self._part.close()
        self._number, self._part = number, self._open(number)
        return self._part
