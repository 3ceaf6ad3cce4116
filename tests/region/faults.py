"""kill -9 at random moments of all that there is around jobs and objects, and what must hold afterwards."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from botocore.exceptions import BotoCoreError, ClientError

from apps.localregion.compute.durable import read_json
from apps.localregion.compute.processes import alive
from tests.region.conftest import RegionProcess
from tests.region.traffic import NO_RETRY, Writer, is_cut_off
from tests.region.trainer import ACTIVE, WAIT_SECONDS, Trainer

ROUNDS = 40  # of a job: a second or so
AT_ONCE = 3
WRITERS = 2
LONGEST_PAUSE = 1.5  # seconds between two kills
RETRIED, STOPPED, KILLED_AGAIN = 0.3, 0.1, 0.2  # shares: of the jobs, of the jobs, of the region's starts
LOG_LINES = 40
VICTIMS = ("region", "region", "supervisor", "training", "host")


class Launches(threading.Thread):
    """Keeps some jobs going, whatever happens to the region; knows which of them it is sure of."""

    def __init__(self, trainer: Trainer, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._trainer = trainer
        self._sagemaker = trainer.region.client("sagemaker", NO_RETRY)
        self._chance = chance
        self._over = threading.Event()
        self.asked: list[str] = []  # for which CreateTrainingJob was called
        self.sure: set[str] = set()  # ... and answered
        self.stopped: set[str] = set()
        self.active: set[str] = set()
        self.wrong: list[str] = []

    def run(self) -> None:
        while not self._over.wait(0.05):
            try:
                self._look()
            except BotoCoreError:
                continue  # the region is away
            except ClientError as error:  # a job that has ended cannot be stopped
                if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500 and not is_cut_off(error):
                    self.wrong.append(str(error))

    def end(self) -> None:
        """Launch no more; raises AssertionError when it has not gone on until now."""
        assert self.is_alive(), "no job was launched any more, see above"
        self._over.set()
        self.join()

    def _look(self) -> None:
        for name in sorted(self.active):
            if not self._is_active(name):
                self.active.discard(name)
        if len(self.active) < AT_ONCE:
            attempts = 1 if self._chance.random() < RETRIED else 0
            changes = {"RetryStrategy": {"MaximumRetryAttempts": attempts}} if attempts else {}
            request = self._trainer.request(**changes)
            request["HyperParameters"]["num_round"] = str(ROUNDS)
            name = request["TrainingJobName"]
            self.asked.append(name)
            self.active.add(name)
            self._sagemaker.create_training_job(**request)
            self.sure.add(name)
        elif self._chance.random() < STOPPED / 10:  # there are about ten looks at each job
            name = self._chance.choice(sorted(self.active))
            self.stopped.add(name)
            self._sagemaker.stop_training_job(TrainingJobName=name)

    def _is_active(self, name: str) -> bool:
        try:
            job = self._sagemaker.describe_training_job(TrainingJobName=name)
        except ClientError:
            return False  # it was never made, as the call that was to make it met a kill
        return job.get("TrainingJobStatus", ACTIVE[0]) in ACTIVE  # without it the answer was cut off


class Faults:
    """A region under fire. The same seed makes the same choices; when each falls, the machine decides."""

    def __init__(self, region: RegionProcess, seed: int) -> None:
        self._region = region
        self._chance = random.Random(seed)  # noqa: S311 - choices, not secrets
        self._trainer = Trainer(region)
        self._launches = Launches(self._trainer, random.Random(seed + 1))  # noqa: S311
        self._writers = [Writer(region, number, random.Random(seed + 2 + number)) for number in range(WRITERS)]  # noqa: S311
        self._hurt: set[str] = set()

    def run(self, count: int, say: Callable[[str], None] = lambda _: None) -> str:
        """So many kills, and then every check; answers what was checked, or raises AssertionError."""
        try:
            return self._run(count, say)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._errors()}") from error

    def _run(self, count: int, say: Callable[[str], None]) -> str:
        for thread in (self._launches, *self._writers):
            thread.start()
        for number in range(1, count + 1):
            time.sleep(self._chance.uniform(0, LONGEST_PAUSE))
            say(f"{number:3} kill -9 {self._kill(self._chance.choice(VICTIMS))}")
        self._launches.end()
        assert not self._launches.wrong, "\n".join(self._launches.wrong)
        statuses = self._check_jobs()
        for writer in self._writers:
            writer.end()
            writer.check()
        self._check_nothing_is_left()
        told = ", ".join(f"{statuses.count(status)} {status}" for status in sorted(set(statuses)))
        return f"{count} kills; jobs: {told}; {sum(writer.done for writer in self._writers)} changes of objects"

    def _errors(self) -> str:
        """The end of the region's own log, which tells why it answered an internal error."""
        lines = Path(f"{self._region.home}.log").read_text().splitlines()
        return "\n".join([line for line in lines if " INFO " not in line][-LOG_LINES:])

    def _kill(self, victim: str) -> str:
        if victim in ("supervisor", "training"):
            return self._kill_of_a_job(victim)
        if victim == "host":
            self._hurt.update(self._launches.active)
        self._region.kill()
        if victim == "host":
            self._hurt.update(self._launches.active)
            for process in self._processes():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        if self._chance.random() < KILLED_AGAIN:
            self._region.start_and_kill(self._chance.uniform(0, 1))
        self._region.start()
        return victim

    def _kill_of_a_job(self, what: str) -> str:
        """A process of a job that has one; with none of them running nothing is killed."""
        names = sorted(self._launches.active)
        self._chance.shuffle(names)
        for name in names:
            record = read_json(self._trainer.folder(name) / f"{what}.json")
            if alive(record):  # a pid alone may belong to somebody else by now
                self._hurt.add(name)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(record["pid"]), signal.SIGKILL)
                return f"{what} of {name}"
        return f"{what}: none runs"

    def _processes(self) -> list[psutil.Process]:
        """Whatever works in this region's home, but for the region."""
        home, found = str(self._region.home), []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid != self._own_pid and any(home in text for text in (*process.cmdline(), process.cwd())):
                    found.append(process)
        return found

    @property
    def _own_pid(self) -> int:
        return self._region.process.pid if self._region.process else 0

    def _check_jobs(self) -> list[str]:
        """Each job that was answered is there, and each that is there ends in a true status."""
        pages = self._trainer.sagemaker.get_paginator("list_training_jobs").paginate()
        there = {job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]}
        assert self._launches.sure <= there, f"lost: {self._launches.sure - there}"
        assert there <= {*self._launches.asked}, f"nobody asked for {there - {*self._launches.asked}}"
        return [self._check_job(name) for name in sorted(there)]

    def _check_job(self, name: str) -> str:
        job = self._trainer.wait(name)
        status, reason = job["TrainingJobStatus"], job.get("FailureReason", "")
        restarts = [step["Status"] for step in job["SecondaryStatusTransitions"]].count("Restarting")
        begun = sum("[0]#011" in line for line in self._trainer.lines(name))
        assert begun <= 1 + restarts, f"{name} ran {begun} times with {restarts} restarts"
        if status == "Completed":
            assert self._trainer.booster(job).num_boosted_rounds() == ROUNDS, name
            assert begun >= 1, f"{name} is Completed and has no log"
        elif status == "Stopped":
            assert name in self._launches.stopped, f"nobody stopped {name}"
        else:
            assert name in self._hurt, f"{name} failed untouched: {reason}"
            assert reason.startswith("InternalServerError: ") or reason.endswith("exit code: 137"), reason
        return str(status)

    def _check_nothing_is_left(self) -> None:
        """No process of a job, no damaged object, no blob that nothing names."""
        deadline = time.monotonic() + WAIT_SECONDS
        while left := self._processes():
            assert time.monotonic() < deadline, f"still running: {[process.cmdline() for process in left]}"
            time.sleep(0.1)
        self._region.kill()
        self._region.start()
        checked = fsck(self._region.home)
        assert checked.returncode == 0, checked.stdout
        assert "nothing names" not in checked.stdout, checked.stdout


def fsck(home: Path) -> "subprocess.CompletedProcess[str]":
    """What `region_fsck` finds in a region's folder."""
    command = [sys.executable, "-m", "apps.localregion.fsck", "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECONDS, check=False)
