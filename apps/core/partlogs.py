"""The log of each part: rotated by size when the part starts, its errors read back for the terminal."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

# A log that has grown past this is put aside as NAME.log.1 at the part's next start; bytes.
ROTATE_AT = 5_000_000
# At most so much of a burst is read for the terminal at once; the rest is in the file; bytes.
READ_AT_ONCE = 65_536
ERROR_LINE = re.compile(r"\b(ERROR|CRITICAL)\b")
# What differs between two tellings of one error: words with a figure, such as times, ids and addresses.
PARTICULARS = re.compile(r"\S*\d\S*")
SHOWN_WIDTH = 200


def open_log(path: Path) -> IO[bytes]:
    """The log, open to append; a big one is put aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > ROTATE_AT:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


class LogTail:
    """Reads what was appended to a log since the last look."""

    def __init__(self, path: Path) -> None:
        """Nothing is read before `skip_to_end` or `errors`."""
        self.path = path
        self._offset = 0
        self._rest = b""
        self._last_shown = ""

    def skip_to_end(self) -> None:
        """Forget what the file holds by now."""
        self._offset = self.path.stat().st_size
        self._rest = b""

    def errors(self) -> Iterator[str]:
        """The new lines that tell of an error, cut short; one that repeats the last is left out."""
        for line in self._new_lines():
            text = line.decode(errors="replace").strip()
            kind = PARTICULARS.sub("", text)
            if ERROR_LINE.search(text) and kind != self._last_shown:
                self._last_shown = kind
                yield text[:SHOWN_WIDTH]

    def _new_lines(self) -> list[bytes]:
        try:
            with self.path.open("rb") as log:
                log.seek(self._offset)
                data = log.read(READ_AT_ONCE)
        except OSError:
            return []
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines
