"""Jobs on several instances: each its own programs, folders, log stream and use, one model."""

import io
import os
import signal
from typing import Any

import numpy as np
import psutil
import pytest
import xgboost

from tests.region.algorithms import REGISTRY
from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, GROUP, TRAIN_ROWS, Trainer, breast_cancer, channel


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3, also in four parts."""
    made = Trainer(region)
    lines = breast_cancer()[0].splitlines(keepends=True)
    for number in range(4):
        made.put(f"cancer/parts/part-{number}.csv", "".join(lines[number::4]))
    return made


def resources(count: int) -> dict[str, Any]:
    """So many instances."""
    return {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 10}


def sharded(uri: str) -> dict[str, Any]:
    """A training channel of which each instance gets a part."""
    made = channel("train", uri)
    made["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    return made


def streams(trainer: Trainer, name: str) -> dict[str, list[str]]:
    """The lines of each instance's log stream."""
    found = trainer.logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")["logStreams"]
    lines = {}
    for stream in (each["logStreamName"] for each in found):
        events = trainer.logs.get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)
        lines[stream.removeprefix(f"{name}/").rpartition("-")[0]] = [each["message"] for each in events["events"]]
    return lines


@pytest.fixture(scope="module")
def together(trainer: Trainer) -> dict[str, Any]:
    """A job that two instances have completed, each on its shard."""
    return trainer.train(
        InputDataConfig=[
            sharded(f"s3://{BUCKET}/cancer/parts/"),
            channel("validation", f"s3://{BUCKET}/cancer/validation/"),
        ],
        ResourceConfig=resources(2),
    )


def test_two_instances_train_one_model_on_their_shards(trainer: Trainer, together: dict[str, Any]) -> None:
    assert together["TrainingJobStatus"] == "Completed", together.get("FailureReason")
    lines = streams(trainer, together["TrainingJobName"])
    assert sorted(lines) == ["algo-1", "algo-2"]
    rows = [
        int(line.partition("Train matrix has ")[2].split()[0])
        for each in lines.values()
        for line in each
        if "Train matrix" in line
    ]
    assert len(rows) == 2
    assert sum(rows) == TRAIN_ROWS
    assert all(any("Distributed node training with 2 hosts" in line for line in each) for each in lines.values())


def test_the_common_model_is_as_good_as_one_of_all_rows(trainer: Trainer, together: dict[str, Any]) -> None:
    train, validation = (np.loadtxt(text.splitlines(), delimiter=",") for text in breast_cancer())
    own = xgboost.train(
        {"objective": "binary:logistic"}, xgboost.DMatrix(train[:, 1:], label=train[:, 0]), num_boost_round=12
    )
    data = xgboost.DMatrix(validation[:, 1:])
    agreed = (trainer.booster(together).predict(data) > 0.5) == (own.predict(data) > 0.5)
    assert agreed.mean() > 0.97


def test_an_instance_that_dies_ends_the_others_and_fails_the_job(trainer: Trainer) -> None:
    name = trainer.start_long(ResourceConfig=resources(2))
    pids = [trainer.pid(name, "training"), trainer.pid(name, "algo-2/training")]
    os.kill(pids[1], signal.SIGKILL)
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].endswith(", exit code: 137")
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_each_instance_has_its_use_of_the_machine(trainer: Trainer, together: dict[str, Any]) -> None:
    cloudwatch, name = trainer.region.client("cloudwatch"), together["TrainingJobName"]
    for host in ("algo-1", "algo-2"):
        found = cloudwatch.list_metrics(
            Namespace="/aws/sagemaker/TrainingJobs", Dimensions=[{"Name": "Host", "Value": f"{name}/{host}"}]
        )["Metrics"]
        assert {each["MetricName"] for each in found} == {"CPUUtilization", "MemoryUtilization", "DiskUtilization"}


def test_an_error_of_the_data_fails_all_instances_by_name(trainer: Trainer) -> None:
    uri = trainer.put("wrong/a.csv", "5,1,2\n6,3,4\n")
    job = trainer.train(InputDataConfig=[channel("train", uri)], ResourceConfig=resources(2))
    assert job["TrainingJobStatus"] == "Failed"
    assert "label must be in [0,1] for logistic regression" in job["FailureReason"]


def test_a_stopped_job_of_several_instances_leaves_none_of_them(trainer: Trainer) -> None:
    name = trainer.start_long(ResourceConfig=resources(2))
    pids = [trainer.pid(name, "training"), trainer.pid(name, "algo-2/training")]
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    assert trainer.wait(name)["TrainingJobStatus"] == "Stopped"
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_the_shards_of_a_built_in_algorithm_make_the_model_of_all_rows(trainer: Trainer) -> None:
    table = np.loadtxt(breast_cancer()[0].splitlines(), delimiter=",")
    job = trainer.wait(_principal_components(trainer, 3))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    model = np.load(io.BytesIO(trainer.artifact(job["ModelArtifacts"]["S3ModelArtifacts"])["model_algo-1"]))
    np.testing.assert_allclose(model["mean"].ravel(), table[:, 1:].mean(axis=0), rtol=1e-4)
    lines = streams(trainer, job["TrainingJobName"])
    assert any(f"Read {TRAIN_ROWS} records" in line for line in lines["algo-1"])
    for host in ("algo-2", "algo-3"):
        assert any("The first instance trains, with the data of all instances." in line for line in lines[host])


def _principal_components(trainer: Trainer, instances: int) -> str:
    """A PCA job on shards of the data; answers its name."""
    request = trainer.request(
        AlgorithmSpecification={"TrainingImage": f"{REGISTRY}/pca:1", "TrainingInputMode": "File"},
        HyperParameters={"feature_dim": "30", "num_components": "2", "mini_batch_size": "100"},
        InputDataConfig=[sharded(f"s3://{BUCKET}/cancer/parts/")],
        ResourceConfig=resources(instances),
    )
    trainer.sagemaker.create_training_job(**request)
    return str(request["TrainingJobName"])
