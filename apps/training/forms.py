"""The launch form, generated from an algorithm's table; the API fills in the same form, so both refuse alike."""

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
from apps.training.inputs import URI, channel_fields, channels_of_dataset, check_s3_uri, given_channels
from apps.training.lines import ENVIRONMENT, TAGS, LinesField
from apps.training.models import TrainingJob
from apps.training.own_code import check_source, own_code_fields, source_of
from apps.training.spec import VOLUME_GB, Channel, LaunchSpec

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
JOB_NAME = RegexValidator(
    r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$",
    "Use 1 to 63 letters, digits and hyphens, beginning and ending with a letter or digit.",
)
MAX_INSTANCES = 20
MAX_RUNTIME_SECONDS = 2_419_200
MAX_VOLUME_GB = 16_384
PREFIX = "hp_"


@dataclass(frozen=True)
class Group:
    """Hyperparameters that stand together on the form."""

    title: str
    fields: list[forms.BoundField]


class LaunchForm(forms.Form):
    """Everything asked before a training job is launched."""

    name = forms.CharField(required=False, max_length=63, label="Job name", validators=[JOB_NAME])
    cloned_from = forms.CharField(required=False, max_length=63, widget=forms.HiddenInput)
    dataset = forms.ModelChoiceField(
        Dataset.objects.none(),
        required=False,
        to_field_name="name",
        empty_label="S3 URIs of your own",
        error_messages={"invalid_choice": "There is no data set %(value)r here that is ready to train on."},
    )
    instance_type = forms.ChoiceField()
    instance_count = forms.IntegerField(min_value=1, max_value=MAX_INSTANCES, initial=1)
    volume_size_gb = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_VOLUME_GB,
        initial=VOLUME_GB,
        label="Volume (GB)",
        help_text="Room for data, checkpoints and model.",
    )
    max_runtime_seconds = forms.IntegerField(
        min_value=1,
        max_value=MAX_RUNTIME_SECONDS,
        initial=3600,
        label="Maximum runtime (seconds)",
        help_text="The job is stopped after that.",
    )
    spot = forms.BooleanField(
        required=False,
        label="Managed spot training",
        help_text="AWS's spare machines, up to 90 % cheaper; the job may wait and be interrupted.",
    )
    max_wait_seconds = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_RUNTIME_SECONDS,
        label="Maximum wait (seconds)",
        help_text="Runtime and waiting together; the maximum runtime when left empty.",
    )
    checkpoint_s3_uri = forms.CharField(
        required=False,
        max_length=1024,
        label="Checkpoints: S3 URI",
        validators=[check_s3_uri],
        help_text="Kept in step with /opt/ml/checkpoints, so that an interrupted job goes on from there.",
    )
    environment = LinesField(
        ENVIRONMENT, example="NAME=value", help_text="A NAME=value a line. No secrets: whoever sees the job sees them."
    )
    tags = LinesField(TAGS, example="team=vision", help_text="A name=value a line.")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        workspace: Workspace,
        algorithm: str = "xgboost",
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.algorithm: Algorithm = ALGORITHMS[algorithm]
        super().__init__(data, initial={"instance_type": self.algorithm.instance_type} | (initial or {}))
        self.workspace = workspace
        kinds = [(kind.name, kind.name) for kind in instance_types()]
        cast(forms.ChoiceField, self.fields["instance_type"]).choices = kinds
        datasets = cast("forms.ModelChoiceField[Dataset]", self.fields["dataset"])
        datasets.queryset = trainable(workspace) if self.algorithm.labelled else Dataset.objects.none()
        self.fields |= channel_fields(self.algorithm) | own_code_fields(self.algorithm.kind)
        for row in self.algorithm.hyperparameters.values():
            self.fields[PREFIX + row.name] = HyperparameterField(row, self.algorithm)

    def as_typed(self) -> dict[str, Any]:
        """What stands in the form at first, as if a person had sent it: for what is shown of the launch beforehand."""
        values = {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}
        return {name: value for name, value in values.items() if value is not None}

    def hyperparameter_fields(self) -> list[Group]:
        """The hyperparameters in the table's groups and order."""
        groups: dict[str, list[forms.BoundField]] = {}
        for row in self.algorithm.hyperparameters.values():
            groups.setdefault(row.group, []).append(self[PREFIX + row.name])
        return [Group(title, fields) for title, fields in groups.items()]

    def channel_pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each channel's S3 URI and content type."""
        return [(self[f"{name}{URI}"], self[f"{name}_content_type"]) for name in self.algorithm.channels]

    def clean_name(self) -> str:
        """A name may be used once in a workspace, as SageMaker keeps them unique."""
        name: str = self.cleaned_data["name"]
        if name and TrainingJob.objects.filter(workspace=self.workspace, name=name).exists():
            raise forms.ValidationError("There is a training job of this name already; names are never used again.")
        return name

    def clean(self) -> dict[str, Any]:
        """What depends on several fields: where data and code are, the algorithm's own rules, spot's two times."""
        given = cast("dict[str, Any]", super().clean())
        self._check_channels(given)
        for field, text in check_source(self.algorithm.kind, given, set(self.errors)).items():
            self.add_error(field, text)
        self._check_rules()
        wait, runtime = given.get("max_wait_seconds"), given.get("max_runtime_seconds")
        if given.get("spot") and wait and runtime and wait < runtime:
            self.add_error("max_wait_seconds", f"The wait holds the runtime: it must be at least {runtime} seconds.")
        return given

    def _check_channels(self, given: dict[str, Any]) -> None:
        if "dataset" in self.errors:
            return
        for channel in self.algorithm.channels.values():
            field = channel.name + URI
            if channel.required and not given.get("dataset") and not given.get(field) and field not in self.errors:
                data_set = "Choose a data set or give" if self.algorithm.labelled else "Give"
                self.add_error(field, f"{data_set} the S3 URI of the {channel.name.replace('_', ' ')} data.")

    def _check_rules(self) -> None:
        table = self.algorithm.hyperparameters
        given = self._hyperparameters()
        values = {row.name: row.default for row in table.values()} | given
        for rule in self.algorithm.rules:
            if rule.broken_by(values) and PREFIX + rule.name not in self.errors:
                self.add_error(PREFIX + rule.name, f"{rule.name} {rule.message}.")
        for name in given:
            for other, allowed in table[name].only_if.items() if name in table else ():
                if values.get(other) not in allowed:
                    self.add_error(PREFIX + name, f"{name} has no effect unless {other} is {' or '.join(allowed)}.")
        if values.get("early_stopping_rounds") and "validation" not in self._channels():
            self.add_error(f"{PREFIX}early_stopping_rounds", "Early stopping needs validation data.")

    def _hyperparameters(self) -> dict[str, str]:
        """The given ones; those left empty keep the algorithm's default."""
        free: dict[str, str] = self.cleaned_data.get("hyperparameters", {})
        given = ((name, self.cleaned_data.get(PREFIX + name, "")) for name in self.algorithm.hyperparameters)
        return free | {name: value for name, value in given if value}

    def _channels(self) -> dict[str, Channel]:
        dataset: Dataset | None = self.cleaned_data.get("dataset")
        given = given_channels(self.algorithm, self.cleaned_data)
        if dataset and dataset.current:
            more = {name: channel for name, channel in given.items() if name not in self.algorithm.channels}
            return channels_of_dataset(self.algorithm, dataset.current) | more
        return given

    def spec(self) -> LaunchSpec:
        """The checked request; only after `is_valid()`."""
        given = self.cleaned_data
        runtime: int = given["max_runtime_seconds"]
        return LaunchSpec(
            name=given["name"],
            algorithm=self.algorithm.name,
            hyperparameters=self._hyperparameters(),
            channels=self._channels(),
            instance_type=given["instance_type"],
            instance_count=given["instance_count"],
            volume_size_gb=given["volume_size_gb"] or VOLUME_GB,
            max_runtime_seconds=runtime,
            max_wait_seconds=(given["max_wait_seconds"] or runtime) if given["spot"] else None,
            checkpoint_s3_uri=given["checkpoint_s3_uri"],
            environment=given["environment"],
            tags=given["tags"],
            source=source_of(given),
            training_image=given.get("training_image", ""),
            metric_definitions=given.get("metric_definitions", {}),
            cloned_from=given["cloned_from"],
            dataset=given["dataset"],
            dataset_version=given["dataset"].current if given["dataset"] else None,
        )
