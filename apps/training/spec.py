"""What is launched: the typed outcome of the form and of the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.datasets.models import Dataset, DatasetVersion

VOLUME_GB = 30


@dataclass(frozen=True)
class Channel:
    """One input channel: everything under an S3 prefix (or one object), and its content type."""

    s3_uri: str
    content_type: str


@dataclass(frozen=True)
class LaunchSpec:
    """A checked request for one training job; an empty name means: make one up.

    `source` is a script: {"program", "s3_uri"}, or {"program", "git_url", "git_ref", "folder"} to be fetched.
    """

    algorithm: str
    hyperparameters: Mapping[str, str]
    channels: Mapping[str, Channel]
    instance_type: str
    instance_count: int
    max_runtime_seconds: int
    name: str = ""
    dataset: Dataset | None = None
    dataset_version: DatasetVersion | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    volume_size_gb: int = VOLUME_GB
    max_wait_seconds: int | None = None
    checkpoint_s3_uri: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    training_image: str = ""
    metric_definitions: Mapping[str, str] = field(default_factory=dict)
    cloned_from: str = ""


def channels_of(version: DatasetVersion) -> dict[str, Channel]:
    """The input channels that a version of a data set gives."""
    return {name: Channel(uri, version.content_type) for name, uri in version.channels.items()}
