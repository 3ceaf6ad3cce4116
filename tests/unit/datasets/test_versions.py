"""From a raw file to the objects that SageMaker trains on, through a real S3."""

import io
from collections.abc import Callable

import polars as pl
import pytest

from apps.accounts.models import AuditEntry, User
from apps.aws.errors import Missing
from apps.datasets import aws
from apps.datasets.choice import choose
from apps.datasets.models import Dataset
from apps.datasets.services import apply_choice, register, request_delete
from apps.datasets.services.holding import Hold
from apps.datasets.services.working import work
from apps.datasets.states import VersionState
from tests.unit.datasets.conftest import Bring

Content = Callable[[str], bytes]
ROWS = "".join(f"{'yes' if n % 3 else 'no'},{n},{n / 7:.3f},{'red' if n % 2 else ''}\n" for n in range(1000))
TABLE = f"bought,visits,spent,colour\n{ROWS}".encode()


def lines(body: bytes) -> list[str]:
    return body.decode().splitlines()


def test_a_file_with_a_target_becomes_train_and_validation_objects(bring: Bring, content: Content) -> None:
    version = bring(TABLE, target="bought")
    assert (version.state, version.failure) == (VersionState.READY, "")
    assert version.dataset.current_id == version.pk or Dataset.objects.get().current_id == version.pk
    train, validation = lines(content(version.train_s3_uri)), lines(content(version.validation_s3_uri))
    assert (len(train), len(validation)) == (version.train_rows, version.validation_rows) == (750, 250)
    assert version.encodings == {"bought": ["no", "yes"], "colour": ["red"]}
    assert version.task == "binary classification"
    assert version.suggested["objective"] == "binary:logistic"
    assert set(train) | set(validation) >= {"0,0,0.000,", "1,1,0.143,0"}


def test_the_classes_keep_their_shares_and_every_row_is_in_one_part_only(bring: Bring, content: Content) -> None:
    version = bring(TABLE, target="bought", holdout=20)
    parts = {name: lines(content(uri)) for name, uri in version.channels.items()}
    ones = {name: sum(row.startswith("1,") for row in rows) for name, rows in parts.items()}
    assert ones == {"train": 533, "validation": 133}
    stem = version.train_s3_uri.removesuffix("train/train.csv")
    numbers = {name: [int(n) for n in lines(content(f"{stem}rows/{name}.rows.csv"))] for name in parts}
    assert sorted(numbers["train"] + numbers["validation"]) == list(range(1, 1001))
    raw = lines(TABLE)
    for name, rows in parts.items():
        assert [row.split(",")[1] for row in rows] == [raw[number].split(",")[1] for number in numbers[name]]


def test_the_same_seed_holds_out_the_same_rows(bring: Bring, content: Content) -> None:
    first, second = bring(TABLE, target="bought"), bring(TABLE, name="again", target="bought")
    assert content(first.validation_s3_uri) == content(second.validation_s3_uri)
    assert first.sha256 == second.sha256


def test_parquet_is_read_as_csv_is(bring: Bring, content: Content) -> None:
    body = io.BytesIO()
    pl.read_csv(TABLE).write_parquet(body)
    version = bring(body.getvalue(), filename="shells.parquet", target="bought")
    assert (version.state, version.failure) == (VersionState.READY, "")
    assert [column["type"] for column in version.columns] == ["text", "integer", "number", "text"]
    assert (version.train_rows, version.validation_rows) == (750, 250)
    assert version.columns[3]["nulls"] == 500


def test_without_a_target_the_profile_waits_for_a_choice(bring: Bring, alice: User) -> None:
    version = bring(TABLE)
    assert (version.state, version.row_count, Dataset.objects.get().current) == (VersionState.PROFILED, 1000, None)
    visits = version.columns[1]
    assert (visits["type"], visits["distinct"], visits["low"], visits["high"]) == ("integer", 1000, 0, 999)
    assert sum(visits["bins"]) == 1000
    made = apply_choice(version, alice, choose(version.columns, "spent", ["visits"]), holdout=30, seed=7)
    assert made.pk == version.pk
    work(made.pk)
    made.refresh_from_db()
    assert (made.state, made.task, made.train_rows) == (VersionState.READY, "regression", 700)


def test_another_choice_of_columns_is_another_version_of_the_same_file(bring: Bring, alice: User) -> None:
    first = bring(TABLE, target="bought")
    second = apply_choice(first, alice, choose(first.columns, "spent"))
    work(second.pk)
    second.refresh_from_db()
    assert (second.number, second.state, second.sha256) == (2, VersionState.READY, first.sha256)
    assert Dataset.objects.get().current_id == second.pk
    assert second.train_s3_uri != first.train_s3_uri


def test_rows_without_a_label_are_left_out_and_counted(bring: Bring) -> None:
    version = bring(b"a,b\n1,2\n,3\n2,4\n1,5\nNA,1\n2,9\n" + b"1,6\n2,7\n" * 2, target="a")
    assert (version.state, version.dropped_rows) == (VersionState.READY, 2)
    assert version.encodings == {"a": ["1", "2"]}


@pytest.mark.parametrize(
    ("body", "line", "column", "words"),
    [
        (b"a,b\n1,2\n1,2,3\n", 3, 3, "3 fields, the header has 2"),
        (b"a,b\n1,2\n1\n", 3, 2, "1 field, the header has 2"),
        (b'a,b\n1,5" pipe\n', 2, 2, "middle of a field"),
        (b'a,b\n1,"x\n2,3\n', 2, 2, "never closed"),
        (b"a,b\n1,caf\xe9\n", 2, 2, "0xe9 is not UTF-8"),
        (b"a,b\n1,2\n\n3,4\n", 3, 1, "empty"),
        (b"a,b\n", 2, 1, "no row"),
        (b"\n", 1, 1, "empty"),
        (b"1,2\n3,4\n", 1, 1, "columns' names"),
        (b"a,b,a\n1,2,3\n", 1, 3, "both called 'a'"),
    ],
)
def test_a_broken_file_is_refused_by_line_and_column(
    bring: Bring, body: bytes, line: int, column: int, words: str
) -> None:
    version = bring(body, target="a")
    assert (version.state, version.failure_line, version.failure_column) == (VersionState.FAILED, line, column)
    assert words in version.failure


def test_a_target_that_the_file_has_not_is_refused_with_the_names_it_has(bring: Bring) -> None:
    version = bring(TABLE, target="sold")
    assert version.state == VersionState.FAILED
    assert "no column 'sold'" in version.failure
    assert "bought, visits, spent, colour" in version.failure


def test_a_table_too_small_to_hold_rows_out_is_refused(bring: Bring) -> None:
    version = bring(b"a,b\n1,2\n2,3\n", target="a")
    assert (version.state, version.failure[:28]) == (VersionState.FAILED, "2 rows with a label are too ")


def test_an_object_that_changed_since_its_profile_is_not_prepared(bring: Bring, alice: User) -> None:
    version = bring(TABLE)
    workspace = version.dataset.workspace
    _, key = aws.split(version.raw_s3_uri)
    aws.put(workspace, key, TABLE.replace(b"red", b"tan"), aws.CSV)
    made = apply_choice(version, alice, choose(version.columns, "bought"))
    work(made.pk)
    made.refresh_from_db()
    assert (made.state, made.train_s3_uri) == (VersionState.FAILED, "")
    assert "has changed since" in made.failure


def test_a_long_copy_of_parquet_keeps_its_worker(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    body = io.BytesIO()
    pl.read_csv(TABLE).write_parquet(body)
    monkeypatch.setattr("apps.datasets.aws.READ_BYTES", 1000)
    monkeypatch.setattr("apps.datasets.services.holding.EVERY", -1.0)
    renewed: list[object] = []
    tell = Hold.tell

    def noted(hold: Hold, **columns: object) -> None:
        renewed.append(columns)
        tell(hold, **columns)

    monkeypatch.setattr(Hold, "tell", noted)
    assert bring(body.getvalue(), filename="shells.parquet").row_count == 1000
    assert renewed.count({}) >= len(body.getvalue()) // 1000


def test_work_that_was_cut_off_is_done_again_from_the_row(bring: Bring) -> None:
    version = bring(TABLE, target="bought")
    done = (version.sha256, version.train_rows, version.columns)
    type(version).objects.filter(pk=version.pk).update(state=VersionState.PROFILING, lease="dead", sha256="")
    work(version.pk)
    work(version.pk)
    version.refresh_from_db()
    assert (version.state, (version.sha256, version.train_rows, version.columns)) == (VersionState.READY, done)


def test_deleting_takes_the_objects_and_leaves_a_registered_file(bring: Bring, alice: User) -> None:
    version = bring(TABLE, target="bought")
    workspace = version.dataset.workspace
    kept = register(workspace, alice, "kept", version.raw_s3_uri)
    request_delete(version.dataset, alice)
    work(version.pk)
    assert list(Dataset.objects.all()) == [kept.dataset]
    assert aws.look(workspace, version.raw_s3_uri).size == len(TABLE)
    with pytest.raises(Missing):
        aws.look(workspace, version.train_s3_uri)
    request_delete(kept.dataset, alice)
    work(kept.pk)
    assert aws.look(workspace, version.raw_s3_uri).size == len(TABLE)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions == {"create data set", "delete data set"}
