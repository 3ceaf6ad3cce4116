"""The log of requests: who, what, what came of it, how long it took. No secrets: neither queries nor headers.

`requests.log` in the region's home, cut into files of a bounded size.
"""

import logging
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from apps.localregion.request import Request

FILE = "requests.log"
FILE_BYTES, OLDER_FILES = 10 << 20, 5
REMEMBERED = 20  # failed requests, and errors that the region logged


@dataclass(frozen=True)
class Failed:
    """A request that was refused, or an error that the region logged."""

    moment: float  # unix seconds
    who: str
    what: str
    status: str


class RequestLog:
    """Writes a line a request, and remembers the last that failed."""

    def __init__(self, home: Path) -> None:
        self._logger = logging.Logger("requests")
        handler = RotatingFileHandler(home / FILE, maxBytes=FILE_BYTES, backupCount=OLDER_FILES, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(message)s"))
        self._logger.addHandler(handler)
        self._handler = handler
        self.started = time.time()
        self.requests = 0
        self.failed: deque[Failed] = deque(maxlen=REMEMBERED)
        self.errors: deque[Failed] = deque(maxlen=REMEMBERED)
        self._errors = _Errors(self.errors)
        logging.getLogger().addHandler(self._errors)

    def close(self) -> None:
        """Close the file."""
        logging.getLogger().removeHandler(self._errors)
        self._handler.close()

    def note(self, request: Request, status: int, seconds: float) -> None:
        """Log a request that was answered."""
        self.requests += 1
        now = time.time()
        named = not request.operation or request.operation.startswith("s3:")  # other paths say no more
        what = f"{request.operation or request.method} {request.path}" if named else request.operation
        told = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
        outcome = f"{status} {request.error}".rstrip()
        who = request.who or "-"
        fields = (told, request.client or "-", who, what, outcome, f"{seconds * 1000:.1f} ms", request.request_id)
        self._logger.info("\t".join(_plain(field) for field in fields))
        if status >= 400:
            self.failed.append(Failed(now, who, what, outcome))


class _Errors(logging.Handler):
    """Remembers what the region logs as an error."""

    def __init__(self, errors: deque[Failed]) -> None:
        super().__init__(logging.ERROR)
        self._errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        self._errors.append(Failed(record.created, record.name, record.getMessage(), record.levelname))


def _plain(text: str) -> str:
    """A field that cannot pass for several, or for several lines."""
    return "".join(each if each.isprintable() else "?" for each in text)[:500]
