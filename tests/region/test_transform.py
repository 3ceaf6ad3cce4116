"""Batch transform jobs: real models over real objects, by boto3."""

import gzip
import json
from typing import Any

import numpy as np
import pytest
import xgboost
from botocore.exceptions import ClientError

from tests.region.algorithms import protobuf
from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, Trainer, breast_cancer
from tests.region.transformer import Transformer

VALIDATION = breast_cancer()[1]
ROWS = [line.partition(",")[2] for line in VALIDATION.splitlines()]
LABELS = [line.partition(",")[0] for line in VALIDATION.splitlines()]
FEATURES = np.array([[float(cell) for cell in row.split(",")] for row in ROWS], np.float32)


@pytest.fixture(scope="module")
def transformer(region: RegionProcess) -> Transformer:
    """The shared region with rows to score in its S3."""
    made = Transformer(Trainer(region))
    made.put("score/rows.csv", "\n".join(ROWS) + "\n")
    made.put("labelled/rows.csv", VALIDATION)
    return made


@pytest.fixture(scope="module")
def job(transformer: Transformer) -> dict[str, Any]:
    """A finished training job."""
    return transformer.trainer.train()


@pytest.fixture(scope="module")
def model(transformer: Transformer, job: dict[str, Any]) -> str:
    """Its model."""
    return transformer.model(job)


@pytest.fixture(scope="module")
def scores(transformer: Transformer, job: dict[str, Any]) -> list[float]:
    """What XGBoost itself says of the rows."""
    found: list[float] = transformer.trainer.booster(job).predict(xgboost.DMatrix(FEATURES)).tolist()
    return found


def test_every_row_gets_its_score_however_large_the_batches_are(
    transformer: Transformer, model: str, scores: list[float]
) -> None:
    outputs = transformer.transformed(model, "score/")
    assert [*outputs] == ["rows.csv.out"]
    assert outputs["rows.csv.out"].endswith("\n")
    assert [float(line) for line in outputs["rows.csv.out"].splitlines()] == scores
    one_by_one = transformer.transformed(model, "score/", BatchStrategy="SingleRecord", MaxConcurrentTransforms=4)
    assert one_by_one == outputs


def test_labels_stay_out_of_the_model_and_beside_the_score(
    transformer: Transformer, model: str, scores: list[float]
) -> None:
    outputs = transformer.transformed(
        model,
        "labelled/",
        accept="text/csv",
        DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"},
    )
    lines = [line.split(",") for line in outputs["rows.csv.out"].splitlines()]
    assert [(label, float(score)) for label, score in lines] == [*zip(LABELS, scores, strict=True)]


def test_a_job_is_described_and_listed_with_its_times(transformer: Transformer, model: str) -> None:
    name = transformer.start(model, "score/", Environment={"A": "b"})
    job = transformer.wait(name)
    assert job["CreationTime"] <= job["TransformStartTime"] <= job["TransformEndTime"]
    assert job["TransformInput"]["CompressionType"] == "None"
    assert job["DataProcessing"] == {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    assert job["Environment"] == {"A": "b"}
    assert "FailureReason" not in job
    summaries = transformer.sagemaker.list_transform_jobs(NameContains=name, StatusEquals="Completed")
    (summary,) = summaries["TransformJobSummaries"]
    assert {key: job[key] for key in summary if key in job} == {key: summary[key] for key in summary if key in job}
    with pytest.raises(ClientError, match="because the transform job is in status Completed"):
        transformer.sagemaker.stop_transform_job(TransformJobName=name)
    with pytest.raises(ClientError, match="Could not find requested job with name: nothing"):
        transformer.describe("nothing")
    assert any("Model loaded successfully" in line for line in transformer.lines(name))
    assert any("BatchStrategy=MULTI_RECORD" in line for line in transformer.lines(name, data_log=True))


def test_compressed_and_sparse_and_binary_inputs_give_the_same_scores(
    transformer: Transformer, model: str, scores: list[float]
) -> None:
    transformer.put("forms/gzip/rows.gz", gzip.compress("\n".join(ROWS).encode()))
    pairs = [" ".join(f"{index}:{cell}" for index, cell in enumerate(row.split(","))) for row in ROWS]
    transformer.put("forms/libsvm/rows", "\n".join(pairs))
    transformer.put("forms/protobuf/rows", protobuf(FEATURES))
    started = [
        transformer.start(model, "forms/gzip/", TransformInput={"CompressionType": "Gzip"}),
        transformer.start(model, "forms/libsvm/", kind="text/libsvm"),
        transformer.start(model, "forms/protobuf/", kind="application/x-recordio-protobuf", split="RecordIO"),
    ]
    for name in started:
        assert transformer.wait(name)["TransformJobStatus"] == "Completed", transformer.lines(name)
        (text,) = transformer.outputs(name).values()
        assert [float(line) for line in text.splitlines()] == scores


def test_several_instances_share_the_objects_that_a_manifest_names(transformer: Transformer, model: str) -> None:
    for number, row in enumerate(ROWS[:5]):
        transformer.put(f"many/part/{number}.csv", row)
    transformer.put("lists/manifest", json.dumps([{"prefix": f"s3://{BUCKET}/many/"}, "part/0.csv", "part/3.csv"]))
    whole = transformer.start(model, "many/", TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2})
    source = {"S3DataSource": {"S3DataType": "ManifestFile", "S3Uri": f"s3://{BUCKET}/lists/manifest"}}
    listed = transformer.start(model, "", TransformInput={"DataSource": source})
    for name, numbers in ((whole, range(5)), (listed, (0, 3))):
        assert transformer.wait(name)["TransformJobStatus"] == "Completed"
        assert [*transformer.outputs(name)] == [f"part/{number}.csv.out" for number in numbers]


def test_a_bad_object_fails_the_job_and_the_others_are_transformed(transformer: Transformer, model: str) -> None:
    transformer.put("mixed/a.csv", ROWS[0])
    transformer.put("mixed/b.csv", "1,2,3\n")
    transformer.put("mixed/c.csv", ROWS[1])
    name = transformer.start(model, "mixed/")
    job = transformer.wait(name)
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(f"ClientError: {BUCKET}/mixed/b.csv: 400: Unable to evaluate payload")
    assert [*transformer.outputs(name)] == ["a.csv.out", "c.csv.out"]
    assert any(
        line.endswith(f"{BUCKET}/mixed/b.csv: ClientError: 400") for line in transformer.lines(name, data_log=True)
    )


def test_what_cannot_work_fails_in_words(transformer: Transformer, model: str) -> None:
    absent = transformer.start(model, "nowhere/")
    unsplit = transformer.start(model, "score/", split="RecordIO")
    homeless = transformer.start(model, "score/", TransformOutput={"S3OutputPath": "s3://no-such-bucket/out"})
    reasons = [transformer.wait(name)["FailureReason"] for name in (absent, unsplit, homeless)]
    assert reasons[0] == f"ClientError: No S3 objects found under S3 URL s3://{BUCKET}/nowhere/"
    assert "Expected the recordIO magic" in reasons[1]
    assert reasons[2].startswith("ClientError: Data upload failed: s3://no-such-bucket/out/rows.csv.out: ")


def test_a_model_that_cannot_be_loaded_says_so(transformer: Transformer, job: dict[str, Any]) -> None:
    transformer.put("bad/model.tar.gz", "no archive")
    broken = transformer.model({**job, "ModelArtifacts": {"S3ModelArtifacts": f"s3://{BUCKET}/bad/model.tar.gz"}})
    reason = transformer.wait(transformer.start(broken, "score/"))["FailureReason"]
    assert reason.startswith(
        "ClientError: Failed to extract model data archive from URL s3://training/bad/model.tar.gz"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"DataProcessing": {"InputFilter": "$[?(@)]"}}, "DataProcessing.InputFilter is not a valid JSONPath"),
        ({"DataProcessing": {"JoinSource": "Input"}}, "needs TransformOutput.Accept to be text/csv"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "must not exceed 100 MB"),
        ({"ModelName": "nothing"}, "Could not find model"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    transformer: Transformer, model: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        transformer.sagemaker.create_transform_job(**{**transformer.request(model, "score/"), **changes})
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_a_name_is_taken_once(transformer: Transformer, model: str) -> None:
    request = transformer.request(model, "score/")
    transformer.sagemaker.create_transform_job(**request)
    with pytest.raises(ClientError, match="a job with this name already exists") as refused:
        transformer.sagemaker.create_transform_job(**request)
    assert refused.value.response["Error"]["Code"] == "ResourceInUse"
