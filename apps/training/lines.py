"""Fields of many rows, a `name = value` a line: environment, tags, free hyperparameters, metrics, channels."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django import forms

from apps.training.tags import tag_errors

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
S3_URI = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.{0,1024})?")


@dataclass(frozen=True)
class Row:
    """What a row's name and value may be, by SageMaker's own limits; `check` says what else is wrong, or nothing.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
    """

    most: int
    name: str
    name_words: str
    most_characters: int
    check: Callable[[str], str] = lambda value: ""
    required: bool = True


def _regex(value: str) -> str:
    try:
        groups = re.compile(value).groups
    except re.error as error:
        return f"is no regular expression: {error}"
    return "" if groups else "needs a group in brackets that holds the number, as in loss=([0-9.]+)"


def _s3(value: str) -> str:
    return "" if S3_URI.fullmatch(value) else "must be an S3 URI such as s3://bucket/folder/"


HYPERPARAMETERS = Row(100, r"[^=\s][^=]{0,255}", "1 to 256 characters", 2500, required=False)
ENVIRONMENT = Row(100, r"[a-zA-Z_][a-zA-Z0-9_]{0,511}", "letters, digits and _, no digit first", 512, required=False)
METRICS = Row(40, r".{1,255}", "1 to 255 characters", 500, _regex)
CHANNELS = Row(17, r"[A-Za-z0-9._-]{1,64}", "letters, digits, dots, hyphens and _", 1024, _s3)
TAGS = Row(48, r".{1,128}", "1 to 128 characters", 256, required=False)


class LinesField(forms.CharField):
    """Rows as text, a `name = value` a line; the value is a dictionary. The API gives the dictionary itself."""

    def __init__(
        self, row: Row, *, separator: str = "=", example: str = "", help_text: str = "", label: str = ""
    ) -> None:
        self.row = row
        self.separator = separator
        attributes = {"rows": 3, "placeholder": example, "spellcheck": "false", "autocomplete": "off"}
        widget = forms.Textarea(attrs=attributes)
        super().__init__(required=False, max_length=100_000, help_text=help_text, label=label or None, widget=widget)

    def to_python(self, value: object) -> dict[str, str]:  # type: ignore[override]  # what is cleaned is rows
        """The rows; raises ValidationError that names the line."""
        if isinstance(value, Mapping):
            return {str(name): str(text) for name, text in value.items()}
        rows: dict[str, str] = {}
        for number, line in enumerate(str(value or "").splitlines(), start=1):
            if not line.strip():
                continue
            name, found, text = (part.strip() for part in line.partition(self.separator))
            if not found or not name:
                raise forms.ValidationError(f"Line {number} must be: name {self.separator} value.")
            if name in rows:
                raise forms.ValidationError(f"Line {number}: {name} stands there twice.")
            rows[name] = text
        return rows

    def validate(self, value: dict[str, str]) -> None:
        """Refuse what SageMaker would not take, by the row's name."""
        wrong = [text for name, given in value.items() if (text := self._wrong(name, given))]
        if len(value) > self.row.most:
            wrong.append(f"At most {self.row.most} rows, not {len(value)}.")
        if self.row is TAGS:
            wrong = tag_errors(value)
        if wrong:
            raise forms.ValidationError(wrong)

    def run_validators(self, value: dict[str, str]) -> None:
        """Nothing more: `validate` has looked at each row."""

    def _wrong(self, name: str, value: str) -> str:
        row = self.row
        if not re.fullmatch(row.name, name):
            return f"{name[:80]} cannot be a name: {row.name_words}."
        if "\0" in value:
            return f"{name} holds a NUL character, which SageMaker does not take."
        if row.required and not value:
            return f"{name} has no value."
        if len(value) > row.most_characters:
            return f"{name} has {len(value)} characters; {row.most_characters} at most."
        said = row.check(value)
        return f"{name} {said}." if said else ""


def as_lines(rows: Mapping[str, str], separator: str = "=") -> str:
    """The rows as the text that the field reads."""
    return "\n".join(f"{name} {separator} {value}" for name, value in rows.items())
