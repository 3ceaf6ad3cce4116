"""The three programs that "Show as code" prints start the very job that the console itself launches."""

import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.stack import Stack, until

JOBS = "/api/v1/w/local/training-jobs"
BUCKET = "code-data"
CHANNEL = {"s3_uri": f"s3://{BUCKET}/train/", "content_type": "text/csv"}
BODY = {
    "algorithm": "xgboost",
    "hyperparameters": {"objective": "binary:logistic", "num_round": 10, "monotone_constraints": "(1,0,-1)"},
    "channels": {"train": CHANNEL, "validation": CHANNEL},
    "instance_type": "ml.c5.xlarge",
    "volume_size_gb": 40,
    "max_runtime_seconds": 600,
    "max_wait_seconds": 900,
    "checkpoint_s3_uri": f"s3://{BUCKET}/checkpoints/",
    "environment": {"NOTE": 'it\'s "quoted" $HOME'},
    "tags": {"team": "risk"},
}
ASKED = (
    *("AlgorithmSpecification", "RoleArn", "HyperParameters", "InputDataConfig", "OutputDataConfig", "Environment"),
    *("ResourceConfig", "StoppingCondition", "EnableManagedSpotTraining", "CheckpointConfig"),
)


def run(program: list[str], stack: Stack) -> None:
    """Run it in the environment that `manage.py region_env` prints, and nothing else of this process."""
    keys = stack.credentials()
    environment = {
        "PATH": "/usr/bin:/bin",
        "AWS_ENDPOINT_URL": stack.region_url,
        "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def asked_for(stack: Stack, name: str) -> dict[str, Any]:
    """What SageMaker says was asked for, once it has the job, and its tags but for the console's own."""
    sagemaker = stack.client("sagemaker")

    def look() -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        except sagemaker.exceptions.ClientError:
            return None
        return found

    answer = until(look, 60, f"{name} in SageMaker")
    tags = sagemaker.list_tags(ResourceArn=answer["TrainingJobArn"])["Tags"]
    own = {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith("mlconsole:")}
    return {member: answer.get(member) for member in ASKED} | {"tags": own}


def test_each_program_starts_the_job_that_the_console_launches(stack: Stack) -> None:
    s3 = stack.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="train/train.csv", Body=b"0,1,2,3\n1,2,3,4\n" * 20)
    token, name = stack.token(), f"code-{secrets.token_hex(3)}"
    status, code = stack.request("POST", "/api/v1/w/local/algorithms/code", BODY | {"name": name}, token)
    assert status == 200, code
    assert (code["price_per_hour"], round(code["worst_cost_usd"], 4)) == (0.204, 0.034)
    assert stack.request("POST", JOBS, BODY | {"name": name}, token)[0] == 201
    expected = asked_for(stack, name)
    assert expected["Environment"] == BODY["environment"]
    aws = f"{Path(sys.executable).parent}/aws sagemaker"
    programs = {
        "boto3": [sys.executable, "-c", code["boto3"]],
        "cli": ["sh", "-c", code["cli"].replace("aws sagemaker", aws, 1)],
        "sdk": [sys.executable, "-c", code["sdk"]],
    }
    for kind, program in programs.items():
        run([*program[:-1], program[-1].replace(name, f"{name}-{kind}")], stack)
        assert asked_for(stack, f"{name}-{kind}") == expected, kind
