"""Script mode: users' own training scripts in the framework images."""

import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sklearn.datasets import load_breast_cancer

from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, IMAGE, Trainer, channel

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
SCRIPT = """
import argparse, json, os, pickle
import numpy as np
from sklearn.tree import DecisionTreeClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--max-depth", type=int)
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
given = parser.parse_args()
table = np.loadtxt(os.path.join(given.train, "part-0.csv"), delimiter=",")
model = DecisionTreeClassifier(max_depth=given.max_depth).fit(table[:, 1:], table[:, 0])
print(f"train-accuracy={model.score(table[:, 1:], table[:, 0])};")
with open(os.path.join(given.model_dir, "model.pkl"), "wb") as file:
    pickle.dump(model, file)
with open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "told.json"), "w") as file:
    json.dump({name: value for name, value in os.environ.items() if name.startswith("SM_")}, file)
"""


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3."""
    return Trainer(region)


def submit(trainer: Trainer, name: str, **files: str) -> str:
    """Store a sourcedir.tar.gz with these files; answers its address."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for file, text in files.items():
            member = tarfile.TarInfo(file.replace("__", "."))
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    key = f"source/{name}/sourcedir.tar.gz"
    trainer.s3.put_object(Bucket=BUCKET, Key=key, Body=packed.getvalue())
    return f"s3://{BUCKET}/{key}"


def start(trainer: Trainer, source: str, image: str = SKLEARN, program: str = "train.py", **changes: Any) -> str:
    """Create a job as the SDK does, with hyperparameters as JSON; answers its name."""
    request = trainer.request(
        AlgorithmSpecification={
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "train:accuracy", "Regex": "train-accuracy=(.*?);"}],
        },
        HyperParameters={
            "sagemaker_program": json.dumps(program),
            "sagemaker_submit_directory": json.dumps(source),
            "sagemaker_container_log_level": "20",
            "sagemaker_region": '"us-east-1"',
            "max-depth": "3",
        },
        **{"InputDataConfig": [channel("train", f"s3://{BUCKET}/cancer/train/")], **changes},
    )
    trainer.sagemaker.create_training_job(**request)
    name: str = request["TrainingJobName"]
    return name


def test_a_script_trains_with_its_arguments_and_the_sm_variables(trainer: Trainer) -> None:
    name = start(trainer, submit(trainer, "tree", train__py=SCRIPT))
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    model = pickle.loads(trainer.artifact(job["ModelArtifacts"]["S3ModelArtifacts"])["model.pkl"])  # noqa: S301 - ours
    features, labels = load_breast_cancer(return_X_y=True)
    assert model.get_depth() == 3
    assert model.score(features[426:], labels[426:]) > 0.85
    (metric,) = job["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"] > 0.95) == ("train:accuracy", True)
    told = json.loads(trainer.artifact(f"s3://{BUCKET}/models/{name}/output/output.tar.gz")["told.json"])
    assert json.loads(told["SM_HPS"]) == {"max-depth": 3}
    assert told["SM_HP_MAX-DEPTH"] == "3"
    assert json.loads(told["SM_USER_ARGS"]) == ["--max-depth", "3"]
    assert json.loads(told["SM_CHANNELS"]) == ["train"]
    assert told["SM_CURRENT_HOST"] == json.loads(told["SM_HOSTS"])[0]
    assert told["SM_MODULE_DIR"].startswith("s3://")
    assert json.loads(told["SM_TRAINING_ENV"])["job_name"] == name
    assert any("Invoking user script" in line for line in trainer.lines(name))


def test_the_xgboost_image_runs_a_script_too_and_a_script_that_fails_says_why(trainer: Trainer) -> None:
    script = (
        "import os, xgboost\nprint(xgboost.__version__)\nraise ValueError('bad ' + os.environ['SM_HP_MAX-DEPTH'])\n"
    )
    job = trainer.wait(start(trainer, submit(trainer, "fails", train__py=script), image=IMAGE))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage ")
    assert '"ValueError: bad 3"' in job["FailureReason"]
    assert "train.py --max-depth 3" in job["FailureReason"]
    assert job["AlgorithmSpecification"]["MetricDefinitions"][0]["Name"] == "train:accuracy"


def test_a_shell_script_is_an_entry_point_and_may_need_no_channel_names(trainer: Trainer) -> None:
    source = submit(trainer, "shell", run__sh='#!/bin/sh\necho "train-accuracy=0.5;" "$@"\ntouch $SM_MODEL_DIR/done\n')
    job = trainer.wait(start(trainer, source, program="run.sh"))
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert [*trainer.artifact(job["ModelArtifacts"]["S3ModelArtifacts"])] == ["done"]
    assert any(line == "train-accuracy=0.5; --max-depth 3" for line in trainer.lines(job["TrainingJobName"]))


def test_a_stopped_script_may_still_save_its_model(trainer: Trainer) -> None:
    script = """
import os, signal, sys, time

def save(*_):
    open(os.path.join(os.environ["SM_MODEL_DIR"], "saved"), "w").close()
    sys.exit(0)

signal.signal(signal.SIGTERM, save)
print("ready", flush=True)
time.sleep(600)
"""
    name = start(trainer, submit(trainer, "stopped", train__py=script))
    trainer.wait_for_lines(name, "ready")
    trainer.sagemaker.stop_training_job(TrainingJobName=name)
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Stopped"
    assert [*trainer.artifact(job["ModelArtifacts"]["S3ModelArtifacts"])] == ["saved"]


def test_what_is_not_there_is_refused_by_name(trainer: Trainer) -> None:
    source = submit(trainer, "refused", train__py="", requirements__txt="six\n")
    jobs = {
        "The source directory has no main.py. It has: requirements.txt, train.py": start(
            trainer, source, program="main.py"
        ),
        "The source directory has a requirements.txt and no package index is configured.": start(trainer, source),
        f"The training code is not at 's3://{BUCKET}/nowhere.tar.gz'.": start(trainer, f"s3://{BUCKET}/nowhere.tar.gz"),
    }
    for reason, name in jobs.items():
        job = trainer.wait(name)
        assert job["TrainingJobStatus"] == "Failed"
        assert job["FailureReason"].startswith(f"ClientError: {reason}")


def test_requirements_are_installed_from_a_configured_index(trainer: Trainer, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "ACCURACY = 0.25\n")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    script = "import tiny\nprint(f'train-accuracy={tiny.ACCURACY};')\n"
    source = submit(trainer, "tiny", train__py=script, requirements__txt="tiny==1.0\n")
    absent = submit(trainer, "absent", train__py=script, requirements__txt="tiny==2.0\n")
    index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    name, failing = (start(trainer, each, Environment=index) for each in (source, absent))
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    assert job["FinalMetricDataList"][0]["Value"] == 0.25
    reason = trainer.wait(failing)["FailureReason"]
    assert reason.startswith("AlgorithmError: InstallRequirementsError:\nExitCode 1\nCommand ")


def test_without_a_script_the_framework_image_says_which_hyperparameters_it_needs(trainer: Trainer) -> None:
    job = trainer.train(
        AlgorithmSpecification={"TrainingImage": SKLEARN, "TrainingInputMode": "File"}, HyperParameters={"a": "1"}
    )
    assert job["FailureReason"].startswith("ClientError: No training script was named.")
