"""A request's own entry point, which SageMaker's Python SDK 3 gives to every job."""

import pytest
from botocore.exceptions import ClientError

from apps.localregion.compute import sandbox
from tests.region.conftest import RegionProcess
from tests.region.test_script_mode import SKLEARN
from tests.region.trainer import Trainer, channel

DRIVERS = "/opt/ml/input/data/sm_drivers"
# As the SDK's: bash, a script in a channel, files below /opt/ml by their full names, python from the PATH.
SCRIPT = """#!/bin/bash
set -e
cat /opt/ml/input/config/resourceconfig.json
python3 -c "import sklearn; print('accuracy=0.75;')"
cd /opt/ml/input/data/sm_code && python3 train.py
if [ -n "$WANTED" ]; then echo "Training Execution failed" >> /opt/ml/output/failure; exit 3; fi
"""
CODE = "open('/opt/ml/model/weights', 'w').write('1')"


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region."""
    return Trainer(region)


def start(trainer: Trainer, **changes: object) -> str:
    """Create a job as the SDK does; answers its name."""
    request = trainer.request(
        AlgorithmSpecification={
            "TrainingImage": SKLEARN,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/bash"],
            "ContainerArguments": ["-c", f"chmod +x {DRIVERS}/sm_train.sh && {DRIVERS}/sm_train.sh"],
            "MetricDefinitions": [{"Name": "accuracy", "Regex": "accuracy=(.*?);"}],
        },
        HyperParameters={},
        InputDataConfig=[
            channel("sm_drivers", trainer.put("entry/drivers/sm_train.sh", SCRIPT), None),
            channel("sm_code", trainer.put("entry/code/train.py", CODE), None),
        ],
        **changes,
    )
    trainer.sagemaker.create_training_job(**request)
    name: str = request["TrainingJobName"]
    return name


def test_an_entry_point_runs_below_opt_ml_where_the_machine_permits_it(trainer: Trainer) -> None:
    if not sandbox.available():
        with pytest.raises(ClientError, match="ContainerEntrypoint on a machine that permits no Linux namespaces"):
            start(trainer)
        return
    name, failing = start(trainer), start(trainer, Environment={"WANTED": "failure"})
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert trainer.artifact(job["ModelArtifacts"]["S3ModelArtifacts"]) == {"weights": b"1"}
    assert [metric["Value"] for metric in job["FinalMetricDataList"]] == [0.75]
    assert job["AlgorithmSpecification"]["ContainerEntrypoint"] == ["/bin/bash"]
    assert trainer.wait(failing)["FailureReason"] == "AlgorithmError: Training Execution failed, exit code: 3"


def test_arguments_alone_are_refused(trainer: Trainer) -> None:
    request = trainer.request()
    request["AlgorithmSpecification"]["ContainerArguments"] = ["train"]
    with pytest.raises(ClientError, match="ContainerArguments without ContainerEntrypoint is not supported"):
        trainer.sagemaker.create_training_job(**request)
