"""The XGBoost image: SageMaker's hyperparameters, channels, formats and sentences."""

import io
from typing import Any

import numpy as np
import polars
import pytest
import xgboost

from tests.region.algorithms import protobuf
from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, Trainer, breast_cancer, channel


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with data in its S3."""
    return Trainer(region)


def failure(trainer: Trainer, hyperparameters: dict[str, str] | None = None, **changes: Any) -> str:
    """Why a job with these failed, without SageMaker's frame."""
    job = trainer.train(hyperparameters, **changes)
    assert job["TrainingJobStatus"] == "Failed"
    assert job["SecondaryStatusTransitions"][-1]["Status"] == "Failed"
    reason: str = job["FailureReason"]
    assert reason.startswith("ClientError: ")
    assert reason.endswith(", exit code: 1")
    return reason.removeprefix("ClientError: ").removesuffix(", exit code: 1")


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"num_round": "many"}, "Hyperparameter num_round: could not parse value (caused by ValueError)"),
        ({"num_round": "0"}, "Hyperparameter num_round: 0 is not in [1, +inf)"),
        ({"subsample": "0"}, "Hyperparameter subsample: 0.0 is not in (0, 1]"),
        ({"booster": "trees"}, "Hyperparameter booster: trees is not in ['gbtree', 'gblinear', 'dart']"),
        ({"depth": "3"}, "Extraneous hyperparameter found: depth"),
        (
            {"objective": "multi:softmax", "eval_metric": "merror"},
            "Require input for parameter 'num_class' for multi-classification",
        ),
        (
            {"objective": "reg:squarederror"},
            "Metric 'auc' can only be applied for classification and ranking problems.",
        ),
    ],
)
def test_wrong_hyperparameters_fail_in_the_containers_own_words(
    trainer: Trainer, hyperparameters: dict[str, str], reason: str
) -> None:
    assert failure(trainer, hyperparameters) == reason


def test_a_missing_required_hyperparameter_fails_by_name(trainer: Trainer) -> None:
    reason = failure(trainer, HyperParameters={"objective": "binary:logistic"})
    assert reason == "Missing required hyperparameter: num_round"


def test_labels_out_of_range_fail_by_what_xgboost_says(trainer: Trainer) -> None:
    uri = trainer.put("labels/part.csv", "1,2,3\n7,1,2\n0,3,4\n")
    reason = failure(trainer, {"eval_metric": "logloss"}, InputDataConfig=[channel("train", uri)])
    assert "label must be in [0,1] for logistic regression" in reason


def test_text_where_numbers_should_be_fails_with_its_place(trainer: Trainer) -> None:
    uri = trainer.put("header/part.csv", "diagnosis,radius\n1,2\n")
    reason = failure(trainer, InputDataConfig=[channel("train", uri)])
    assert reason.startswith("Failed to load csv data with exception:")
    assert "'diagnosis'" in reason


def test_channels_are_checked_by_name_and_content_type(trainer: Trainer) -> None:
    uri = f"s3://{BUCKET}/cancer/train/"
    assert failure(trainer, InputDataConfig=[channel("training", uri)]) == "Missing required channel: train"
    extra = [channel("train", uri), channel("test", uri)]
    assert failure(trainer, InputDataConfig=extra) == "Extraneous channel found: test"
    reason = failure(trainer, InputDataConfig=[channel("train", uri, "application/x-parquet")])
    assert reason.startswith("Failed to load parquet data with exception:")
    reason = failure(trainer, InputDataConfig=[channel("train", uri, "text/html")])
    assert reason.startswith("text/html is not an accepted ContentType: csv, text/csv")


def test_libsvm_is_read_with_weights_and_without_content_type(trainer: Trainer) -> None:
    rows = [line.split(",") for line in breast_cancer()[0].splitlines()]
    lines = [
        f"{label}:2 " + " ".join(f"{column}:{value}" for column, value in enumerate(values)) for label, *values in rows
    ]
    uri = trainer.put("libsvm/part.libsvm", "\n".join(lines) + "\n")
    job = trainer.train(InputDataConfig=[channel("train", uri, None)])
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    table = np.array(rows, dtype=np.float32)
    matrix = xgboost.DMatrix(table[:, 1:], label=table[:, 0], weight=np.full(len(table), 2))
    own = xgboost.train({"objective": "binary:logistic"}, matrix, num_boost_round=12)
    np.testing.assert_allclose(trainer.booster(job).predict(matrix), own.predict(matrix), rtol=1e-4)


def test_recordio_protobuf_is_read_dense_and_sparse(trainer: Trainer) -> None:
    table = np.array([line.split(",") for line in breast_cancer()[0].splitlines()], dtype=np.float32)
    labels, rows = table[:, 0], np.where(table[:, 1:] > 1, table[:, 1:], 0)
    kind = "application/x-recordio-protobuf"
    names = []
    for sparse in (False, True):
        key = f"protobuf/{sparse}/part"
        trainer.s3.put_object(Bucket=BUCKET, Key=key, Body=protobuf(rows, labels, sparse=sparse))
        uri = f"s3://{BUCKET}/{key.removesuffix('part')}"
        names.append(trainer.start(InputDataConfig=[channel("train", uri, kind)]))
    for name, values in zip(names, (rows, np.where(rows == 0, np.nan, rows)), strict=True):
        job = trainer.wait(name)
        assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
        matrix = xgboost.DMatrix(values, label=labels)
        own = xgboost.train({"objective": "binary:logistic"}, matrix, num_boost_round=12)
        np.testing.assert_allclose(trainer.booster(job).predict(matrix), own.predict(matrix), rtol=1e-4)


def test_parquet_is_read_label_first_with_nulls_as_missing(trainer: Trainer) -> None:
    table = np.array([line.split(",") for line in breast_cancer()[0].splitlines()], dtype=np.float32)
    rows = np.where(table[:, 1:] > 1, table[:, 1:], np.nan)
    columns = {"label": table[:, 0].astype(int), **{f"c{number}": column for number, column in enumerate(rows.T)}}
    frame = polars.DataFrame(columns).fill_nan(None)
    for number, part in enumerate((frame[:200], frame[200:])):
        body = io.BytesIO()
        part.write_parquet(body)
        trainer.s3.put_object(Bucket=BUCKET, Key=f"parquet/{number}.parquet", Body=body.getvalue())
    job = trainer.train(InputDataConfig=[channel("train", f"s3://{BUCKET}/parquet/", "application/x-parquet")])
    assert job["TrainingJobStatus"] == "Completed", job["FailureReason"]
    matrix = xgboost.DMatrix(rows, label=table[:, 0])
    own = xgboost.train({"objective": "binary:logistic"}, matrix, num_boost_round=12)
    np.testing.assert_allclose(trainer.booster(job).predict(matrix), own.predict(matrix), rtol=1e-4)


def test_all_files_of_a_channel_are_one_table_with_missing_cells(trainer: Trainer) -> None:
    head, tail = "1,2,\n0,1,5\n" * 10, "1,3,4\n0,,6\n" * 10
    trainer.put("parts/a/one.csv", head)
    trainer.put("parts/a/deeper/two.csv", tail)
    job = trainer.train({"eval_metric": "logloss"}, InputDataConfig=[channel("train", f"s3://{BUCKET}/parts/a")])
    assert any(
        line.endswith("Train matrix has 40 rows and 2 columns") for line in trainer.lines(job["TrainingJobName"])
    )


def test_csv_weights_take_the_second_column(trainer: Trainer) -> None:
    uri = trainer.put("weights/part.csv", "1,5,2,3\n0,1,1,5\n" * 20)
    job = trainer.train(
        {"csv_weights": "1", "eval_metric": "logloss"},
        InputDataConfig=[channel("train", uri, "text/csv;label_size=1")],
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert any("20 rows" in line or "40 rows and 2 columns" in line for line in trainer.lines(job["TrainingJobName"]))


def test_early_stopping_ends_the_training_and_keeps_the_best_rounds(trainer: Trainer) -> None:
    job = trainer.train({"num_round": "5000", "early_stopping_rounds": "5", "eval_metric": "logloss"})
    rounds = sum("#011" in line for line in trainer.lines(job["TrainingJobName"]))
    assert rounds < 1000
    assert trainer.booster(job).num_boosted_rounds() == rounds - 5


def test_the_metrics_that_sagemaker_adds_are_reported_beside_xgboosts(trainer: Trainer) -> None:
    job = trainer.train({"eval_metric": "accuracy,f1,logloss", "_tuning_objective_metric": "validation:auc"})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    metrics = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
    expected = {
        f"{series}:{name}" for series in ("train", "validation") for name in ("accuracy", "auc", "f1", "logloss")
    }
    assert set(metrics) == expected
    assert 0.9 < metrics["validation:accuracy"] <= 1


def test_a_multiclass_job_reports_its_default_metric(trainer: Trainer) -> None:
    uri = trainer.put("classes/part.csv", "0,1,1\n1,5,5\n2,9,9\n" * 20)
    job = trainer.train(
        HyperParameters={"num_round": "3", "objective": "multi:softprob", "num_class": "3"},
        InputDataConfig=[channel("train", uri)],
    )
    assert [each["MetricName"] for each in job["FinalMetricDataList"]] == ["train:mlogloss"]


def test_older_spellings_of_hyperparameters_still_train(trainer: Trainer) -> None:
    job = trainer.train(
        HyperParameters={"num_round": "3", "objective": "reg:linear", "learning_rate": "0.3", "predictor": "auto"}
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert {each["MetricName"] for each in job["FinalMetricDataList"]} == {"train:rmse", "validation:rmse"}
