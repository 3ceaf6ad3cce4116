"""Model containers as a job's agent runs them: started beside each other, asked for their health, and invoked.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PING_SECONDS = 480.0  # until a container must answer /ping
PING_TIMEOUT_SECONDS = 2.0
PAUSE_SECONDS = 0.02
# Below the ports that the system gives to clients, so that nobody gets this one by accident.
PORTS = range(20000, 32000)
RETRIED = (500, 502, 503, 504)


class ContainerFailed(Exception):
    """A container does not serve; the text goes into FailureReason."""


class InvocationFailed(Exception):
    """An answer that is none: its HTTP status, 0 when there was no answer at all, and what the container said."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class Limits:
    """Of one invocation: how long it may take, and how often it is tried again."""

    timeout_seconds: float
    retries: int


class Connection(http.client.HTTPConnection):
    """HTTP to a port of this machine, or to a Unix socket."""

    def __init__(self, address: str, timeout: float) -> None:
        host, port = ("127.0.0.1", int(address)) if address.isdigit() else ("localhost", 80)
        super().__init__(host, port, timeout=timeout)
        self._address = address

    def connect(self) -> None:
        """Connect, wherever it is."""
        if self._address.isdigit():
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._address)


class Container:
    """One running container; `address` is its port or the path of its Unix socket."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str], address: str) -> None:
        self.address = address
        self._local = threading.local()
        self._process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL)

    def wait(self) -> None:
        """Wait until it answers /ping; raises ContainerFailed."""
        deadline = time.monotonic() + PING_SECONDS
        while not self._healthy():
            if self._process.poll() is not None:
                raise ContainerFailed(
                    f"The model container ended with exit code {self._process.returncode} before it answered /ping."
                )
            if time.monotonic() > deadline:
                raise ContainerFailed(f"The model container did not answer /ping within {PING_SECONDS:.0f} seconds.")
            time.sleep(PAUSE_SECONDS)

    def parameters(self) -> dict[str, Any]:
        """What it answers at /execution-parameters; nothing if it does not."""
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            status, _, body = _get(self.address, "/execution-parameters")
            found = json.loads(body) if status == http.HTTPStatus.OK else {}
            return found if isinstance(found, dict) else {}
        return {}

    def invoke(self, body: bytes, content_type: str, accept: str, limits: Limits) -> tuple[bytes, str]:
        """Its answer and the answer's content type; raises InvocationFailed."""
        headers = {name: value for name, value in (("Content-Type", content_type), ("Accept", accept)) if value}
        for left in range(limits.retries, -1, -1):
            try:
                status, kind, answer = self._post(body, headers, limits.timeout_seconds)
            except TimeoutError:
                failed = InvocationFailed(
                    0, f"The model container gave no answer in {limits.timeout_seconds:g} seconds."
                )
            except (OSError, http.client.HTTPException) as error:
                told = str(error) or type(error).__name__
                failed = InvocationFailed(0, f"The model container broke the connection: {told}")
            else:
                if status < http.HTTPStatus.BAD_REQUEST:
                    return answer, kind
                failed = InvocationFailed(status, answer.decode(errors="replace"))
            if left == 0 or (failed.status and failed.status not in RETRIED):
                break
        raise failed

    def _post(self, body: bytes, headers: dict[str, str], timeout: float) -> tuple[int, str, bytes]:
        """One request over this thread's connection, made anew where the container has closed it meanwhile."""
        kept: Connection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if kept is not None:
            try:
                return self._over(kept, body, headers)
            except ConnectionError:
                kept.close()
        return self._over(Connection(self.address, timeout), body, headers)

    def _over(self, connection: Connection, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        try:
            answer = _exchange(connection, "POST", "/invocations", body, headers)
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        self._local.connection = connection
        return answer

    def _healthy(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return _get(self.address, "/ping")[0] == http.HTTPStatus.OK
        return False


def _get(address: str, path: str) -> tuple[int, str, bytes]:
    """Status, content type and body of an answer; raises OSError, HTTPException."""
    with contextlib.closing(Connection(address, PING_TIMEOUT_SECONDS)) as connection:
        return _exchange(connection, "GET", path, b"", {})


def _exchange(
    connection: Connection, method: str, path: str, body: bytes, headers: dict[str, str]
) -> tuple[int, str, bytes]:
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers.get("Content-Type", ""), answer.read()


def free_ports() -> Iterator[int]:
    """Ports that nobody listens on, each another one."""
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", port))
            yield port
