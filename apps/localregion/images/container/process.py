"""Becomes the engine's client that runs a processing job's entry point in a container image, or the image's own."""

import os
import sys
from pathlib import Path

from apps.localregion.images.container.train import command


def main(arguments: list[str]) -> None:
    """Become the client."""
    engine, image, *given = arguments
    line = command(engine, image, "", Path(os.environ["SAGEMAKER_BASE_DIR"]), os.environ)[:-1]
    if given:
        line[2:2] = ["--entrypoint", given[0]]
    os.execv(engine, [*line, *given[1:]])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
