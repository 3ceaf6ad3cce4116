"""What `up` refuses before it starts anything, and how it says so."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from apps.core.preflight import only_one, refuse_busy_port, refuse_unreachable_redis
from tests.stack import CHECKOUT, free_port


def test_a_second_up_is_told_who_holds_the_home(tmp_path: Path) -> None:
    with only_one(tmp_path, "process 4711 at http://127.0.0.1:8000"):
        with pytest.raises(ImproperlyConfigured) as refusal, only_one(tmp_path, "process 2"):
            pass
        assert "MLCONSOLE_HOME" in str(refusal.value)
        assert "process 4711 at http://127.0.0.1:8000" in str(refusal.value)
    with only_one(tmp_path, "process 3"):
        assert (tmp_path / "run" / "up.lock").read_text() == "process 3"


def test_the_home_is_free_again_however_its_holder_ended(tmp_path: Path) -> None:
    hold = (
        "import os, pathlib; from apps.core.preflight import only_one;"
        f"lock = only_one(pathlib.Path({str(tmp_path)!r}), 'dead'); lock.__enter__(); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", hold], cwd=CHECKOUT, check=False).returncode
    assert ended == -9
    with only_one(tmp_path, "alive"):
        assert (tmp_path / "run" / "up.lock").read_text() == "alive"


def test_a_busy_port_is_refused_with_its_setting_and_its_holder() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ImproperlyConfigured) as refusal:
            refuse_busy_port("MLCONSOLE_PORT", "127.0.0.1", port)
    assert f"MLCONSOLE_PORT: port {port} on 127.0.0.1 cannot be used" in str(refusal.value)
    assert f"process {os.getpid()}" in str(refusal.value)


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_refused_by_name(host: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"MLCONSOLE_HOST: '{host}' is no address of this machine"):
        refuse_busy_port("MLCONSOLE_PORT", host, free_port())


def test_a_redis_that_does_not_answer_is_refused_by_name(settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL: the server does not answer"):
        refuse_unreachable_redis()
