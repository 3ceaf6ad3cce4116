"""Requests drawn from the service models, right, nearly right and wrong: some hundreds; `make soak` sends 20,000."""

from tests.region.conftest import RegionProcess
from tests.region.fuzz import Fuzzer

REQUESTS = 500


def test_no_request_makes_the_region_fail_hang_or_grow(private_region: RegionProcess) -> None:
    tally = Fuzzer(private_region, seed=1).run(REQUESTS)
    assert tally.wrong == []
    assert sum(tally.statuses.values()) > REQUESTS * 0.9
    assert tally.statuses[200] > REQUESTS * 0.1
    assert tally.statuses[400] > REQUESTS * 0.1
