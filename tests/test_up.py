"""`manage.py up` as a person types it: what it starts, refuses, prints and ends."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from mlconsole.management.commands.up import ENDING_SECONDS
from tests.stack import CHECKOUT, PARTS, START_WITHIN, Stack, free_port, until

MakeStack = Callable[..., Stack]


def refusal(stack: Stack) -> str:
    """What an `up` that ends by itself says; it must end with 1 and have started nothing."""
    stack.start()
    assert stack.up is not None
    assert stack.up.wait(150) == 1
    assert not (stack.home / "logs").exists()
    assert "Traceback" not in stack.output
    return stack.output


def test_the_console_starts_with_every_part_well(stack: Stack) -> None:
    status, entries = stack.health()
    assert status == 200
    assert list(entries) == ["database", "redis", "worker", "beat", "region"]
    assert all(entry["status"] == "ok" for entry in entries.values())


def test_the_printed_link_signs_in_as_admin(stack: Stack) -> None:
    link = stack.sign_in_link()
    assert re.fullmatch(rf"{stack.url}/sign-in/[\w-]{{30,}}/", link)
    page = subprocess.run(["curl", "-s", link], check=True, capture_output=True, text=True).stdout
    assert "password" in page


def test_the_state_is_private_to_its_owner(stack: Stack) -> None:
    assert stat.S_IMODE((stack.home / "run").stat().st_mode) == 0o700
    assert stat.S_IMODE((stack.home / "run" / "redis.sock").stat().st_mode) == 0o700


def test_a_bare_start_brings_no_data_and_no_job(stack: Stack) -> None:
    assert not (stack.home / "logs" / "first-light.log").exists()


def test_a_second_up_of_the_same_home_is_refused_with_who_holds_it(stack: Stack) -> None:
    second = Stack(extra=stack.extra, home=stack.home)
    ended = subprocess.run(
        [sys.executable, "manage.py", "up", "--no-browser"],
        cwd=CHECKOUT,
        env=second.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert stack.up is not None
    assert f"MLCONSOLE_HOME: {stack.home} is in use by process {stack.up.pid} at {stack.url}" in ended.stderr
    assert stack.health()[0] == 200


def test_a_busy_port_is_refused_by_name_before_anything_starts(new_stack: MakeStack) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refusal(new_stack(region_port=port))
    assert f"mlconsole: MLCONSOLE_REGION_PORT: port {port} on 127.0.0.1 cannot be used" in said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MLCONSOLE_PORT", "80000", "MLCONSOLE_PORT must be a port from 1 to 65535, not '80000'"),
        ("MLCONSOLE_PROT", "8000", "MLCONSOLE_PROT is not a setting; known are"),
        ("MLCONSOLE_HOST", "192.0.2.1", "MLCONSOLE_HOST: '192.0.2.1' is no address of this machine"),
        ("DATABASE_URL", "postgres://ann@127.0.0.1:1/none", "DATABASE_URL: the database cannot be opened"),
        ("REDIS_URL", "redis://127.0.0.1:1/0", "REDIS_URL: the server does not answer"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(new_stack: MakeStack, name: str, value: str, said: str) -> None:
    assert f"mlconsole: {said}" in refusal(new_stack(extra={name: value}))


def test_one_port_for_console_and_region_is_refused_by_name(new_stack: MakeStack) -> None:
    port = free_port()
    said = refusal(new_stack(port=port, region_port=port))
    assert f"MLCONSOLE_PORT and MLCONSOLE_REGION_PORT are both {port}" in said


def test_two_consoles_side_by_side_do_not_disturb_each_other(stack: Stack, new_stack: MakeStack) -> None:
    other = new_stack()
    other.start()
    other.wait_until_healthy()
    pids = {part: stack.pid(part) for part in PARTS}
    other.kill("redis")
    other.wait_until_healthy()
    assert other.stop() == 0
    assert {part: stack.pid(part) for part in PARTS} == pids
    assert stack.health()[0] == 200


def test_ctrl_c_ends_every_part_cleanly_and_soon(new_stack: MakeStack) -> None:
    ended = new_stack()
    ended.start()
    ended.wait_until_healthy()
    began = time.monotonic()
    assert ended.stop() == 0
    assert time.monotonic() - began < 30
    assert ended.processes() == []
    assert list((ended.home / "run").glob("*.json")) == []


def test_sigterm_to_make_ends_the_console_too(new_stack: MakeStack) -> None:
    ended = new_stack()
    command = ["make", "--no-print-directory", "up", "BARE=1"]
    with (ended.home / "up.out").open("wb") as output:
        ended.up = subprocess.Popen(
            command, cwd=CHECKOUT, env=ended.environment, stdout=output, stderr=output, start_new_session=True
        )
    ended.wait_until_healthy()
    ended.stop(signal.SIGTERM)
    until(lambda: not ended.processes() or None, 60, "the end of every part")


def test_a_closed_terminal_ends_every_part(new_stack: MakeStack) -> None:
    ended = new_stack()
    ours, theirs = os.openpty()
    command = [sys.executable, "manage.py", "up", "--bare", "--no-browser"]
    ended.up = subprocess.Popen(
        command, cwd=CHECKOUT, env=ended.environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    until(lambda: ended.health()[0] == 200 or None, START_WITHIN, "/healthz 200")
    os.close(ours)
    ended.up.send_signal(signal.SIGHUP)
    ended.up.wait(60)
    assert ended.processes() == []


def test_a_second_ctrl_c_ends_at_once(new_stack: MakeStack) -> None:
    ended = new_stack()
    ended.start()
    ended.wait_until_healthy()
    assert ended.up is not None
    psutil.Process(ended.pid("worker")).suspend()  # it cannot answer the first one
    ended.up.send_signal(signal.SIGINT)
    until(lambda: "ending every part" in ended.output or None, 60, "the first one to be heard")
    began = time.monotonic()
    ended.up.send_signal(signal.SIGINT)
    ended.up.wait(60)
    assert time.monotonic() - began < ENDING_SECONDS - 1
    assert ended.processes() == []
