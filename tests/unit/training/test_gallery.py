"""The gallery: every table whole, what suits a data set first, and the form that each card leads to."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.aws.images import Image, training_image
from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.datasets.models import Dataset, DatasetVersion
from apps.datasets.states import Task, VersionState
from apps.training.catalogue import ALGORITHMS, Algorithm
from apps.training.fields import HyperparameterField
from apps.training.forms import LaunchForm
from apps.training.models import TrainingJob
from apps.training.recommending import recommended, suggestions

IMAGES = Path(__file__).parents[3] / "apps/localregion/images"
REGION = {"xgboost": "xgboost", "linear-learner": "linear_learner", "kmeans": "kmeans", "pca": "pca", "knn": "knn"}
ON_AWS = {
    *("blazingtext", "factorization-machines", "forecasting-deepar", "image-classification", "ipinsights", "kmeans"),
    *("knn", "lda", "linear-learner", "ntm", "object-detection", "object2vec", "pca", "randomcutforest"),
    *("semantic-segmentation", "seq2seq", "xgboost"),
}
everything = pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=lambda each: each.name)


@pytest.fixture
def desk(client: Client, alice: User) -> Client:
    """Alice, signed in."""
    client.force_login(alice)
    return client


@pytest.fixture
def make_version(workspace: Workspace) -> Callable[..., DatasetVersion]:
    """Makes a data set with one version that is ready."""

    def make(name: str = "wine", **columns: Any) -> DatasetVersion:
        dataset = Dataset.objects.create(workspace=workspace, name=name, title=name.title())
        facts = {"task": Task.MULTICLASS, "target": "kind", "row_count": 178, "train_rows": 134, "features": ["a", "b"]}
        told = [{"name": "kind", "distinct": 3}, {"name": "a", "distinct": 9}, {"name": "b", "distinct": 9}]
        places = {f"{part}_s3_uri": f"s3://bucket/{name}/{part}/" for part in ("train", "validation")}
        version = DatasetVersion.objects.create(
            dataset=dataset, number=1, state=VersionState.READY, **{"columns": told, **facts, **places, **columns}
        )
        Dataset.objects.filter(pk=dataset.pk).update(current=version)
        return version

    return make


def test_every_algorithm_of_aws_has_its_table() -> None:
    assert {each.name for each in ALGORITHMS.values() if each.kind == "built-in"} == ON_AWS
    assert {each.kind for each in ALGORITHMS.values()} == {"built-in", "script", "image"}


@everything
def test_a_table_is_whole(algorithm: Algorithm) -> None:
    assert algorithm.summary.endswith(".")
    assert algorithm.instances.endswith(".")
    assert algorithm.tasks
    assert algorithm.content_types
    assert algorithm.documentation.startswith("https://docs.aws.amazon.com/sagemaker/")
    assert set(algorithm.metrics.values()) <= {"min", "max"}
    assert all(channel.help.endswith(".") for channel in algorithm.channels.values())
    if algorithm.kind == "built-in":
        assert algorithm.repositories
        assert any(channel.required for channel in algorithm.channels.values())
        assert any(row.tunable for row in algorithm.hyperparameters.values()) or algorithm.name == "pca"


@everything
def test_each_hyperparameter_says_what_it_is_and_its_default_passes_its_own_check(algorithm: Algorithm) -> None:
    for row in algorithm.hyperparameters.values():
        assert row.kind in ("integer", "float", "choice", "metric", "text"), row.name
        assert row.help.endswith("."), row.name
        assert bool(row.choices) == (row.kind == "choice"), row.name
        assert bool(row.interval) == (row.kind in ("integer", "float")), row.name
        assert set(row.only_if) <= set(algorithm.hyperparameters), row.name
        for value in filter(None, (row.default, row.example)):
            assert HyperparameterField(row, algorithm).clean(value) == value, row.name


@everything
def test_what_a_table_says_of_other_hyperparameters_is_said_of_ones_that_there_are(algorithm: Algorithm) -> None:
    known = set(algorithm.hyperparameters)
    assert {rule.name for rule in algorithm.rules} <= known
    assert {name for rows in algorithm.suggested.values() for name in rows} <= known
    assert {algorithm.judged_by, algorithm.progress} - {""} <= known
    for value, metric in algorithm.default_metric.items():
        if algorithm.judged_by:
            assert value in algorithm.hyperparameters[algorithm.judged_by].choices
        assert {metric, metric.rsplit(":", 1)[-1]} & set(algorithm.metrics), metric


@pytest.mark.parametrize(("name", "folder"), REGION.items())
def test_the_tables_agree_with_what_the_local_region_takes(name: str, folder: str) -> None:
    taken = tomllib.loads((IMAGES / folder / "hyperparameters.toml").read_text())
    for row in ALGORITHMS[name].hyperparameters.values():
        there = taken[row.name]
        assert bool(there.get("required")) == row.required, row.name
        if row.choices and "values" in there:
            assert set(row.choices) <= {str(value) for value in there["values"]}, row.name
        if "default" in there and row.default:
            assert row.default == there["default"], row.name


@pytest.mark.parametrize(("region", "gpu"), [("eu-west-1", False), ("cn-north-1", True)])
def test_image_addresses_are_those_of_the_sagemaker_sdk(region: str, gpu: bool) -> None:
    from sagemaker.core import image_uris  # slow to import, and needed here only

    for algorithm in ALGORITHMS.values():
        if not algorithm.image or (gpu and algorithm.image in ("lda", "sklearn")):  # no lda there, no GPU for sklearn
            continue
        instance = "ml.p3.2xlarge" if gpu else "ml.m5.xlarge"
        asked = {"version": algorithm.image_version, "instance_type": instance, "image_scope": "training"}
        expected = image_uris.retrieve(algorithm.image, region, **asked)
        assert training_image(region, Image(algorithm.image, algorithm.image_version), gpu=gpu) == expected


def test_an_image_that_aws_does_not_offer_there_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match="no image of lda 1 in cn-north-1"):
        training_image("cn-north-1", Image("lda", "1"))


def test_what_suits_a_data_set_stands_first_with_its_reason(
    desk: Client, make_version: Callable[..., DatasetVersion]
) -> None:
    version = make_version()
    names = [each.algorithm.name for each in recommended(version)]
    assert names[:3] == ["xgboost", "linear-learner", "knn"]
    text = desk.get("/w/there/train/?dataset=wine").content.decode()
    part = text[text.index('id="recommended"') : text.index('id="family-1"')]
    assert re.findall(r"<h3><a href=\"([^\"]+)\"", part)[0] == "/w/there/train/xgboost/?dataset=wine"
    assert "The usual first choice on tables" in part
    assert "knn" not in [each.algorithm.name for each in recommended(make_version("big", row_count=5_000_000))]


def test_hyperparameters_begin_with_what_the_data_set_is(make_version: Callable[..., DatasetVersion]) -> None:
    version = make_version(suggested={"objective": "multi:softprob"})
    assert suggestions(ALGORITHMS["xgboost"], version) == {"objective": "multi:softprob"}
    assert suggestions(ALGORITHMS["linear-learner"], version) == {
        "feature_dim": "2",
        "predictor_type": "multiclass_classifier",
        "num_classes": "3",
    }
    assert suggestions(ALGORITHMS["knn"], version) == {
        "feature_dim": "2",
        "sample_size": "134",
        "predictor_type": "classifier",
    }


def test_a_job_on_an_older_version_is_changed_on_the_data_it_trained_on(
    desk: Client, make_version: Callable[..., DatasetVersion], make_job: Callable[..., TrainingJob]
) -> None:
    newest = make_version()
    older = DatasetVersion.objects.create(dataset=newest.dataset, number=0, state=VersionState.READY)
    old = {"train": {"s3_uri": "s3://bucket/wine/old/", "content_type": "text/csv"}}
    for version, channels, ticked, uri in ((newest, {}, "wine", ""), (older, old, "", "s3://bucket/wine/old/")):
        job = make_job(dataset=newest.dataset, dataset_version=version, channels=channels)
        form = desk.get(f"/w/there/train/xgboost/?from={job.name}").context["form"]
        assert (form["dataset"].value() or "", form["train_s3_uri"].value() or "") == (ticked, uri)


def test_a_data_sets_hold_out_goes_to_the_channel_that_the_algorithm_has(
    workspace: Workspace, make_version: Callable[..., DatasetVersion]
) -> None:
    make_version()
    where = {"dataset": "wine", "instance_type": "ml.m5.xlarge", "instance_count": "1", "max_runtime_seconds": "60"}
    channels = {}
    for name, values in {
        "linear-learner": {"predictor_type": "regressor"},
        "kmeans": {"k": "2", "feature_dim": "2"},
        "pca": {"num_components": "1", "feature_dim": "2", "mini_batch_size": "9"},
    }.items():
        typed = where | {f"hp_{key}": value for key, value in values.items()}
        form = LaunchForm(typed, workspace=workspace, algorithm=name)
        assert form.is_valid(), form.errors
        channels[name] = set(form.spec().channels)
    assert channels == {"linear-learner": {"train", "validation"}, "kmeans": {"train", "test"}, "pca": {"train"}}


def test_each_card_leads_to_its_form(desk: Client, workspace: Workspace) -> None:
    text = desk.get("/w/there/train/").content.decode()
    assert sorted(re.findall(r'<h3><a href="/w/there/train/([^/]+)/"', text)) == sorted(ALGORITHMS)


@everything
def test_a_form_asks_for_every_hyperparameter_and_has_a_name_ready(
    desk: Client, workspace: Workspace, algorithm: Algorithm
) -> None:
    text = desk.get(f"/w/there/train/{algorithm.name}/").content.decode()
    assert f"<h1>{algorithm.title}</h1>" in text
    assert all(f'name="hp_{name}"' in text for name in algorithm.hyperparameters)
    assert re.search(rf'name="name" value="{algorithm.name}-[0-9a-f]{{6}}"', text)


def test_an_algorithm_that_there_is_not_is_not_found(desk: Client, workspace: Workspace) -> None:
    for path in ("train/nothing/", "train/?from=nobody"):
        assert desk.get(f"/w/there/{path}").status_code == 404
    assert desk.post("/w/there/train/nothing/check/").status_code == 404


def test_a_job_of_an_unknown_image_is_changed_on_the_form_of_own_images(
    desk: Client, make_job: Callable[..., TrainingJob]
) -> None:
    job = make_job(algorithm="their-own", image_uri="1.dkr.ecr.eu-west-1.amazonaws.com/their-own:1")
    text = desk.get(f"/w/there/train/?from={job.name}", follow=True).content.decode()
    assert "<h1>Your own image</h1>" in text
    assert 'value="1.dkr.ecr.eu-west-1.amazonaws.com/their-own:1"' in text
