"""Whether every record of a CSV file is whole, block by block, by numpy: several hundred MB a second."""

import numpy as np
import numpy.typing as npt

from apps.datasets.reading.broken import BrokenFile
from apps.datasets.reading.header import Header

QUOTE, NEWLINE, RETURN = b'"\n\r'

Positions = npt.NDArray[np.intp]


def quoted(block: bytes) -> npt.NDArray[np.bool_] | None:
    """Which bytes stand within quotes, each opening quote among them; None when there is no quote at all."""
    if QUOTE not in block:
        return None
    array = np.frombuffer(block, np.uint8)
    # the count may pass 255: only whether it is odd matters
    return (np.cumsum(array == QUOTE, dtype=np.uint8) & 1).astype(bool)


def end_of_records(block: bytes) -> int:
    """How many bytes of the block are whole records."""
    inside = quoted(block)
    if inside is None:
        return block.rfind(b"\n") + 1
    ends = np.flatnonzero((np.frombuffer(block, np.uint8) == NEWLINE) & ~inside)
    return int(ends[-1]) + 1 if ends.size else 0


class Checker:
    """Follows a file's lines; each block must hold whole records, behind those of the block before."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.separator = ord(header.separator)
        self.line = header.lines + 1

    def check(self, block: bytes) -> None:
        """Raise BrokenFile for the first record that is not as the header says."""
        self._check_text(block)
        array = np.frombuffer(block, np.uint8)
        inside = quoted(block)
        free = np.True_ if inside is None else ~inside
        ends = np.flatnonzero((array == NEWLINE) & free)
        marks = np.flatnonzero((array == self.separator) & free)
        if inside is not None:
            self._check_quotes(block, array, ends, marks)
        self._check_widths(block, ends, marks)
        self.line += block.count(b"\n")

    def _check_text(self, block: bytes) -> None:
        zero = block.find(0)
        if zero >= 0:
            raise self._broken(
                "There is a byte 0: this is no text in UTF-8. Save the file as CSV in UTF-8.", block, zero
            )
        try:
            block.decode()
        except UnicodeDecodeError as error:
            text = f"The byte {block[error.start]:#04x} is not UTF-8. Save the file as CSV in UTF-8."
            raise self._broken(text, block, error.start) from error

    def _check_quotes(self, block: bytes, array: npt.NDArray[np.uint8], ends: Positions, marks: Positions) -> None:
        """A field's quotes stand at its very begin and end; within it they are doubled."""
        quotes = np.flatnonzero(array == QUOTE)
        opening, closing = quotes[::2], quotes[1::2]
        before = array[opening - 1]
        before_is_fine = (opening == 0) | (before == self.separator) | (before == NEWLINE) | (before == QUOTE)
        after = array[np.minimum(closing + 1, len(array) - 1)]
        last = closing + 1 == len(array)
        after_is_fine = last | (after == self.separator) | (after == NEWLINE) | (after == RETURN) | (after == QUOTE)
        wrong = np.concatenate([opening[~before_is_fine], closing[~after_is_fine]])
        if wrong.size:
            text = 'A quote stands in the middle of a field. Quote the whole field and double the quote: "5"" pipe".'
            raise self._broken(text, block, int(wrong.min()))
        if len(opening) > len(closing):
            raise self._broken("A quote is opened here and never closed.", block, int(opening[-1]))

    def _check_widths(self, block: bytes, ends: Positions, marks: Positions) -> None:
        widths = np.diff(np.searchsorted(marks, ends), prepend=0) + 1
        expected = len(self.header.names)
        wrong = np.flatnonzero(widths != expected)
        if not wrong.size:
            return
        record, width = int(wrong[0]), int(widths[wrong[0]])
        start = int(ends[record - 1]) + 1 if record else 0
        line = self.line + block.count(b"\n", 0, start)
        if not block[start : int(ends[record])].strip():
            raise BrokenFile("This line is empty. Remove it.", line, 1)
        fields = "1 field" if width == 1 else f"{width} fields"
        text = f"This row has {fields}, the header has {expected}. Quote a field that holds {self._name()}."
        raise BrokenFile(text, line, min(width, expected) + 1)

    def _name(self) -> str:
        return {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}[self.header.separator]

    def _broken(self, text: str, block: bytes, position: int) -> BrokenFile:
        """The error at a byte of the block, told by line and field."""
        start = block.rfind(b"\n", 0, position) + 1
        column = block.count(self.header.separator.encode(), start, position) + 1
        return BrokenFile(text, self.line + block.count(b"\n", 0, position), column)
