"""moto's own server, an AWS double that is not ours: the peer of some figures."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from tests.stack import free_port

START_SECONDS = 120.0


@contextmanager
def moto_server(service: str, config: Config | None = None) -> Iterator[Any]:
    """A client of the service at a new server."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(f"{url}/moto-api/"):
            assert time.monotonic() < deadline, "moto's server does not answer"
            time.sleep(0.1)
        make: Any = boto3.client
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
        yield make(service, endpoint_url=url, config=config, **keys)
    finally:
        server.terminate()
        server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - a fixed scheme
            return bool(answer.status == 200)
    except OSError:
        return False
