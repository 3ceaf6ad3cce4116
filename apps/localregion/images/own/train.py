"""Becomes the `train` or the `serve` of a user's own image, inside a virtual environment made for it."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

from apps.localregion.images import failures
from apps.localregion.images.failures import UserError

REGIONS_OWN = ("PYTHONPATH",)  # what the region sets for its own programs


def main(name: str = "train") -> int:
    """Prepare and become the program; answers an exit code only when that cannot be done."""
    base = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    return failures.run(lambda: become(name, base / "image", base / "venv"), base / "output" / "failure")


def become(name: str, image: Path, venv: Path) -> None:
    """Run the program of the folder `image` in place of this process; raises UserError."""
    program = image / name
    if not program.is_file():
        names = ", ".join(sorted(path.name for path in image.glob("*"))) or "nothing"
        raise UserError(f"The image has no program '{name}'. It has: {names}")
    variables = make(image, venv)
    program.chmod(0o755)
    os.chdir(image)
    try:
        os.execve(program, [name], variables)  # noqa: S606 - no shell is wanted
    except OSError as error:
        raise UserError(
            f"The image's program '{name}' cannot be started ({error.strerror}). Its first line must name an "
            "interpreter that is here, as in #!/usr/bin/env python"
        ) from error


def make(image: Path, venv: Path) -> dict[str, str]:
    """Make the virtual environment; answers the environment of a program inside it. Raises UserError."""
    _install(image, venv)
    variables = {name: value for name, value in os.environ.items() if name not in REGIONS_OWN}
    return variables | {"VIRTUAL_ENV": str(venv), "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def _install(image: Path, venv: Path) -> None:
    """A virtual environment with the image's requirements, from the cache of the user who runs the region."""
    variables = {**os.environ, "HOME": pwd.getpwuid(os.getuid()).pw_dir}
    _uv(["venv", "--quiet", "--python", sys.executable, str(venv)], image, variables)
    if (image / "requirements.txt").is_file():
        print("Installing requirements.txt", flush=True)
        _uv(["pip", "install", "--python", str(venv / "bin" / "python"), "-r", "requirements.txt"], image, variables)


def _uv(arguments: list[str], folder: Path, variables: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-m", "uv", *arguments], cwd=folder, env=variables, check=False)
    if done.returncode:
        raise UserError(f"The image cannot be made: uv {' '.join(arguments[:2])} ended with {done.returncode}")


if __name__ == "__main__":
    sys.exit(main())
