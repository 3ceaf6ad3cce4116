"""A launch as code: the same request for boto3, for the AWS CLI and for the SageMaker SDK v3."""

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any

# Which class of sagemaker.core.shapes a member of CreateTrainingJob is, where it is one; else plain values.
SHAPES = {
    "AlgorithmSpecification": "AlgorithmSpecification",
    "CheckpointConfig": "CheckpointConfig",
    "DataSource": "DataSource",
    "InputDataConfig": "Channel",
    "MetricDefinitions": "MetricDefinition",
    "OutputDataConfig": "OutputDataConfig",
    "ResourceConfig": "ResourceConfig",
    "S3DataSource": "S3DataSource",
    "StoppingCondition": "StoppingCondition",
}
# The SDK takes these as dictionaries: its `resources` has a class Tag of its own, which hides that of its `shapes`.
PLAIN = "Tags"
# The console's own marks: a job that somebody else's program starts must not carry them.
OWN_TAGS = "mlconsole:"
BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
INDENT = "    "


@dataclass(frozen=True)
class Snippets:
    """Three programs that start the same job."""

    boto3: str
    cli: str
    sdk: str


def snippets(request: dict[str, Any], region: str) -> Snippets:
    """The programs for a CreateTrainingJob request as it is submitted, without the console's own tags."""
    shown = {name: value for name, value in request.items() if name != "Tags"}
    if tags := [tag for tag in request.get("Tags", []) if not tag["Key"].startswith(OWN_TAGS)]:
        shown["Tags"] = tags
    return Snippets(_boto3(shown, region), _cli(shown, region), _sdk(shown, region))


def _boto3(request: dict[str, Any], region: str) -> str:
    members = "".join(f"{INDENT}{name}={_python(value, 1)},\n" for name, value in request.items())
    return (
        "import boto3\n\n"
        f"sagemaker = boto3.client({_text('sagemaker')}, region_name={_text(region)})\n"
        f"sagemaker.create_training_job(\n{members})\n"
    )


def _cli(request: dict[str, Any], region: str) -> str:
    given = json.dumps(request, indent=2, ensure_ascii=False)
    return f"aws sagemaker create-training-job --region {region} --cli-input-json {shlex.quote(given)}\n"


def _sdk(request: dict[str, Any], region: str) -> str:
    used: set[str] = set()
    members = "".join(f"{INDENT}{_snake(name)}={_shape(name, value, 1, used)},\n" for name, value in request.items())
    shapes = "".join(f"{INDENT}{name},\n" for name in sorted(used))
    return (
        "from sagemaker.core.resources import TrainingJob\n"
        f"from sagemaker.core.shapes import (\n{shapes})\n\n"
        f"TrainingJob.create(\n{members}{INDENT}region={_text(region)},\n)\n"
    )


def _shape(member: str, value: Any, depth: int, used: set[str]) -> str:
    """A member's value with the SDK's classes; `used` collects their names."""
    kind = SHAPES.get(member)
    if member == PLAIN:
        return _python([{_snake(name): each for name, each in tag.items()} for tag in value], depth)
    if kind is None:
        return _python(value, depth)
    if isinstance(value, list):
        return _bracketed("[", [_shape(member, each, depth + 1, used) for each in value], "]", depth)
    used.add(kind)
    given = [f"{_snake(name)}={_shape(name, each, depth + 1, used)}" for name, each in value.items()]
    return _bracketed(f"{kind}(", given, ")", depth)


def _python(value: Any, depth: int) -> str:
    """A value as Python, a row a line."""
    if isinstance(value, dict):
        rows = [f"{_text(name)}: {_python(each, depth + 1)}" for name, each in value.items()]
        return _bracketed("{", rows, "}", depth)
    if isinstance(value, list):
        return _bracketed("[", [_python(each, depth + 1) for each in value], "]", depth)
    return _text(value) if isinstance(value, str) else repr(value)


def _bracketed(opening: str, rows: list[str], closing: str, depth: int) -> str:
    inner = "".join(f"{INDENT * (depth + 1)}{row},\n" for row in rows)
    return f"{opening}\n{inner}{INDENT * depth}{closing}" if rows else opening + closing


def _text(value: str) -> str:
    """Text as a Python literal in double quotes: JSON's, which Python reads alike."""
    return json.dumps(value, ensure_ascii=False)


def _snake(name: str) -> str:
    """How the SDK calls a member: "S3OutputPath" is s3_output_path, "VolumeSizeInGB" volume_size_in_gb."""
    return BOUNDARY.sub("_", name).lower()
