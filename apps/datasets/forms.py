"""What is asked of a data set: file or S3 URI, target, columns and hold-out; the API fills in the same forms."""

import hashlib
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator

from apps.core.errors import InvalidInput
from apps.datasets.choice import Choice, choose, proposed_target
from apps.datasets.models import HOLDOUT, SEED, DatasetVersion
from apps.datasets.states import Task

LEAST_HOLDOUT, MOST_HOLDOUT = 20, 30
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: objects of 5 TiB at most.
MAX_BYTES = 5 * 1024**4
# Words that stand where a data set's name may, in the addresses of its pages.
RESERVED = {"new", "register", "uploads"}
DATASET_NAME = RegexValidator(
    r"^(?=.*[a-zA-Z])[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$",
    "Use 1 to 63 letters, digits, hyphens and underscores, at least one of them a letter, beginning with no mark.",
)
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
OBJECT_URI = RegexValidator(
    r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\s].{0,1023}$",
    "Give an object's URI such as s3://bucket/folder/file.csv.",
)


class HoldoutField(forms.Field):
    """The share held out for validation: 25 and 0.25 both are 25 per cent."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            initial=HOLDOUT,
            label="Hold out for validation",
            help_text=f"{LEAST_HOLDOUT} to {MOST_HOLDOUT} per cent of the rows.",
            widget=forms.NumberInput({"min": LEAST_HOLDOUT, "max": MOST_HOLDOUT, "step": 1}),
        )

    def clean(self, value: Any) -> int:
        """Whole per cent; raises ValidationError outside of 20 to 30."""
        if value in (None, ""):
            return HOLDOUT
        wrong = forms.ValidationError(f"Hold out {LEAST_HOLDOUT} to {MOST_HOLDOUT} per cent of the rows.")
        try:
            share = float(value)
        except (TypeError, ValueError) as error:
            raise wrong from error
        share = share * 100 if 0 < share < 1 else share
        if not LEAST_HOLDOUT <= share <= MOST_HOLDOUT:
            raise wrong
        return round(share)


class NamedForm(forms.Form):
    """What every new file is asked."""

    name = forms.CharField(
        max_length=63,
        validators=[DATASET_NAME],
        help_text="A new data set, or the name of one that gets a new version.",
    )
    target = forms.CharField(
        required=False,
        max_length=200,
        label="Target column",
        help_text="Optional: you can choose it when the columns are known.",
    )
    holdout = HoldoutField()

    def clean_name(self) -> str:
        """The name, unless a page of ours has its address."""
        name: str = self.cleaned_data["name"]
        if name.lower() in RESERVED:
            raise forms.ValidationError(f"{name} is a word of the console's own. Choose another name.")
        return name

    def checked(self) -> dict[str, Any]:
        """What was given; raises InvalidInput with a message beside each field."""
        if not self.is_valid():
            raise InvalidInput({field: [str(each) for each in errors] for field, errors in self.errors.items()})
        return self.cleaned_data


class UploadForm(NamedForm):
    """A file that is about to come; `modified` is when it was changed last, in milliseconds since 1970."""

    filename = forms.CharField(max_length=255)
    size = forms.IntegerField(min_value=1, max_value=MAX_BYTES, error_messages={"min_value": "The file is empty."})
    modified = forms.IntegerField(required=False)

    def clean(self) -> dict[str, Any]:
        """By its fingerprint a file that is picked again is known."""
        given = cast("dict[str, Any]", super().clean())
        modified = given.pop("modified", None)
        facts = f"{given.get('filename')}|{given.get('size')}|{modified}"
        given["fingerprint"] = hashlib.sha256(facts.encode()).hexdigest() if modified else ""
        return given


class RegisterForm(NamedForm):
    """A file that is in S3 already."""

    s3_uri = forms.CharField(
        max_length=1024,
        validators=[OBJECT_URI],
        label="S3 URI",
        help_text="One CSV or Parquet object that the workspace may read. It stays where it is.",
    )


class ChoiceForm(forms.Form):
    """What is predicted from what, of a version whose columns are known."""

    target = forms.CharField(max_length=200)
    task = forms.ChoiceField(
        required=False,
        choices=[("", "as the target's values suggest"), *((task, str(task)) for task in Task.values)],
        help_text="Classes or a number.",
    )
    holdout = HoldoutField()
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        initial=SEED,
        help_text="Chooses the rows; the same seed, the same rows.",
    )

    def __init__(self, data: Any = None, *, version: DatasetVersion, features: list[str] | None = None) -> None:
        self.version = version
        self.features = features
        initial = {
            "target": version.target or proposed_target(version.columns),
            "task": version.task,
            "holdout": version.holdout,
            "seed": version.seed,
        }
        super().__init__(data, initial=initial)
        self.choice: Choice | None = None

    def clean(self) -> dict[str, Any]:
        """What depends on the columns."""
        given = cast("dict[str, Any]", super().clean())
        if "target" not in given or "task" not in given:
            return given
        try:
            self.choice = choose(self.version.columns, given["target"], self.features, given["task"])
        except InvalidInput as error:
            for field, texts in error.fields.items():
                self.add_error(field if field in self.fields else None, texts)
        return given

    @property
    def seed_given(self) -> int:
        """The seed, also when the field was left empty."""
        seed: int | None = self.cleaned_data["seed"]
        return SEED if seed is None else seed
