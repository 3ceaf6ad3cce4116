"""What `make` says where it cannot work; no package is installed here."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.stack import CHECKOUT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without an environment."""
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(CHECKOUT / name, tmp_path)
    return tmp_path


def make_up(checkout: Path, python: str) -> str:
    """What `make up` complains of with this Python."""
    command = ["make", "up", f"PYTHON={python}"]
    ended = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert not (checkout / ".venv").exists()
    return ended.stderr


def fake_python(folder: Path, script: str) -> str:
    """A program that stands where an unfit Python would."""
    path = folder / "python-unfit"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


def test_an_old_python_is_refused_with_the_way_to_name_another(checkout: Path) -> None:
    python = fake_python(checkout, '[ "$1" = -V ] && echo Python 3.9.18 && exit; exit 1')
    said = make_up(checkout, python)
    assert "mlconsole needs Python 3.11 or later" in said
    assert "is Python 3.9.18; name another as in: PYTHON=python3.12 make up" in said


def test_a_missing_python_is_refused(checkout: Path) -> None:
    assert "mlconsole needs Python 3.11 or later; name it" in make_up(checkout, "no-such-python")


def test_a_python_without_venv_is_refused_with_the_package_to_install(checkout: Path) -> None:
    python = fake_python(checkout, 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    assert "apt-get install python3-venv" in make_up(checkout, python)
