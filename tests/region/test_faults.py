"""kill -9 at random moments of region, supervisor, training program and host: some; `make soak` does 200."""

from tests.region.conftest import RegionProcess
from tests.region.faults import Faults

KILLS = 3


def test_no_kill_loses_or_doubles_a_job_or_harms_an_object(private_region: RegionProcess) -> None:
    assert Faults(private_region, seed=5).run(KILLS).startswith(f"{KILLS} kills; jobs: ")
