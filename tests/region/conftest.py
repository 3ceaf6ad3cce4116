"""The real region process on a free port, and real boto3 clients with its keys."""

import configparser
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.stack import free_port as free_port

START_SECONDS = 240.0
PROFILE = "mlconsole-local"


@dataclass
class RegionProcess:
    """A region served by `python -m apps.localregion`, which a test may kill and start again."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the process and wait until it answers."""
        process = self._begin()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert process.poll() is None, f"the region ended: see {self.home}.log"
            assert time.monotonic() < deadline, f"the region does not answer: see {self.home}.log"
            time.sleep(0.02)

    def start_and_kill(self, seconds: float) -> None:
        """Start the process and SIGKILL it so many seconds later, wherever it is by then."""
        self._begin()
        time.sleep(seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL: as a crash."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM: as `make up` ends it."""
        self._end(signal.SIGTERM)

    def keys(self) -> tuple[str, str]:
        """Access key and secret key, from the credentials file."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(self.home / "credentials")
        profile = parser[PROFILE]
        return profile["aws_access_key_id"], profile["aws_secret_access_key"]

    @cached_property
    def session(self) -> boto3.Session:
        """A boto3 session with the region's keys."""
        access_key, secret_key = self.keys()
        return boto3.Session(access_key, secret_key, region_name="us-east-1")

    def client(self, service: str, config: Config | None = None) -> Any:
        """A boto3 client of the service."""
        make: Any = self.session.client
        return make(service, endpoint_url=self.url, config=config)

    def _begin(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "apps.localregion", "--home", str(self.home), "--port", str(self.port)]
        with Path(f"{self.home}.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        return self.process

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_health", timeout=5) as answer:  # noqa: S310 - a fixed scheme
                return bool(answer.status == 200)
        except OSError:
            return False

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=START_SECONDS)
            self.process = None


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegionProcess]:
    """One region for all tests that do not harm it."""
    started = RegionProcess(tmp_path_factory.mktemp("region") / "home", free_port())
    started.start()
    yield started
    started.stop()


@pytest.fixture
def private_region(tmp_path: Path) -> Iterator[RegionProcess]:
    """A region of the test's own, to be killed."""
    started = RegionProcess(tmp_path / "home", free_port())
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def client(region: RegionProcess) -> Callable[..., Any]:
    """Makes boto3 clients of the shared region: `client("s3")`."""
    return region.client
