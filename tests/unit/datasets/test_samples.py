"""The sample data sets are the real ones, split once and for all."""

from apps.datasets.samples import SAMPLES, split


def test_breast_cancer_is_split_by_quarters_with_its_classes_kept() -> None:
    table = SAMPLES["breast-cancer"].read()
    train, validation = split(table, stratify=True)
    assert (len(table.rows), len(table.columns)) == (569, 31)
    assert (len(train), len(validation)) == (426, 143)
    shares = [sum(row[0] for row in part) / len(part) for part in (table.rows, train, validation)]
    assert max(shares) - min(shares) < 0.01


def test_abalone_has_its_rings_first_and_only_numbers() -> None:
    table = SAMPLES["abalone"].read()
    assert table.columns[0] == "rings"
    assert len(table.rows) == 4177
    assert all(isinstance(value, int | float) for value in table.rows[0])


def test_a_split_is_the_same_each_time() -> None:
    table = SAMPLES["abalone"].read()
    assert split(table, stratify=False) == split(table, stratify=False)
