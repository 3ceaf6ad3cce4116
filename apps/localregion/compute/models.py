"""A model's containers, made ready to be started: artifacts, code, command, environment and address."""

from __future__ import annotations

import shutil
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from apps.localregion.compute import channels, limits, s3uri
from apps.localregion.compute.container import ROOT, base_environment
from apps.localregion.compute.folder import HostFolder
from apps.localregion.compute.serving import free_ports
from apps.localregion.compute.sources import DownloadFailed
from apps.localregion.errors import AwsError
from apps.localregion.images import catalogue
from apps.localregion.images.serving import PORT, SOCKET
from apps.localregion.store.objects import Objects
from apps.localregion.store.pieces import Damaged

SOCKET_NAME = "serve.sock"

Body = dict[str, Any]


def containers(model: Body) -> list[Body]:
    """The containers of a model's document, in the order in which a request passes them."""
    found: list[Body] = model.get("Containers") or [model["PrimaryContainer"]]
    return found


def make_ready(
    model: Body, host: HostFolder, objects: Objects, instance_type: str, region: str, told: dict[str, str]
) -> list[Body]:
    """Lay out each container's /opt/ml on one instance; answers how each is started and where it listens.

    `told` is the environment that the job adds. Raises DownloadFailed.
    """
    ports = free_ports()
    plans = []
    for number, container in enumerate(containers(model)):
        base = host.ml if number == 0 else host.ml / "containers" / str(number + 1)
        given = container.get("Environment", {})
        image = catalogue.find_serving(container["Image"], given)
        _bring_model(objects, container, base)
        _bring_program(objects, image, given, base)
        environment = {
            **base_environment(host, region),
            **limits.of(instance_type).environment(),
            **given,
            **told,
            "PYTHONPATH": str(ROOT),
            "SAGEMAKER_BASE_DIR": str(base),
        }
        plans.append({"folder": str(base), **_address(image, base, host, ports, environment)})
    return plans


def _address(
    image: catalogue.Image, base: Path, host: HostFolder, ports: Iterator[int], environment: dict[str, str]
) -> Body:
    """Our own programs listen on a Unix socket, of which nobody takes the name; a user's on a port."""
    if image.listens_on_socket:
        address = str(base.joinpath(SOCKET_NAME).relative_to(host.ml))
        environment[SOCKET] = SOCKET_NAME
    else:
        address = environment[PORT] = str(next(ports))
    command = [sys.executable, "-u", "-m", image.serve, *image.arguments]
    return {"command": command, "environment": environment, "address": address}


def _bring_model(objects: Objects, container: Body, base: Path) -> None:
    """The model's files below /opt/ml/model."""
    folder = base / "model"
    folder.mkdir(parents=True, exist_ok=True)
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source is not None and source["CompressionType"] == "None":
        channels.fill(objects, source["S3Uri"], folder)
        return
    uri = source["S3Uri"] if source is not None else container.get("ModelDataUrl")
    if uri:
        _unpack(objects, uri, folder)


def _unpack(objects: Objects, uri: str, folder: Path) -> None:
    stored = objects.get(*s3uri.split(uri))
    if stored is None:
        raise DownloadFailed(f"Could not find model data at {uri}.")
    packed = folder.with_name("model.tar.gz")
    try:
        with closing(objects.open(stored)) as source, packed.open("wb") as file:
            shutil.copyfileobj(source, file, channels.COPY_BYTES)
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
        packed.unlink()
    except (tarfile.TarError, EOFError) as error:
        raise DownloadFailed(f"Failed to extract model data archive from URL {uri}: {error}") from error
    except (AwsError, Damaged) as error:
        raise DownloadFailed(f"{uri} cannot be read: {error}") from error


def _bring_program(objects: Objects, image: catalogue.Image, environment: dict[str, str], base: Path) -> None:
    """What the image itself needs from S3: a user's own image, and script mode's code."""
    if image.content:
        channels.fill(objects, image.content, base / "image")
    source = environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    if source.startswith("s3://"):
        channels.fill(objects, source, base / "input" / "source")
