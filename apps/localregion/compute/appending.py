"""Files that only grow, on a disk that may be full for a while."""

import errno
from pathlib import Path
from typing import BinaryIO

FULL = (errno.ENOSPC, errno.EDQUOT)
WAITING_BYTES = 8 << 20


class Appender:
    """Appends whole pieces to a file; on a full disk they wait in memory for the next, and those beyond a bound go."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("ab", buffering=0)
        self._waiting = bytearray()

    @property
    def delayed(self) -> bool:
        """Whether something could not be written yet."""
        return bool(self._waiting)

    def append(self, data: bytes) -> None:
        """Add data at the end; raises OSError for anything but a full disk."""
        if len(self._waiting) + len(data) <= WAITING_BYTES:
            self._waiting += data
        try:
            while self._waiting:
                written = self._file.write(self._waiting)
                del self._waiting[:written]
        except OSError as error:
            if error.errno not in FULL:
                raise
