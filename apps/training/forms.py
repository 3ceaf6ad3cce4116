"""The launch form, generated from an algorithm's table; the API fills in the same form, so both refuse alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator

from apps.aws.models import Workspace
from apps.aws.prices import instance_types
from apps.datasets.models import Dataset
from apps.datasets.queries import trainable
from apps.training.catalogue import ALGORITHMS, Algorithm
from apps.training.fields import HyperparameterField
from apps.training.models import TrainingJob
from apps.training.spec import Channel, LaunchSpec, channels_of

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
JOB_NAME = RegexValidator(
    r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$",
    "Use 1 to 63 letters, digits and hyphens, beginning and ending with a letter or digit.",
)
MAX_INSTANCES = 20
MAX_RUNTIME_SECONDS = 2_419_200
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
S3_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.{0,1024})?")
PREFIX = "hp_"


@dataclass(frozen=True)
class Group:
    """Hyperparameters that stand together on the form."""

    title: str
    fields: list[forms.BoundField]


def check_s3_uri(value: str) -> None:
    """Refuse what is not `s3://bucket/key`."""
    if not S3_URI.fullmatch(value):
        raise forms.ValidationError("Give an S3 URI such as s3://bucket/folder/train.csv.")


class LaunchForm(forms.Form):
    """Everything asked before a training job is launched."""

    name = forms.CharField(required=False, max_length=63, validators=[JOB_NAME], help_text="Made up when left empty.")
    dataset = forms.ModelChoiceField(
        Dataset.objects.none(), required=False, to_field_name="name", empty_label="S3 URIs of your own"
    )
    train_s3_uri = forms.CharField(
        required=False,
        max_length=1024,
        label="Train",
        validators=[check_s3_uri],
        help_text="An object or a prefix.",
    )
    validation_s3_uri = forms.CharField(
        required=False, max_length=1024, label="Validation", validators=[check_s3_uri], help_text="Optional."
    )
    content_type = forms.ChoiceField(required=False)
    validation_content_type = forms.ChoiceField(required=False)
    instance_type = forms.ChoiceField(initial="ml.m5.xlarge")
    instance_count = forms.IntegerField(min_value=1, max_value=MAX_INSTANCES, initial=1)
    max_runtime_seconds = forms.IntegerField(
        min_value=1, max_value=MAX_RUNTIME_SECONDS, initial=3600, help_text="The job is stopped after that."
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        workspace: Workspace,
        algorithm: str = "xgboost",
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.workspace = workspace
        self.algorithm: Algorithm = ALGORITHMS[algorithm]
        self._choices("instance_type", [kind.name for kind in instance_types()])
        for name in ("content_type", "validation_content_type"):
            self._choices(name, self.algorithm.content_types)
        datasets = cast("forms.ModelChoiceField[Dataset]", self.fields["dataset"])
        datasets.queryset = trainable(workspace)
        for row in self.algorithm.hyperparameters.values():
            self.fields[PREFIX + row.name] = HyperparameterField(row, self.algorithm)

    def _choices(self, name: str, values: list[str] | tuple[str, ...]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [(value, value) for value in values]

    def hyperparameter_fields(self) -> list[Group]:
        """The hyperparameters in the table's groups and order."""
        groups: dict[str, list[forms.BoundField]] = {}
        for row in self.algorithm.hyperparameters.values():
            groups.setdefault(row.group, []).append(self[PREFIX + row.name])
        return [Group(title, fields) for title, fields in groups.items()]

    def clean_name(self) -> str:
        """A name may be used once in a workspace, as SageMaker keeps them unique."""
        name: str = self.cleaned_data["name"]
        if name and TrainingJob.objects.filter(workspace=self.workspace, name=name).exists():
            raise forms.ValidationError("There is a training job of this name already; names are never used again.")
        return name

    def clean(self) -> dict[str, Any]:
        """What depends on several fields: where the data is, and the algorithm's own rules."""
        given = cast("dict[str, Any]", super().clean())
        if not given.get("dataset") and not given.get("train_s3_uri") and "train_s3_uri" not in self.errors:
            self.add_error("train_s3_uri", "Choose a data set or give the S3 URI of the training data.")
        defaults = {row.name: row.default for row in self.algorithm.hyperparameters.values()}
        values = defaults | self._hyperparameters()
        for rule in self.algorithm.rules:
            if rule.broken_by(values) and PREFIX + rule.name not in self.errors:
                self.add_error(PREFIX + rule.name, f"{rule.name} {rule.message}.")
        for name in self._hyperparameters():
            self._check_only_if(name, values)
        if values.get("early_stopping_rounds") and not (given.get("dataset") or given.get("validation_s3_uri")):
            self.add_error(f"{PREFIX}early_stopping_rounds", "Early stopping needs validation data.")
        return given

    def _check_only_if(self, name: str, values: Mapping[str, str]) -> None:
        for other, allowed in self.algorithm.hyperparameters[name].only_if.items():
            if values.get(other) not in allowed:
                self.add_error(PREFIX + name, f"{name} has no effect unless {other} is {' or '.join(allowed)}.")

    def _hyperparameters(self) -> dict[str, str]:
        """The given ones; those left empty keep the algorithm's default."""
        given = ((name, self.cleaned_data.get(PREFIX + name, "")) for name in self.algorithm.hyperparameters)
        return {name: value for name, value in given if value}

    def _channels(self) -> dict[str, Channel]:
        given = self.cleaned_data
        dataset: Dataset | None = given["dataset"]
        if dataset and dataset.current:
            return channels_of(dataset.current)
        content_type = given["content_type"] or self.algorithm.content_types[0]
        channels = {"train": Channel(given["train_s3_uri"], content_type)}
        if given["validation_s3_uri"]:
            channels["validation"] = Channel(
                given["validation_s3_uri"], given["validation_content_type"] or content_type
            )
        return channels

    def spec(self) -> LaunchSpec:
        """The checked request; only after `is_valid()`."""
        given = self.cleaned_data
        return LaunchSpec(
            name=given["name"],
            algorithm=self.algorithm.name,
            hyperparameters=self._hyperparameters(),
            channels=self._channels(),
            instance_type=given["instance_type"],
            instance_count=given["instance_count"],
            max_runtime_seconds=given["max_runtime_seconds"],
            dataset=given["dataset"],
            dataset_version=given["dataset"].current if given["dataset"] else None,
        )
