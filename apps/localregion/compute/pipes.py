"""Pipe mode: feeds /opt/ml/input/data/<channel>_<epoch>, one FIFO after the other, for as long as they are read.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
"""

from __future__ import annotations

import gzip
import json
import os
import random
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = 0xCED7230A  # RecordIO: magic, 29 bits of length, the data, padding to 4 bytes
COPY_BYTES = 1 << 20


class Feeder(threading.Thread):
    """Feeds one channel of one instance, by the plan that channels.py has written; ends with its process."""

    def __init__(self, plan: Path) -> None:
        super().__init__(name=plan.stem, daemon=True)
        self._plan: dict[str, Any] = json.loads(plan.read_text(encoding="utf-8"))
        self._fifo(0)

    def run(self) -> None:
        """An epoch after the other; the FIFO of the next is there before that of the last comes to its end."""
        epoch = 0
        while True:
            path = self._fifo(epoch)
            try:
                with path.open("wb") as file:  # waits until the program reads
                    self._fifo(epoch + 1)
                    self._feed(file, epoch)
            except BrokenPipeError:
                pass  # the program has read as much as it wanted
            except OSError:
                return  # the folder is gone: the job has ended
            epoch += 1
            path.unlink(missing_ok=True)

    def _fifo(self, epoch: int) -> Path:
        path = Path(f"{self._plan['fifo']}_{epoch}")
        if not path.exists():
            os.mkfifo(path, 0o666)
        return path

    def _feed(self, file: BinaryIO, epoch: int) -> None:
        order: list[list[dict[str, str]]] = self._plan["units"]
        if self._plan["seed"] is not None and epoch:
            order = [*order]
            random.Random(self._plan["seed"] + epoch).shuffle(order)  # noqa: S311 - an order, no secret
        for part in (part for unit in order for part in unit):
            if self._plan["recordio"]:
                write_record(file, b"".join(self._pieces(part)))
            else:
                for piece in self._pieces(part):
                    file.write(piece)

    def _pieces(self, part: dict[str, str]) -> Iterator[bytes]:
        if "text" in part:
            yield part["text"].encode()
            return
        opened = gzip.open if self._plan["gzip"] else open
        with opened(part["file"], "rb") as source:
            while piece := source.read(COPY_BYTES):
                yield piece


def write_record(file: BinaryIO, data: bytes) -> None:
    """One RecordIO record."""
    file.write(struct.pack("<II", MAGIC, len(data)) + data + b"\0" * (-len(data) % 4))
