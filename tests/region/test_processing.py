"""Processing jobs: users' scripts over inputs from S3, with outputs back to S3."""

import itertools
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from apps.localregion.compute import sandbox
from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, ROLE, WAIT_SECONDS, Trainer

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
# Where a machine permits no Linux namespaces there is no /opt/ml, and only users' own images have entry points.
BARE = f"venv+s3://{BUCKET}/images/bare/"
ANYWHERE = ["/bin/sh", "-c", 'exec python3 "$SAGEMAKER_BASE_DIR/processing/input/code/work.py" "$@"', "sh"]
GROUP = "/aws/sagemaker/ProcessingJobs"
SCRIPT = """
import json, os, pathlib, sys, time
ml = pathlib.Path(sys.argv[0]).parents[3]
base = ml / "processing"
config = json.loads((ml / "config" / "processingjobconfig.json").read_text())
host = json.loads((ml / "config" / "resourceconfig.json").read_text())["current_host"]
host = host.replace("localhost", "algo-1").replace("127.0.0.", "algo-")
print("working", config["ProcessingJobName"], sys.argv[1:], os.environ["LEVEL"], flush=True)
if "fail" in sys.argv:
    (ml / "output" / "message").write_text("three rows were bad")
    sys.exit("no more")
rows = sorted(path.name for path in (base / "input" / "data").iterdir())
(base / "output" / "deep").mkdir()
(base / "output" / "deep" / f"{host}.json").write_text(json.dumps(rows))
if "wait" in sys.argv:
    while True:
        time.sleep(0.1)
"""

_numbers = itertools.count(int(time.time()))


class Processor:
    """One region's processing jobs."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.sagemaker = trainer.sagemaker
        trainer.put("processing/code/work.py", SCRIPT)
        trainer.put("images/bare/empty", "")
        for number in range(3):
            trainer.put(f"processing/data/{number}.csv", f"{number}\n")

    def start(self, *arguments: str, mode: str = "EndOfJob", instances: int = 1, **changes: Any) -> str:
        """Create a job; answers its name."""
        name = f"processing-{next(_numbers)}"
        sharded = "ShardedByS3Key" if instances > 1 else "FullyReplicated"
        data = source("data", "input/data", S3DataDistributionType=sharded)
        output = {"S3Uri": f"s3://{BUCKET}/done/{name}", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": mode}
        cluster = {"InstanceCount": instances, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 5}
        request = {
            "ProcessingJobName": name,
            "ProcessingInputs": [source("code", "input/code"), data],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "rows", "S3Output": output}]},
            "ProcessingResources": {"ClusterConfig": cluster},
            "AppSpecification": {
                "ImageUri": IMAGE if sandbox.available() else BARE,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/work.py"]
                if sandbox.available()
                else ANYWHERE,
                **({"ContainerArguments": [*arguments]} if arguments else {}),
            },
            "Environment": {"LEVEL": "20"},
            "RoleArn": ROLE,
            **changes,
        }
        self.sagemaker.create_processing_job(**request)
        return name

    def describe(self, name: str) -> dict[str, Any]:
        """The job as the region describes it."""
        described: dict[str, Any] = self.sagemaker.describe_processing_job(ProcessingJobName=name)
        return described

    def wait(self, name: str) -> dict[str, Any]:
        """The job once it has ended."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (job := self.describe(name))["ProcessingJobStatus"] in ("InProgress", "Stopping"):
            assert time.monotonic() < deadline, f"{name} is still {job['ProcessingJobStatus']}"
            time.sleep(0.05)
        return job

    def outputs(self, name: str) -> dict[str, Any]:
        """What the job has stored, by names."""
        s3, prefix = self.trainer.s3, f"done/{name}/"
        return {
            each["Key"].removeprefix(prefix): json.load(s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"])
            for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        }


def source(name: str, path: str, **changes: str) -> dict[str, Any]:
    """An input below s3://BUCKET/processing/."""
    where = {"S3Uri": f"s3://{BUCKET}/processing/{name}", "LocalPath": f"/opt/ml/processing/{path}"}
    return {"InputName": name, "S3Input": {**where, "S3DataType": "S3Prefix", "S3InputMode": "File", **changes}}


@pytest.fixture(scope="module")
def processor(region: RegionProcess) -> Processor:
    """The shared region with a script and data in its S3."""
    return Processor(Trainer(region))


def test_a_script_finds_its_input_and_its_output_goes_to_s3(processor: Processor) -> None:
    name = processor.start("--rows", "all")
    job = processor.wait(name)
    assert job["ProcessingJobStatus"] == "Completed", job["FailureReason"]
    assert job["CreationTime"] <= job["ProcessingStartTime"] <= job["ProcessingEndTime"]
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert processor.outputs(name) == {"deep/algo-1.json": ["0.csv", "1.csv", "2.csv"]}
    logs = processor.trainer.logs
    (stream,) = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
    events = logs.get_log_events(logGroupName=GROUP, logStreamName=stream["logStreamName"], startFromHead=True)
    assert [event["message"] for event in events["events"]] == [f"working {name} ['--rows', 'all'] 20"]
    (summary,) = processor.sagemaker.list_processing_jobs(NameContains=name)["ProcessingJobSummaries"]
    assert summary["ProcessingJobStatus"] == "Completed"
    processor.sagemaker.delete_processing_job(ProcessingJobName=name)
    with pytest.raises(ClientError, match=f"Could not find requested job with name: {name}"):
        processor.describe(name)
    assert processor.outputs(name)


def test_instances_share_what_is_sharded(processor: Processor) -> None:
    name = processor.start(instances=2)
    assert processor.wait(name)["ProcessingJobStatus"] == "Completed"
    assert processor.outputs(name) == {"deep/algo-1.json": ["0.csv", "2.csv"], "deep/algo-2.json": ["1.csv"]}


def test_a_script_that_fails_leaves_its_message_and_no_output(processor: Processor) -> None:
    name = processor.start("fail")
    job = processor.wait(name)
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: no more, exit code: 1"
    assert job["ExitMessage"] == "three rows were bad"
    assert processor.outputs(name) == {}


def test_continuous_output_is_there_while_the_job_runs_and_a_job_can_be_stopped(processor: Processor) -> None:
    name = processor.start("wait", mode="Continuous")
    deadline = time.monotonic() + WAIT_SECONDS
    while not processor.outputs(name):
        assert time.monotonic() < deadline, processor.describe(name)
        time.sleep(0.05)
    with pytest.raises(ClientError, match="is in status InProgress: stop it first") as refused:
        processor.sagemaker.delete_processing_job(ProcessingJobName=name)
    assert refused.value.response["Error"]["Code"] == "ResourceInUse"
    processor.sagemaker.stop_processing_job(ProcessingJobName=name)
    assert processor.wait(name)["ProcessingJobStatus"] == "Stopped"


def test_a_job_that_runs_too_long_is_stopped(processor: Processor) -> None:
    name = processor.start("wait", StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert processor.wait(name)["ProcessingJobStatus"] == "Stopped"


def test_a_users_own_image_runs_in_its_environment(processor: Processor) -> None:
    program = "#!/usr/bin/env python\nimport os, sys\nprint(os.environ['VIRTUAL_ENV'])\nsys.exit(7)\n"
    processor.trainer.put("images/cleaner/process", program)
    name = processor.start(AppSpecification={"ImageUri": f"venv+s3://{BUCKET}/images/cleaner/"})
    reason = processor.wait(name)["FailureReason"]
    assert reason.endswith("/opt/ml/venv, exit code: 7")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ProcessingInputs": [source("data", "../model")]}, "must be a folder below /opt/ml/processing"),
        ({"ProcessingInputs": [source("data", "a"), source("data", "b")]}, "InputName must be unique: data, data"),
        ({"ProcessingInputs": [source("data", "a", S3InputMode="Pipe")]}, "S3InputMode=Pipe of data is not supported"),
        ({"AppSpecification": {"ImageUri": IMAGE}}, "ContainerEntrypoint is required"),
        ({"ProcessingResources": {"ClusterConfig": {"VolumeSizeInGB": 5}}}, "InstanceType is required"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(processor: Processor, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        processor.start(**changes)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
