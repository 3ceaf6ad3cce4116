"""Becomes a processing job's entry point inside the virtual environment of a user's own image.

Without an entry point it is the image's program `process`.
"""

import os
import sys
from pathlib import Path

from apps.localregion.images import failures
from apps.localregion.images.failures import UserError
from apps.localregion.images.own.train import become, make


def main(command: list[str]) -> int:
    """Prepare and become the program; answers an exit code only when that cannot be done."""
    base = Path(os.environ["SAGEMAKER_BASE_DIR"])
    return failures.run(lambda: _become(command, base), base / "output" / "failure")


def _become(command: list[str], base: Path) -> None:
    image, venv = base / "image", base / "venv"
    if not command:
        become("process", image, venv)
    variables = make(image, venv)
    os.chdir(image)
    try:
        os.execvpe(command[0], command, variables)  # noqa: S606 - no shell is wanted
    except OSError as error:
        raise UserError(f"The entry point {command[0]} cannot be started: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
