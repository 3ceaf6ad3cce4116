"""Image URIs, as the SageMaker SDK gives them: from the tables that its distribution carries.

They are read as files: to import the SDK takes 3 s and 130 MB (measured), in every process that wants one address.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distribution
from typing import Any

from django.core.cache import cache

from apps.aws import clients
from apps.aws.errors import AwsFailure, translated
from apps.aws.models import Workspace
from apps.core.errors import Refusal

# For how long a region's answer is believed.
KEPT_SECONDS = 60
TABLES = "sagemaker/core/image_uri_config"
# https://docs.aws.amazon.com/general/latest/gr/rande.html
DOMAINS = {"cn-": "amazonaws.com.cn", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov"}


@dataclass(frozen=True)
class Image:
    """An image of AWS's own: its name in the SDK's tables and its version there."""

    name: str
    version: str


def training_image(region: str, image: Image, *, gpu: bool = False) -> str:
    """The ECR address of a training image in a region; raises Refusal where AWS does not offer it."""
    table = _table(image.name)
    version = table["versions"][table.get("version_aliases", {}).get(image.version, image.version)]
    account = version["registries"].get(region)
    if account is None:
        raise Refusal(f"AWS offers no image of {image.name} {image.version} in {region}.", "algorithm")
    domain = next((domain for prefix, domain in DOMAINS.items() if region.startswith(prefix)), "amazonaws.com")
    tag = "-".join([version.get("tag_prefix", image.version), *_variant(table, version, gpu)])
    return f"{account}.dkr.ecr.{region}.{domain}/{version['repository']}:{tag}"


def _variant(table: dict[str, Any], version: dict[str, Any], gpu: bool) -> list[str]:
    """The end of a tag, where an image comes in several: its processor, its Python, its build."""
    processors = version.get("processors", table.get("processors", []))
    if not processors:
        return []
    processor = "gpu" if gpu and "gpu" in processors else processors[0]
    pythons, builds = version.get("py_versions", []), version.get("container_version", {})
    return [processor, *pythons[:1], *([builds[processor]] if processor in builds else [])]


@lru_cache
def _table(name: str) -> dict[str, Any]:
    path = distribution("sagemaker-core").locate_file(f"{TABLES}/{name}.json")
    table: dict[str, Any] = json.loads(path.read_text())
    training: dict[str, Any] = table.get("training", table)
    return training


def repository(image_uri: str) -> str:
    """The repository's name in an ECR URI, e.g. "sagemaker-xgboost"."""
    return image_uri.rsplit("/", 1)[-1].split("@")[0].split(":")[0]


def known_repositories(workspace: Workspace) -> frozenset[str] | None:
    """The image repositories of a region of one's own; None: all of AWS's, or it cannot be asked now."""
    if not workspace.endpoint_url:
        return None
    key = f"repositories-{workspace.endpoint_url}"
    found: frozenset[str] | None = cache.get(key)
    if found is None:
        found = _repositories(workspace)
        cache.set(key, found, KEPT_SECONDS)
    return found or None


def _repositories(workspace: Workspace) -> frozenset[str]:
    """As ECR lists them; none where it does not answer, so that no page waits for it again at once."""
    try:
        with translated():
            pages = clients.ecr(workspace).get_paginator("describe_repositories").paginate()
            return frozenset(entry["repositoryName"] for page in pages for entry in page["repositories"])
    except AwsFailure:
        return frozenset()
