"""The literal that guards a metric definition never hides a match."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.localregion.compute.literals import required_literal
from apps.localregion.images import catalogue

PIECES = st.sampled_from(["loss", "a?", "b*", "(c|d)", "[xyz]+", r"\.", ".", "(e)?", "f{0,2}", "=", r"(\S+)", "g|h"])


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        (r"loss=(\S+)", "loss="),
        (r"val(idation)?-loss: ([0-9.]+)", "-loss: "),
        (r"colou?r (.*)", "colo"),
        (r"x{2,3}yz", "yz"),
        (r"a|bcd", ""),
        (r"(?i)loss=(.*)", ""),
        (r"(?x) loss = (.*)", ""),
    ],
)
def test_the_longest_certain_text_is_found(pattern: str, literal: str) -> None:
    assert required_literal(pattern) == literal


def test_each_built_in_metric_has_a_literal_of_its_own() -> None:
    definitions = catalogue.find_named("sagemaker-xgboost").metric_definitions
    literals = [required_literal(definition["Regex"]) for definition in definitions]
    assert literals[0] == "#011train-accuracy:"
    assert len(set(literals)) == len(definitions) > 60


@given(st.lists(PIECES, max_size=5), st.text("lossabcdefxyz.=gh 1", max_size=25))
def test_no_match_lacks_the_literal(pieces: list[str], text: str) -> None:
    pattern = "".join(pieces)
    if re.search(pattern, text):
        assert required_literal(pattern) in text
