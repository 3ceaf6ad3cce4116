"""A file by the REST API becomes what SageMaker trains on, on both places."""

import http.client
import json

from urllib3 import encode_multipart_formdata

from tests.contract.conftest import Place
from tests.stack import until

ROWS = [f"{'yes' if n % 3 else 'no'},{n},{n / 7:.3f}" for n in range(400)]
BODY = "\n".join(["bought,visits,spent", *ROWS]).encode()


def send(place: Place, **fields: str) -> tuple[int, dict[str, object]]:
    """Upload BODY with these fields of the form."""
    body, kind = encode_multipart_formdata({**fields, "file": ("shells.csv", BODY)})
    line = http.client.HTTPConnection("127.0.0.1", place.stack.port, timeout=60)
    headers = {"Content-Type": kind, "Authorization": f"Bearer {place.token}"}
    line.request("POST", f"/api/v1/w/{place.slug}/datasets", body, headers)
    answer = line.getresponse()
    return answer.status, json.loads(answer.read())


def test_an_uploaded_file_becomes_training_objects(place: Place) -> None:
    status, made = send(place, name="contract-shells", target="bought", holdout="25")
    assert status == 201, made

    def ready() -> dict[str, object] | None:
        path = f"/api/v1/w/{place.slug}/datasets/{made['id']}"
        status, found = place.stack.request("GET", path, token=place.token)
        assert (status, found["failure"]) == (200, ""), found
        return dict(found["versions"][0]) if found["state"] == "Ready" else None

    version = until(ready, 120, "the data set Ready", every=0.2)
    assert (version["train_rows"], version["validation_rows"]) == (300, 100)
    assert version["encodings"] == {"bought": ["no", "yes"]}
    bucket, _, key = str(version["train_s3_uri"]).removeprefix("s3://").partition("/")
    rows = place.s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines()
    assert len(rows) == 300
    assert set(rows) <= {row.replace("yes", "1").replace("no", "0") for row in ROWS}
