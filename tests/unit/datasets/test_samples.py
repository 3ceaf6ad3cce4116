"""The sample data sets are the real ones, and go the way of every file."""

from collections.abc import Callable

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.datasets.samples import SAMPLES
from apps.datasets.services import bring_sample
from apps.datasets.states import VersionState


def test_the_samples_are_the_real_tables() -> None:
    cancer, abalone = SAMPLES["breast-cancer"].read(), SAMPLES["abalone"].read()
    assert (len(cancer.rows), len(cancer.columns)) == (569, 31)
    assert (len(abalone.rows), abalone.columns[0]) == (4177, "rings")


def test_breast_cancer_is_split_by_quarters_with_its_classes_kept(
    workspace: Workspace, alice: User, content: Callable[[str], bytes]
) -> None:
    version = bring_sample(workspace, "breast-cancer", alice).current
    assert version is not None
    assert (version.state, version.train_rows, version.validation_rows) == (VersionState.READY, 427, 142)
    parts = [content(uri).decode().splitlines() for uri in version.channels.values()]
    shares = [sum(row.startswith("1,") for row in rows) / len(rows) for rows in parts]
    assert max(shares) - min(shares) < 0.01
    assert version.suggested["objective"] == "binary:logistic"
    assert version.dataset.title == SAMPLES["breast-cancer"].title


def test_abalones_sex_is_encoded_and_the_codes_are_kept(workspace: Workspace, alice: User) -> None:
    version = bring_sample(workspace, "abalone", alice).current
    assert version is not None
    assert (version.task, version.encodings) == ("regression", {"sex": ["F", "I", "M"]})
    assert bring_sample(workspace, "abalone", alice).current == version
