"""What a training program prints, kept as it comes: log lines with their time, and the metrics in them."""

from __future__ import annotations

import json
import re
from collections import deque
from pathlib import Path
from typing import Any

from apps.localregion.compute.appending import Appender
from apps.localregion.compute.literals import required_literal

# CloudWatch Logs: an event is at most 256 KB (API reference, PutLogEvents).
EVENT_BYTES = 256 * 1024
TAIL_LINES = 40


class Output:
    """Cuts bytes into lines, appends them to the log stream file ("ms TAB line"), matches metric definitions.

    Lines are appended whole, so that neither a reader nor a crash takes half of one for an event.
    """

    def __init__(self, log: Path, metrics: Path, definitions: list[dict[str, str]]) -> None:
        self._log = Appender(log)
        self._metrics = Appender(metrics)
        self._patterns = [(d["Name"], required_literal(d["Regex"]), re.compile(d["Regex"])) for d in definitions]
        self._rest = b""
        self._now = 0.0
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self.last: dict[str, dict[str, Any]] = {}

    def feed(self, chunk: bytes, now: float) -> None:
        """Take what was read at `now` (unix seconds)."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        while len(self._rest) > EVENT_BYTES:
            lines.append(self._rest[:EVENT_BYTES])
            self._rest = self._rest[EVENT_BYTES:]
        self._keep(lines, now)

    def end(self, now: float) -> None:
        """Keep a last line that has no newline."""
        self._keep([self._rest] if self._rest else [], now)
        self._rest = b""

    @property
    def delayed(self) -> bool:
        """Whether a full disk holds lines back."""
        return self._log.delayed or self._metrics.delayed

    def say(self, line: str, now: float) -> None:
        """Add a line of the supervisor's own."""
        self._keep([line.encode()], now)

    def _keep(self, lines: list[bytes], now: float) -> None:
        # Never earlier than the line before, even when the clock steps back: the files are searched by time.
        now = self._now = max(self._now, now)
        texts = [line.rstrip(b"\r").decode("utf-8", "replace") for line in lines]
        texts = [text for text in texts if text]
        if not texts:
            return
        self._log.append("".join(f"{int(now * 1000)}\t{text}\n" for text in texts).encode())
        self.tail.extend(texts)
        found = [metric for text in texts for metric in self._match(text, now)]
        if found:
            self._metrics.append("".join(json.dumps(metric) + "\n" for metric in found).encode())
            self.last.update((metric["name"], metric) for metric in found)

    def _match(self, text: str, now: float) -> list[dict[str, Any]]:
        found = []
        for name, literal, pattern in self._patterns:
            match = pattern.search(text) if literal in text else None
            value = _number(match) if match else None
            if value is not None:
                found.append({"t": now, "name": name, "value": value})
        return found


def _number(match: re.Match[str]) -> float | None:
    try:
        value = float(match.group(1))
    except (IndexError, TypeError, ValueError):
        return None
    return value if abs(value) != float("inf") and value == value else None
