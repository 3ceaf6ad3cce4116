"""Lays out the user's source: an archive or a folder becomes /opt/ml/code, with its requirements installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from apps.localregion.images.failures import UserError

OPT_ML = "/opt/ml"
# Where pip is told of a package index; without one nothing is installed from the network unasked.
INDEXES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS")
_ENTRY_POINT = re.compile(r"[\w.+][\w.+/-]*")


class InstallFailed(Exception):
    """The source's requirements cannot be installed; the text is the toolkit's."""


def lay_out(base: Path, source: str) -> Path:
    """The folder with the code; raises UserError when there is none.

    An s3:// source lies below input/source, where the region has put it.
    """
    code = base / "code"
    found = _find(base, source)
    if found == code:
        return code
    if found.is_dir():
        shutil.copytree(found, code, dirs_exist_ok=True)
        return code
    code.mkdir(exist_ok=True)
    try:
        with tarfile.open(found) as archive:
            archive.extractall(code, filter="data")
    except tarfile.TarError as error:
        raise UserError(f"{source} is not a tar.gz archive of the training code: {error}") from error
    return code


def check_entry_point(code: Path, program: str) -> None:
    """Raise UserError unless `program` is a file inside the code folder."""
    if not _ENTRY_POINT.fullmatch(program) or {".", ".."} & set(program.split("/")):
        raise UserError(
            f"The training entry point {program!r} cannot be used. Set the 'sagemaker_program' hyperparameter to a "
            "path inside your source directory, for example 'train.py' or 'bin/train.sh'."
        )
    if not (code / program).is_file():
        names = ", ".join(sorted(path.name for path in code.iterdir())) or "nothing"
        raise UserError(f"The source directory has no {program}. It has: {names}")


def install_requirements(code: Path, packages: Path) -> None:
    """Install the source's requirements.txt, if it has one, into `packages`; raises UserError, InstallFailed."""
    if not (code / "requirements.txt").is_file():
        return
    if not any(os.environ.get(name) for name in INDEXES):
        raise UserError(
            "The source directory has a requirements.txt and no package index is configured. Set PIP_INDEX_URL or "
            "PIP_FIND_LINKS in the job's Environment, or leave requirements.txt out."
        )
    print("Installing dependencies from requirements.txt", flush=True)
    command = [sys.executable, "-m", "pip", "install", "--target", str(packages), "-r", "requirements.txt"]
    done = subprocess.run(command, cwd=code, check=False)
    if done.returncode:
        raise InstallFailed(f'InstallRequirementsError:\nExitCode {done.returncode}\nCommand "{" ".join(command)}"')


def _find(base: Path, source: str) -> Path:
    if source.startswith("s3://"):
        found = base / "input" / "source" / source.rpartition("/")[2]
    elif source == OPT_ML or source.startswith(f"{OPT_ML}/"):
        found = base / source.removeprefix(OPT_ML).lstrip("/")
    else:
        found = Path(source or base / "code")
    if not found.exists():
        raise UserError(
            f"The training code is not at '{source}'. Set the 'sagemaker_submit_directory' hyperparameter to the S3 "
            "address of a tar.gz archive with your script."
        )
    return found
