"""Finds a container engine."""

import shutil
import socket

DOCKER_SOCKET = "/var/run/docker.sock"


def find() -> str | None:
    """The path of podman's or Docker's client, None when there is neither or Docker's engine does not run."""
    podman = shutil.which("podman")
    if podman is not None:
        return podman
    docker = shutil.which("docker")
    return docker if docker is not None and _listens(DOCKER_SOCKET) else None


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
    return True
