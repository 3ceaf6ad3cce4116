"""The form's fields of a user's own program or image, and what they say together."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, RegexValidator

from apps.training.inputs import check_s3_uri
from apps.training.lines import CHANNELS, HYPERPARAMETERS, METRICS, LinesField

GIT_URL = re.compile(r"https?://[^\s/@?#]+(/[^\s?#]*)")
PROGRAM = RegexValidator(
    r"^[\w+-][\w.+-]*(/[\w+-][\w.+-]*)*\.(py|sh)$", "Give a program in the source, such as train.py."
)
FOLDER = RegexValidator(r"^[\w+-][\w.+-]*(/[\w+-][\w.+-]*)*$", "Give a folder in the repository, such as src.")
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AlgorithmSpecification.html, and the local region's.
MAX_IMAGE = 255
IMAGE = RegexValidator(
    r"^(venv\+s3://\S{3,240}|[a-z0-9.-]+(:\d+)?/[\w./-]+([:@][\w.:-]+)?)$",
    "Give an image's address such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:1.",
)


def own_code_fields(kind: str) -> dict[str, forms.Field]:
    """What a script or an image of the user's own is asked besides; nothing for a built-in algorithm."""
    if kind == "built-in":
        return {}
    free = {
        "hyperparameters": LinesField(HYPERPARAMETERS, example="epochs = 10", help_text="A name = value a line."),
        "metric_definitions": LinesField(
            METRICS,
            example="validation:loss = val_loss=([0-9.]+)",
            label="Metrics",
            help_text="A name = regular expression a line: what its group finds in the log becomes a curve.",
        ),
        "more_channels": LinesField(
            CHANNELS, example="images = s3://bucket/images/", label="More channels", help_text="A name = S3 URI a line."
        ),
    }
    return (_script_fields() if kind == "script" else _image_fields()) | free


def _text(label: str, help_text: str, **options: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"} | options.pop("attrs", {}))
    return forms.CharField(required=False, max_length=1024, label=label, help_text=help_text, widget=widget, **options)


def _script_fields() -> dict[str, forms.Field]:
    return {
        "script": forms.FileField(required=False, label="Upload", help_text="A Python program, or a .tar.gz with it."),
        "source_s3_uri": _text(
            "Archive: S3 URI", "A sourcedir.tar.gz that lies in S3 already.", validators=[check_s3_uri]
        ),
        "program": _text(
            "Program",
            "What is run, in the archive or repository.",
            validators=[PROGRAM],
            attrs={"placeholder": "train.py"},
        ),
        "git_url": _text("Git URL", "An https address that needs no password."),
        "git_ref": _text("Branch, tag or commit", "The default branch when left empty; the job notes the commit."),
        "git_folder": _text(
            "Folder", "The folder in the repository that is sent; all of it when left empty.", validators=[FOLDER]
        ),
    }


def _image_fields() -> dict[str, forms.Field]:
    return {
        "training_image": _text(
            "Image",
            "Its address in ECR; in a local region also venv+s3://bucket/folder/.",
            validators=[IMAGE, MaxLengthValidator(MAX_IMAGE)],
        )
    }


def check_source(kind: str, given: Mapping[str, Any], wrong: set[str]) -> dict[str, str]:
    """What is missing or contradicts itself, by field; `wrong` are fields that were refused already."""
    if kind == "image" and not given.get("training_image") and "training_image" not in wrong:
        return {"training_image": "Give the image's address."}
    if kind != "script" or wrong & {"script", "source_s3_uri", "git_url"}:
        return {}
    url: str = given.get("git_url", "")
    if url and given.get("source_s3_uri"):
        return {"git_url": "Give an archive or a git repository, not both."}
    if url and not GIT_URL.fullmatch(url):
        return {"git_url": "Give an address such as https://example.com/team/project.git, without a password."}
    if not url and not given.get("source_s3_uri"):
        return {"script": "Upload a program, or name an archive in S3 or a git repository."}
    return {}


def source_of(given: Mapping[str, Any]) -> dict[str, str]:
    """The job's `source`; empty when there is none."""
    if not given.get("git_url") and not given.get("source_s3_uri"):
        return {}
    program = given.get("program") or "train.py"
    if not given.get("git_url"):
        return {"program": program, "s3_uri": given["source_s3_uri"]}
    named = {"git_ref": given.get("git_ref"), "folder": given.get("git_folder")}
    return {"program": program, "git_url": given["git_url"]} | {name: text for name, text in named.items() if text}
