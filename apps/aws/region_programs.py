"""The local region's own programs, started in this process's place: the console imports nothing of the region."""

import os
import sys
from pathlib import Path
from typing import NoReturn

from django.conf import settings


def become(module: str, *arguments: str) -> NoReturn:
    """Run `python -m apps.localregion<module>` instead of this program, in the checkout's folder."""
    os.chdir(settings.BASE_DIR)
    os.execv(sys.executable, (sys.executable, "-m", f"apps.localregion{module}", *arguments))  # noqa: S606 - no shell


def absolute(path: str) -> str:
    """A path as it was meant where the command was given."""
    return str(Path(path).expanduser().absolute())
