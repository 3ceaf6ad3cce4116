"""Volumes of jobs that name a kms key for them (ResourceConfig.VolumeKmsKeyId).

SageMaker encrypts such an instance's volume. Here it lies in memory: what the job reads and writes never reaches the
disk, and is gone with the machine's power as an encrypted volume is with its key. The kernel may swap memory out:
encrypt the machine's swap.
"""

import hashlib
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's file system in memory; a job's folder there is its owner's alone
PARTS = ("opt", "tmp", "pipes")  # of an instance's folder: what its volume holds


def available() -> bool:
    """Whether this machine has a file system in memory."""
    return MEMORY.is_dir()


def place(folder: Path) -> None:
    """Let the parts of an instance's folder lie in memory; they are links to there until `clear`."""
    folder.mkdir(parents=True, exist_ok=True)
    home = MEMORY / f"mlconsole-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:32]}"
    home.mkdir(mode=0o700, exist_ok=True)
    for part in PARTS:
        (home / part).mkdir(mode=0o700, exist_ok=True)
        (folder / part).symlink_to(home / part)


def lost(folder: Path) -> bool:
    """Whether the instance had a volume in memory that is gone: the machine has been started anew."""
    return any((folder / part).is_symlink() and not (folder / part).exists() for part in PARTS)


def clear(folder: Path) -> None:
    """Remove the parts, wherever they lie."""
    for part in (folder / name for name in PARTS):
        if part.is_symlink():
            shutil.rmtree(part.readlink().parent, ignore_errors=True)
            part.unlink()
        else:
            shutil.rmtree(part, ignore_errors=True)
