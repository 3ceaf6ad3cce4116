"""What the launch form lets through and what it says otherwise."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.aws.models import Workspace
from apps.training.catalogue import ALGORITHMS
from apps.training.fields import HyperparameterField
from apps.training.forms import LaunchForm
from apps.training.models import TrainingJob
from apps.training.spec import Channel

GOOD = {
    "train_s3_uri": "s3://bucket/train.csv",
    "instance_type": "ml.m5.xlarge",
    "instance_count": "1",
    "max_runtime_seconds": "3600",
    "hp_num_round": "10",
}
ROWS = ALGORITHMS["xgboost"].hyperparameters


def errors(workspace: Workspace, **changes: str) -> dict[str, list[str]]:
    """What the form says to GOOD with these changes, by field."""
    form = LaunchForm({**GOOD, **changes}, workspace=workspace)
    return {name: [str(text) for text in texts] for name, texts in form.errors.items()}


def test_a_good_form_becomes_a_typed_request(workspace: Workspace) -> None:
    form = LaunchForm({**GOOD, "validation_s3_uri": "s3://bucket/v/", "hp_eta": "0.1"}, workspace=workspace)
    assert form.is_valid()
    spec = form.spec()
    assert spec.hyperparameters == {"num_round": "10", "eta": "0.1"}
    assert spec.channels == {
        "train": Channel("s3://bucket/train.csv", "text/csv"),
        "validation": Channel("s3://bucket/v/", "text/csv"),
    }
    assert (spec.instance_count, spec.max_runtime_seconds, spec.volume_size_gb) == (1, 3600, 30)
    assert spec.max_wait_seconds is None


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("hp_num_round", "", "num_round is required."),
        ("hp_num_round", "0", "num_round must be 1 or more, not 0."),
        ("hp_num_round", "ten", "num_round must be a whole number, not 'ten'."),
        ("hp_num_round", "1.5", "num_round must be a whole number, not '1.5'."),
        ("hp_eta", "2", "eta must be 0 to 1, not 2."),
        ("hp_eta", "nan", "eta must be a number, not 'nan'."),
        ("hp_subsample", "0", "subsample must be more than 0, up to 1, not 0."),
        ("hp_objective", "guess", "objective must be one of"),
        ("hp_eval_metric", "auc,beauty", "'beauty' is not a metric"),
        ("hp_num_class", "3", "num_class goes only with multi:softmax and multi:softprob."),
        ("hp_rate_drop", "0.1", "rate_drop has no effect unless booster is dart."),
        ("hp_early_stopping_rounds", "5", "Early stopping needs validation data."),
        ("name", "-no-", "Use 1 to 63 letters"),
        ("train_s3_uri", "", "Choose a data set or give the S3 URI"),
        ("train_s3_uri", "/etc/passwd", "Give an S3 URI"),
        ("instance_type", "ml.huge", "Select a valid choice"),
        ("instance_count", "0", "greater than or equal to 1"),
        ("max_runtime_seconds", "9999999", "less than or equal to 2419200"),
    ],
)
def test_bad_input_is_refused_beside_its_field(workspace: Workspace, field: str, value: str, says: str) -> None:
    found = errors(workspace, **{field: value})
    assert list(found) == [field]
    assert says in found[field][0]


def test_classes_need_their_number(workspace: Workspace) -> None:
    assert errors(workspace, hp_objective="multi:softmax") == {
        "hp_num_class": ["num_class is required for this objective."]
    }
    assert errors(workspace, hp_objective="multi:softmax", hp_num_class="3") == {}


def test_a_name_in_use_is_refused(workspace: Workspace, make_job: Callable[..., TrainingJob]) -> None:
    make_job(name="taken")
    assert "already" in errors(workspace, name="taken")["name"][0]


def test_another_workspaces_data_set_cannot_be_chosen(workspace: Workspace) -> None:
    assert errors(workspace, dataset="elsewhere", train_s3_uri="") == {
        "dataset": ["There is no data set 'elsewhere' here that is ready to train on."]
    }


@pytest.mark.parametrize("name", ROWS)
def test_each_default_of_the_table_passes_its_own_check(name: str) -> None:
    row = ROWS[name]
    field = HyperparameterField(row, ALGORITHMS["xgboost"])
    if row.default:
        assert field.clean(row.default) == row.default
    assert row.help.endswith(".")


@given(st.sampled_from(sorted(ROWS)), st.text(max_size=300))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_is_either_taken_or_refused_in_words(workspace: Workspace, name: str, text: str) -> None:
    form = LaunchForm({**GOOD, f"hp_{name}": text}, workspace=workspace)
    if form.is_valid():
        given_value = form.spec().hyperparameters.get(name, "")
        assert given_value == text.strip() or not text.strip("\0 ")
    else:
        assert all(str(message) for messages in form.errors.values() for message in messages)
