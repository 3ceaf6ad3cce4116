"""How a container image is run, and when there is an engine for it."""

import socket
from pathlib import Path

import pytest

from apps.localregion.images import catalogue
from apps.localregion.images.container import engines, train


def test_the_container_gets_opt_ml_and_the_jobs_variables_and_is_asked_to_train() -> None:
    environment = {"PATH": "/bin", "HOME": "/", "TRAINING_JOB_NAME": "one", "MINE": "two"}
    assert train.command("/usr/bin/podman", "mine:1", "train", Path("/jobs/one/opt/ml"), environment) == [
        "/usr/bin/podman",
        *("run", "--rm", "--init", "--network", "host"),
        *("--volume", "/jobs/one/opt/ml:/opt/ml"),
        *("--env", "MINE", "--env", "TRAINING_JOB_NAME"),
        *("mine:1", "train"),
    ]


def test_docker_is_an_engine_only_while_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = tmp_path / "docker"
    client.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engines, "DOCKER_SOCKET", "docker.sock")
    assert engines.find() is None
    with pytest.raises(catalogue.UnknownImage, match="mine:1 is not an ECR image address"):
        catalogue.find("mine:1")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("docker.sock")
        listener.listen()
        assert engines.find() == str(client)
        assert catalogue.find("mine:1").arguments == (str(client), "mine:1")
    (tmp_path / "docker.sock").unlink()
    assert catalogue.metric_definitions("mine:1", {}) == ()


def test_podman_needs_no_service_and_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = tmp_path / "podman"
    client.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert engines.find() == str(client)
