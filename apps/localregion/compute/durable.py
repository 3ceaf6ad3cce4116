"""Files that a crash leaves whole: the old content or the new, never half."""

import json
import os
from pathlib import Path
from typing import Any


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON: temporary file, fsync, rename, fsync of the folder."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    with made.open("w", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
    _sync_folder(path.parent)


def claim_json(path: Path, value: Any) -> bool:
    """Make `path` only if nobody has: the hard link is exclusive. Answers whether this caller made it."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    write_json(made, value)
    try:
        os.link(made, path)
    except FileExistsError:
        return False
    finally:
        made.unlink()
    _sync_folder(path.parent)
    return True


def read_json(path: Path) -> Any:
    """The JSON in `path`, or None when there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
