"""The real product for tests, bench and soak: `manage.py up` in a folder of its own, on free ports."""

import configparser
import contextlib
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
import psutil
import psycopg

CHECKOUT = Path(__file__).resolve().parent.parent
PARTS = ("region", "redis", "worker", "beat", "web")
START_WITHIN = 240.0
SERVERS_PORTS = range(10_000, 32_000)

Found = TypeVar("Found")


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on now.

    It is none of those that the system gives to clients, which might take it while a killed server is away.
    """
    while True:
        port = secrets.choice(SERVERS_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def until(look: Callable[[], Found | None], within: float, what: str, every: float = 0.05) -> Found:
    """What `look` finds, asked again and again; raises AssertionError when `within` seconds are over."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(every)
    raise AssertionError(f"not within {within:g} s: {what}")


@dataclass
class Stack:
    """One console with all its parts. `extra` are environment variables on top of its own home and ports."""

    extra: dict[str, str] = field(default_factory=dict)
    bare: bool = True
    home: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="mlconsole-stack-")))
    port: int = field(default_factory=free_port)
    region_port: int = field(default_factory=free_port)
    up: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """The console's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def region_url(self) -> str:
        """The local region's endpoint."""
        return f"http://127.0.0.1:{self.region_port}"

    @property
    def output(self) -> str:
        """What `up` has written so far."""
        path = self.home / "up.out"
        return path.read_text() if path.exists() else ""

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which every command of this console runs."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MLCONSOLE_")}
        for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL"):
            inherited.pop(name, None)
        own = {
            "MLCONSOLE_HOME": str(self.home),
            "MLCONSOLE_PORT": str(self.port),
            "MLCONSOLE_REGION_PORT": str(self.region_port),
            # boto3's default chain: what a workspace that is not local uses, here moto's server
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
        return inherited | own | self.extra

    def start(self) -> None:
        """Start `up` without waiting."""
        switches = ["--no-browser", *(["--bare"] if self.bare else [])]
        with (self.home / "up.out").open("wb") as output:
            self.up = subprocess.Popen(
                [sys.executable, "manage.py", "up", *switches],
                cwd=CHECKOUT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def wait_until_healthy(self, within: float = START_WITHIN) -> None:
        """Return when /healthz answers 200 and `up` has said so; else raises AssertionError with what it said."""

        def look() -> bool | None:
            if self.up is not None and self.up.poll() is not None:
                raise AssertionError(f"up ended with {self.up.returncode}:\n{self.output}")
            return True if "ready in" in self.output and self.health()[0] == 200 else None

        try:
            until(look, within, "/healthz 200", every=0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.health()}\n{self.output}") from error

    def health(self) -> tuple[int, dict[str, Any]]:
        """The status and the entries of /healthz; status 0 while the web process does not answer it."""
        try:
            return self.request("GET", "/healthz")
        except (OSError, ValueError, http.client.HTTPException):
            return 0, {}

    def request(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, dict[str, Any]]:
        """One request to the console; the status and the JSON object of the answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            line.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            line.close()

    def sign_in_link(self) -> str:
        """The one-time link that `up` printed last."""

        def look() -> str | None:
            links = re.findall(r"Sign in as admin: (\S+)", self.output)
            return links[-1] if links else None

        return until(look, START_WITHIN, "the sign-in link")

    def manage(self, *arguments: str) -> str:
        """What a management command prints; raises CalledProcessError when it fails."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=CHECKOUT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def token(self) -> str:
        """A new API token of the user admin."""
        return self.manage("create_token", "admin").strip().splitlines()[-1]

    def credentials(self) -> dict[str, str]:
        """The local region's access key and secret, from the file that it wrote."""
        file = configparser.ConfigParser(interpolation=None)
        file.read(self.home / "region" / "credentials")
        return dict(file["mlconsole-local"])

    def client(self, service: str) -> Any:
        """A boto3 client of this console's local region."""
        keys = self.credentials()
        session = boto3.Session(keys["aws_access_key_id"], keys["aws_secret_access_key"], region_name="us-east-1")
        make: Callable[..., Any] = session.client
        return make(service, endpoint_url=self.region_url)

    def pid(self, part: str) -> int:
        """The process of a part, as recorded in the run folder; waits for a part that is starting."""

        def look() -> int | None:
            path = self.home / "run" / f"{part}.json"
            try:
                return int(json.loads(path.read_text())["pid"])
            except FileNotFoundError:
                return None

        return until(look, START_WITHIN, f"the record of {part}")

    def kill(self, part: str) -> int:
        """Kill a part as `kill -9` does; answers the pid it had."""
        pid = self.pid(part)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_another(self, part: str, pid: int, within: float = START_WITHIN) -> None:
        """Return when the part runs as another process than `pid`."""
        until(lambda: self.pid(part) != pid or None, within, f"another {part}")

    def stop(self, number: signal.Signals = signal.SIGINT, within: float = 60.0) -> int:
        """End `up` as Ctrl-C does; answers its exit code."""
        assert self.up is not None
        self.up.send_signal(number)
        return self.up.wait(within)

    def remove(self) -> None:
        """End everything that names this home, however it was started, and remove its state."""
        if self.up is not None and self.up.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.up.kill()
        for process in self.processes():
            process.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def processes(self) -> list[psutil.Process]:
        """Every running process whose command line or environment names this home: parts and jobs."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            named = process.environ().get("MLCONSOLE_HOME") == str(self.home)
            return named or any(str(self.home) in argument for argument in process.cmdline())
        except psutil.Error:
            return False


def own_database() -> dict[str, str]:
    """DATABASE_URL of a new database beside the one that DATABASE_URL names; nothing when it names none."""
    given = os.environ.get("DATABASE_URL")
    if not given:
        return {}
    name = f"stack_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return {"DATABASE_URL": re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", given, count=1)}
