"""Where the form's training data comes from: a data set of the console's, or an S3 URI a channel."""

from collections.abc import Mapping
from typing import Any

from django import forms

from apps.datasets.models import DatasetVersion
from apps.training.catalogue import Algorithm, ChannelKind
from apps.training.lines import S3_URI
from apps.training.spec import Channel, channels_of

URI, TYPE = "_s3_uri", "_content_type"


def check_s3_uri(value: str) -> None:
    """Refuse what is not `s3://bucket/key`."""
    if not S3_URI.fullmatch(value):
        raise forms.ValidationError("Give an S3 URI such as s3://bucket/folder/train.csv.")


def content_types(algorithm: Algorithm, channel: ChannelKind) -> tuple[str, ...]:
    """What a channel may hold, the usual first."""
    return channel.content_types or algorithm.content_types


def channel_fields(algorithm: Algorithm) -> dict[str, forms.Field]:
    """An S3 URI and a content type for each channel of the algorithm's table."""
    fields: dict[str, forms.Field] = {}
    for channel in algorithm.channels.values():
        title = channel.name.replace("_", " ").capitalize()
        fields[channel.name + URI] = forms.CharField(
            required=False,
            max_length=1024,
            label=f"{title}: S3 URI",
            validators=[check_s3_uri],
            help_text=channel.help,
            widget=forms.TextInput(attrs={"placeholder": "s3://bucket/folder/", "autocomplete": "off"}),
        )
        offered = content_types(algorithm, channel)
        fields[channel.name + TYPE] = forms.ChoiceField(
            required=False,
            label=f"{title}: content type",
            choices=[(value, value or "not stated") for value in offered],
            initial=offered[0],
        )
    return fields


def channels_of_dataset(algorithm: Algorithm, version: DatasetVersion) -> dict[str, Channel]:
    """A data set's train and validation as the algorithm calls them; what it has no channel for is left out."""
    found = channels_of(version)
    names = {"train": "train", "validation": "validation" if "validation" in algorithm.channels else "test"}
    return {names[name]: channel for name, channel in found.items() if names[name] in algorithm.channels}


def given_channels(algorithm: Algorithm, given: Mapping[str, Any]) -> dict[str, Channel]:
    """The channels whose S3 URI was filled in, and the rows of further ones."""
    channels = {
        name: Channel(given[name + URI], given.get(name + TYPE) or content_types(algorithm, channel)[0])
        for name, channel in algorithm.channels.items()
        if given.get(name + URI)
    }
    return channels | {name: Channel(uri, "") for name, uri in given.get("more_channels", {}).items()}
