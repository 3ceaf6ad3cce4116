"""Heterogeneous clusters: a job on groups of instances, each of its own type and with its own channels."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.test_distributed import streams
from tests.region.test_script_mode import start, submit
from tests.region.trainer import BUCKET, Trainer, channel

GROUPS = [
    {"InstanceGroupName": "data", "InstanceType": "ml.c5.xlarge", "InstanceCount": 2},
    {"InstanceGroupName": "train", "InstanceType": "ml.m5.large", "InstanceCount": 1},
]
# Prints what each instance has been told of the cluster, and what it was given.
SCRIPT = """
import json, os
folder = "/opt/ml/input" if os.path.isdir("/opt/ml/input/config") else os.environ["SM_INPUT_DIR"]
told = json.load(open(os.path.join(folder, "config", "resourceconfig.json")))
data = os.path.join(folder, "data")
given = {name: sorted(os.listdir(os.path.join(data, name))) for name in os.listdir(data)}
mine = [os.environ["SM_CURRENT_INSTANCE_GROUP"], json.loads(os.environ["SM_IS_HETERO"])]
print("told=" + json.dumps([told, given, *mine]))
"""


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3."""
    made = Trainer(region)
    for number in range(2):
        made.put(f"cancer/halves/{number}.csv", f"{number},1\n")
    return made


def named(name: str, uri: str, *groups: str) -> dict[str, Any]:
    """A channel for the instances of these groups."""
    made = channel(name, uri)
    made["DataSource"]["S3DataSource"]["InstanceGroupNames"] = [*groups]
    return made


def test_each_instance_knows_its_group_and_gets_its_groups_channels(trainer: Trainer) -> None:
    halves = named("halves", f"s3://{BUCKET}/cancer/halves/", "data")
    halves["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    source = submit(trainer, "groups", train__py=SCRIPT)
    name = start(
        trainer,
        source,
        ResourceConfig={"InstanceGroups": GROUPS, "VolumeSizeInGB": 10},
        InputDataConfig=[
            halves,
            named("validation", f"s3://{BUCKET}/cancer/validation/", "train"),
            channel("all", f"s3://{BUCKET}/cancer/train/"),
        ],
    )
    job = trainer.wait(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert job["ResourceConfig"] == {"InstanceGroups": GROUPS, "VolumeSizeInGB": 10}
    told = {
        host: json.loads(next(line for line in lines if line.startswith("told=")).removeprefix("told="))
        for host, lines in streams(trainer, name).items()
    }
    hosts = told["algo-1"][0]["hosts"]
    assert len(hosts) == 3
    assert told["algo-1"][0]["instance_groups"] == [
        {"instance_group_name": "data", "instance_type": "ml.c5.xlarge", "hosts": hosts[:2]},
        {"instance_group_name": "train", "instance_type": "ml.m5.large", "hosts": hosts[2:]},
    ]
    each = [told[host] for host in ("algo-1", "algo-2", "algo-3")]
    assert [facts["current_group_name"] for facts, *_ in each] == ["data", "data", "train"]
    assert [facts["current_instance_type"] for facts, *_ in each] == ["ml.c5.xlarge", "ml.c5.xlarge", "ml.m5.large"]
    assert [given for _, given, *_ in each] == [
        {"halves": ["0.csv"], "all": ["part-0.csv"]},
        {"halves": ["1.csv"], "all": ["part-0.csv"]},
        {"validation": ["part-0.csv"], "all": ["part-0.csv"]},
    ]
    assert [rest for _, _, *rest in each] == [["data", True], ["data", True], ["train", True]]


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        ({"InstanceGroups": GROUPS, "InstanceType": "ml.m5.large"}, "InstanceType cannot be given together"),
        ({"InstanceGroups": GROUPS, "KeepAlivePeriodInSeconds": 60}, "not supported for heterogeneous clusters"),
        ({"InstanceGroups": [GROUPS[0], GROUPS[0]]}, "names must be unique"),
        ({"InstanceType": "ml.m5.large"}, "InstanceCount is required"),
        ({"InstanceGroups": [{**GROUPS[0], "InstanceCount": 0}]}, "must be at least 1"),
        ({"InstanceGroups": [{**GROUPS[0], "InstanceCount": 21}]}, "ResourceLimitExceeded"),
    ],
)
def test_a_cluster_that_makes_no_sense_is_refused(trainer: Trainer, resources: dict[str, Any], told: str) -> None:
    request = trainer.request(ResourceConfig={"VolumeSizeInGB": 10, **resources})
    with pytest.raises(ClientError, match=told):
        trainer.sagemaker.create_training_job(**request)


def test_a_channel_of_a_group_that_is_not_there_is_refused(trainer: Trainer) -> None:
    request = trainer.request(InputDataConfig=[named("train", f"s3://{BUCKET}/cancer/train/", "nobody")])
    with pytest.raises(ClientError, match=r"InstanceGroupNames has nobody"):
        trainer.sagemaker.create_training_job(**request)
