"""Append-only files of lines in order of time: found by a binary search over their bytes, never read as a whole."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 16


def whole(path: Path) -> int:
    """The size of the file up to its last newline: a line still being written is not yet one."""
    with path.open("rb") as file:
        position = file.seek(0, os.SEEK_END)
        while position > 0:
            step = min(BLOCK, position)
            position -= step
            file.seek(position)
            newline = file.read(step).rfind(b"\n")
            if newline >= 0:
                return position + newline + 1
    return 0


def offset_at(path: Path, time: float, time_of: Callable[[bytes], float]) -> int:
    """The offset of the first line at or after `time`, in the unit that `time_of` reads from a line."""
    low, high = 0, whole(path)
    with path.open("rb") as file:
        while low < high:
            start = line_start(file, (low + high) // 2)
            file.seek(start)
            line = file.readline()
            if time_of(line) < time:
                low = start + len(line)
            else:
                high = start
    return low


def line_start(file: BinaryIO, position: int) -> int:
    """Where the line that has the byte at `position` begins."""
    while position > 0:
        step = min(BLOCK, position)
        file.seek(position - step)
        newline = file.read(step).rfind(b"\n")
        if newline >= 0:
            return position - step + newline + 1
        position -= step
    return 0
