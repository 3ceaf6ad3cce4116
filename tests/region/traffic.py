"""Objects that are put, overwritten, copied, deleted and uploaded in parts, with what each of them may be."""

import hashlib
import random
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError
from urllib3.exceptions import HTTPError

from tests.region.conftest import RegionProcess

# A client that gives up while the region is still at it would take the change that comes later for damage.
NO_RETRY = Config(retries={"total_max_attempts": 1}, connect_timeout=240, read_timeout=240)
BUCKET = "traffic"
KEYS = 8  # of each writer
SIZES = (0, 10, 5000, 100_000, 2_000_000)  # bytes
PART = 5 << 20  # S3's least
AWAY_SECONDS = 0.05


class Writer(threading.Thread):
    """Changes objects of its own until it is ended; a change that met a kill leaves the old or the new object."""

    def __init__(self, region: RegionProcess, number: int, chance: random.Random) -> None:
        super().__init__(daemon=True)
        self._s3: Any = region.client("s3", NO_RETRY)
        self._chance = chance
        self._over = threading.Event()
        self._may_be: dict[str, set[str | None]] = {f"{number}/{key}": {None} for key in range(KEYS)}
        self._wrong: list[str] = []
        self.done = 0
        region.client("s3").create_bucket(Bucket=BUCKET)

    def run(self) -> None:
        changes = (self._put, self._put, self._remove, self._upload, self._copy, self._look)
        while not self._over.is_set():
            key = self._chance.choice([*self._may_be])
            try:
                self._chance.choice(changes)(key)
                self.done += 1
            except (ClientError, FlexibleChecksumError) as error:
                if not is_cut_off(error):
                    self._wrong.append(f"{key}: {error}")
            except (BotoCoreError, HTTPError):  # boto3 lets urllib3's through when an answer's body breaks off
                time.sleep(AWAY_SECONDS)  # the region is away

    def end(self) -> None:
        """Change no more; raises AssertionError when it has not gone on until now."""
        assert self.is_alive(), f"{self.name} ended before it was told to, see above"
        self._over.set()
        self.join()

    def check(self) -> None:
        """Every object is one that it may be; raises AssertionError."""
        for key in self._may_be:
            self._look(key)
        assert not self._wrong, "\n".join(self._wrong)

    def _change(self, key: str, digest: str | None, call: Callable[[], object]) -> None:
        """Make a change: until it is answered, the object is the old or the new one."""
        self._may_be[key] = {*self._may_be[key], digest}
        call()
        self._may_be[key] = {digest}

    def _put(self, key: str) -> None:
        body = self._chance.randbytes(self._chance.choice(SIZES))
        self._change(key, _digest(body), lambda: self._s3.put_object(Bucket=BUCKET, Key=key, Body=body))

    def _remove(self, key: str) -> None:
        self._change(key, None, lambda: self._s3.delete_object(Bucket=BUCKET, Key=key))

    def _upload(self, key: str) -> None:
        bodies = [self._chance.randbytes(PART), self._chance.randbytes(1000)]
        named = {"Bucket": BUCKET, "Key": key}
        begun = self._s3.create_multipart_upload(**named)
        if "UploadId" not in begun:
            return  # the kill came between the head of the answer and its body, which boto3 takes for an empty one
        named["UploadId"] = begun["UploadId"]
        parts = [
            {"PartNumber": number, "ETag": self._s3.upload_part(**named, PartNumber=number, Body=body)["ETag"]}
            for number, body in enumerate(bodies, 1)
        ]
        if self._chance.random() < 0.3:
            self._s3.abort_multipart_upload(**named)
            return
        whole = {"Parts": parts}
        self._change(key, _digest(*bodies), lambda: self._s3.complete_multipart_upload(**named, MultipartUpload=whole))

    def _copy(self, key: str) -> None:
        """From another object of which it is known what it is."""
        known = {source: digest for source, (digest, *more) in self._may_be.items() if digest and not more}
        known.pop(key, None)
        if known:
            source = self._chance.choice([*known])
            named = {"Bucket": BUCKET, "Key": key, "CopySource": {"Bucket": BUCKET, "Key": source}}
            self._change(key, known[source], lambda: self._s3.copy_object(**named))

    def _look(self, key: str) -> None:
        try:
            found: str | None = _digest(self._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            found = None
        if found not in self._may_be[key]:
            self._wrong.append(f"{key} is {found}, not one of {self._may_be[key]}")
        self._may_be[key] = {found}


def is_cut_off(error: Exception) -> bool:
    """Whether a kill cut an answer off behind its head: boto3 makes the status the code of an error without a body."""
    return isinstance(error, ClientError) and error.response["Error"]["Code"].isdigit()


def _digest(*pieces: bytes) -> str:
    return hashlib.sha256(b"".join(pieces)).hexdigest()
