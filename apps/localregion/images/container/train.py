"""Becomes the engine's client that runs a container image as SageMaker does: `train` or `serve`, /opt/ml mounted.

Arguments: the engine's client, the image's address.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

# The region's own, which mean nothing inside the container.
OUTSIDE = ("PATH", "HOME", "LANG", "PYTHONPATH", "TMPDIR", "SAGEMAKER_BASE_DIR")


def command(engine: str, image: str, program: str, base: Path, environment: Mapping[str, str]) -> list[str]:
    """The client's command line; the container goes with the client, and has the job's network."""
    told = [part for name in sorted(environment) if name not in OUTSIDE for part in ("--env", name)]
    mount = f"{base}:/opt/ml"
    return [engine, "run", "--rm", "--init", "--network", "host", "--volume", mount, *told, image, program]


def main(program: str = "train") -> None:
    """Become the client."""
    engine, image = sys.argv[1:]
    base = Path(os.environ["SAGEMAKER_BASE_DIR"])
    os.execv(engine, command(engine, image, program, base, os.environ))  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
