"""The images this region has, found by the repository name in an ECR address."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from apps.localregion.images.container import engines

# The hyperparameter that names the user's script, and the program that runs it.
PROGRAM = "sagemaker_program"
SCRIPT_MODE = "apps.localregion.images.script_mode"

# A user's own images: a folder in S3 that becomes a virtual environment, or whatever a container engine runs.
VENV = "venv+s3://"
OWN = "apps.localregion.images.own"
CONTAINER = "apps.localregion.images.container"

_ADDRESS = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/(?P<repository>[^:@]+)"
    r"(?::(?P<tag>[^@]+))?(?:@sha256:[0-9a-f]{64})?"
)


@dataclass(frozen=True)
class Image:
    """An image's facts: see its image.toml."""

    name: str
    train: str  # the module that trains
    repositories: tuple[str, ...]
    tags: re.Pattern[str]
    metric_definitions: tuple[dict[str, str], ...]  # none: those of the request are taken
    arguments: tuple[str, ...] = ()  # of the program
    content: str = ""  # the s3:// address of files that it needs in /opt/ml/image
    serve: str = ""  # the module that serves a model; none: it only trains
    process: str = ""  # the module that runs a processing job's entry point; none: it runs as it is

    @property
    def listens_on_socket(self) -> bool:
        """Whether it can serve on a Unix socket: what is not a user's own image."""
        return bool(self.repositories)


class UnknownImage(Exception):
    """No image here has this address; the text says which there are."""


def find(address: str, hyperparameters: Mapping[str, str] = MappingProxyType({})) -> Image:
    """The image of an ECR address, which in script mode runs the user's script instead; raises UnknownImage."""
    image = _find(address)
    if PROGRAM not in hyperparameters:
        return image
    return replace(image, train=f"{SCRIPT_MODE}.train", metric_definitions=())


def find_serving(address: str, environment: Mapping[str, str]) -> Image:
    """The image that serves a model, which runs the user's script if its container names one; raises UnknownImage."""
    image = _find(address)
    return replace(image, serve=f"{SCRIPT_MODE}.serve") if PROGRAM.upper() in environment else image


def metric_definitions(address: str, hyperparameters: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    """The metric definitions of an image's own, none for one that is no longer here."""
    try:
        return find(address, hyperparameters).metric_definitions
    except UnknownImage:
        return ()


def _find(address: str) -> Image:
    if address.startswith(VENV):
        return _users(OWN, content=address.removeprefix("venv+"))
    match = _ADDRESS.fullmatch(address)
    image = _images().get(match["repository"]) if match else None
    if match and image:
        tag = match["tag"] or "latest"
        if not image.tags.fullmatch(tag):
            raise UnknownImage(
                f"Requested image {address} not found: repository {match['repository']} has no tag {tag} here"
            )
        return image
    engine = engines.find()
    if engine is None:
        raise _unknown(address, match)
    return _users(CONTAINER, arguments=(engine, address))


def _users(program: str, *, arguments: tuple[str, ...] = (), content: str = "") -> Image:
    return Image(
        "own",
        f"{program}.train",
        (),
        re.compile(".*"),
        (),
        arguments,
        content,
        f"{program}.serve",
        f"{program}.process",
    )


def _unknown(address: str, match: re.Match[str] | None) -> UnknownImage:
    known = ", ".join(sorted(_images()))
    there = f"Images of this region: {known}. Others need podman or Docker, and neither runs here."
    if match is None:
        return UnknownImage(f"{address} is not an ECR image address. {there}")
    return UnknownImage(
        f"Cannot find repository: {match['repository']} in registry ID: {match['registry']}. "
        f"Please check if your ECR repository exists. {there}"
    )


def find_named(repository: str) -> Image:
    """The image of a repository name that is known to be there."""
    return _images()[repository]


def repositories() -> set[str]:
    """The names of the repositories that hold the images."""
    return set(_images())


@cache
def _images() -> dict[str, Image]:
    """Every image by each of its repository names."""
    images = [_read(path) for path in sorted(Path(__file__).parent.glob("*/image.toml"))]
    return {repository: image for image in images for repository in image.repositories}


def _read(path: Path) -> Image:
    facts = tomllib.loads(path.read_text(encoding="utf-8"))
    return Image(
        name=path.parent.name,
        train=facts["train"],
        repositories=tuple(facts["repositories"]),
        tags=re.compile(facts["tags"]),
        metric_definitions=tuple(_definitions(facts.get("metrics", {}))),
        serve=facts.get("serve", ""),
    )


def _definitions(metrics: dict[str, Any]) -> list[dict[str, str]]:
    """The metric definitions of a [metrics] table.

    `names` (a list, or a table from a name to how its line writes it) and `series` (train, validation) make one
    each from the expression `regex`; the table `others` gives further ones as they are.
    """
    names = metrics.get("names", [])
    written = names if isinstance(names, dict) else {name: name for name in names}
    each = {
        f"{series}:{name}": metrics["regex"].replace("SERIES", series).replace("METRIC", text)
        for name, text in written.items()
        for series in metrics["series"]
    }
    return [{"Name": name, "Regex": regex} for name, regex in {**each, **metrics.get("others", {})}.items()]
