"""Starting and stopping a region."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.region.conftest import RegionProcess, free_port


def start_again(home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "apps.localregion", "--home", str(home), "--port", str(free_port())]
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)


def test_the_keys_are_made_once_and_private(private_region: RegionProcess) -> None:
    path = private_region.home / "credentials"
    assert path.stat().st_mode & 0o777 == 0o600
    access_key, secret_key = private_region.keys()
    assert access_key.startswith("AKIA")
    assert (len(access_key), len(secret_key)) == (20, 40)
    private_region.kill()
    private_region.start()
    assert private_region.keys() == (access_key, secret_key)


def test_a_second_region_on_the_same_home_is_refused_by_name(private_region: RegionProcess) -> None:
    refused = start_again(private_region.home)
    assert refused.returncode != 0
    assert f"another region already runs on {private_region.home}: stop it first" in refused.stderr
    assert private_region.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_a_damaged_credentials_file_is_refused_by_name(private_region: RegionProcess) -> None:
    path = private_region.home / "credentials"
    private_region.stop()
    whole = path.read_text()
    path.write_text("[somebody-else]\n")
    refused = start_again(private_region.home)
    assert refused.returncode != 0
    assert f"{path} has no whole profile [mlconsole-local]" in refused.stderr
    assert "Traceback" not in refused.stderr
    path.write_text(whole)
    private_region.start()


def test_sigterm_ends_the_region_though_a_client_is_connected(private_region: RegionProcess) -> None:
    private_region.client("s3").create_bucket(Bucket="connected")  # leaves a kept-alive connection
    running = private_region.process
    assert running is not None
    private_region.stop()
    assert running.returncode in (0, -signal.SIGTERM)  # by itself: uvicorn ends by the signal it was sent
