"""What the images' serving programs answer: the algorithms' formats, scripts and users' own images.

Models are trained and used on the region by transform jobs; formats are asked of a serving program itself.
"""

import http.client
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from apps.localregion.images import recordio
from tests.region.algorithms import protobuf
from tests.region.conftest import RegionProcess, free_port
from tests.region.trainer import BUCKET, ROLE, Trainer
from tests.region.transformer import Transformer

ROOT = Path(__file__).parents[2]
SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
START_SECONDS = 60.0
RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(20, 3)).astype(np.float32)
LIST = ROWS.tolist()
BODIES = {
    "text/csv": "\n".join(",".join(map(str, row)) for row in LIST).encode(),
    "application/json": json.dumps({"instances": [{"features": row} for row in LIST]}).encode(),
    "application/jsonlines": "\n".join(json.dumps({"data": {"features": {"values": row}}}) for row in LIST).encode(),
    "application/x-recordio-protobuf": protobuf(ROWS),
}
SPARSE = [{"data": {"features": {"keys": [0, 1, 2], "shape": [3], "values": row}}} for row in LIST]

Ask = Callable[..., tuple[int, bytes]]
Start = Callable[..., Ask]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts an image's serving program on a model; what it answers is asked by `ask(body, type, accept)`."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(module: str, files: dict[str, bytes], **environment: str) -> Ask:
        for name, content in files.items():
            path = tmp_path / "model" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        port = free_port()
        variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SAGEMAKER_BASE_DIR": str(tmp_path),
            "SAGEMAKER_BIND_TO_PORT": str(port),
            **environment,
        }
        command = [sys.executable, "-m", f"apps.localregion.images.{module}.serve"]
        process = subprocess.Popen(command, env=variables, cwd=tmp_path)
        started.append(process)
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            assert process.poll() is None, "the program ended"
            assert time.monotonic() < deadline, "the program does not answer"
            time.sleep(0.02)
        return lambda body, kind="", accept="", path="/invocations": _ask(port, path, body, kind, accept)

    yield begin
    for process in started:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        return _ask(port, "/ping", b"", "", "")[0] == 200
    except OSError:
        return False


def _ask(port: int, path: str, body: bytes, kind: str, accept: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    headers = {name: value for name, value in (("Content-Type", kind), ("Accept", accept)) if value}
    connection.request("POST" if body else "GET", path, body or None, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def arrays(**values: Any) -> dict[str, bytes]:
    """A model of SageMaker's own algorithms."""
    file = io.BytesIO()
    np.savez(file, **values)
    return {"model_algo-1": file.getvalue()}


def members(body: bytes) -> list[dict[str, list[float]]]:
    """The labels of recordIO-protobuf answers."""
    found = []
    while body:
        _, length = recordio.HEADER.unpack(body[:8])
        record = recordio.record_class().FromString(body[8 : 8 + length])
        found.append({each.key: [*each.value.float32_tensor.values] for each in record.label})
        body = body[8 + length + -length % 4 :]
    return found


def test_linear_learner_reads_each_format_and_answers_in_each(start: Start) -> None:
    weights, bias = RANDOM.normal(size=(3, 1)), np.array([0.1])
    ask = start(
        "linear_learner",
        arrays(weights=weights, bias=bias, threshold=0.2, predictor_type="binary_classifier", loss="logistic"),
    )
    raw = (ROWS @ weights + bias)[:, 0]
    for kind, body in (*BODIES.items(), ("application/json", json.dumps({"instances": SPARSE}).encode())):
        status, answer = ask(body, kind)
        assert status == 200, answer
        predictions = json.loads(answer)["predictions"]
        assert np.allclose([each["score"] for each in predictions], 1 / (1 + np.exp(-raw)))
        assert [each["predicted_label"] for each in predictions] == (raw >= 0.2).astype(int).tolist()
    lines = ask(BODIES["text/csv"], "text/csv", "application/jsonlines")[1].splitlines()
    assert [json.loads(line) for line in lines] == predictions
    records = members(ask(BODIES["text/csv"], "text/csv", "application/x-recordio-protobuf")[1])
    assert np.allclose([each["score"][0] for each in records], [each["score"] for each in predictions])
    assert ask(b"1,2", "text/csv") == (400, b"unable to evaluate payload provided: 2 features where the model has 3")
    assert ask(b"1,x,2", "text/csv")[0] == 400
    assert ask(b"1,2,3", "image/png")[0] == 415
    assert ask(b"1,2,3", "text/csv", "text/csv")[0] == 406
    assert json.loads(ask(b"", path="/execution-parameters")[1])["BatchStrategy"] == "MULTI_RECORD"


def test_linear_learner_tells_several_classes_and_numbers(start: Start) -> None:
    weights = RANDOM.normal(size=(3, 4))
    facts = {"bias": np.zeros(4), "threshold": 0.0, "predictor_type": "multiclass_classifier", "loss": "softmax_loss"}
    ask = start("linear_learner", arrays(weights=weights, **facts))
    predictions = json.loads(ask(BODIES["text/csv"], "text/csv")[1])["predictions"]
    assert [each["predicted_label"] for each in predictions] == (ROWS @ weights).argmax(axis=1).tolist()
    assert np.allclose([sum(each["score"]) for each in predictions], 1)


def test_kmeans_tells_the_nearest_centre(start: Start) -> None:
    centers = RANDOM.normal(size=(4, 3)).astype(np.float32)
    ask = start("kmeans", arrays(centroids=centers))
    distances = np.linalg.norm(ROWS[:, None] - centers, axis=2)
    lines = ask(BODIES["application/json"], "application/json", "text/csv")[1].decode().splitlines()
    assert [float(line.split(",")[0]) for line in lines] == distances.argmin(axis=1).tolist()
    assert np.allclose([float(line.split(",")[1]) for line in lines], distances.min(axis=1), atol=1e-5)
    first = json.loads(ask(BODIES["text/csv"], "text/csv", "application/jsonlines")[1].splitlines()[0])
    assert sorted(first) == ["closest_cluster", "distance_to_cluster"]


def test_pca_projects_rows(start: Start) -> None:
    vectors, mean = RANDOM.normal(size=(3, 2)).astype(np.float32), ROWS.mean(axis=0, keepdims=True)
    ask = start("pca", arrays(v=vectors, s=np.ones(2), mean=mean))
    projections = json.loads(ask(BODIES["text/csv"], "text/csv")[1])["projections"]
    assert np.allclose([each["projection"] for each in projections], (ROWS - mean) @ vectors, atol=1e-5)


def test_knn_tells_the_neighbours_when_asked(start: Start) -> None:
    labels = np.arange(20, dtype=np.float32) % 3
    ask = start("knn", arrays(features=ROWS, labels=labels, k=3, predictor_type="classifier", index_metric="L2"))
    plain = json.loads(ask(BODIES["text/csv"], "text/csv")[1])["predictions"]
    assert [*plain[0]] == ["predicted_label"]
    verbose = json.loads(ask(BODIES["text/csv"], "text/csv", "application/json; verbose=true")[1])["predictions"]
    assert [each["predicted_label"] for each in verbose] == [each["predicted_label"] for each in plain]
    assert [each["labels"][0] for each in verbose] == labels.tolist()
    assert np.allclose([each["distances"][0] for each in verbose], 0, atol=1e-5)


def test_xgboost_selects_what_of_a_prediction_is_answered(start: Start) -> None:
    labels = (ROWS[:, 0] > 0).astype(int)
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(ROWS, label=labels), 3)
    ask = start(
        "xgboost",
        {"xgboost-model": bytes(booster.save_raw())},
        SAGEMAKER_INFERENCE_OUTPUT="predicted_label,probability",
    )
    scores = booster.predict(xgboost.DMatrix(ROWS)).tolist()
    predictions = json.loads(ask(BODIES["text/csv"], "text/csv", "application/json")[1])["predictions"]
    assert predictions == [{"predicted_label": int(score > 0.5), "probability": score} for score in scores]
    lines = ask(BODIES["text/csv"], "text/csv", "text/csv")[1].decode().splitlines()
    assert lines == [f"{int(score > 0.5)},{score}" for score in scores]
    assert ask(b"0 0:1 7:2", "text/libsvm")[0] == 415


SCRIPT = """
import json, os
import numpy as np
def model_fn(folder):
    return json.load(open(os.path.join(folder, "weights.json")))
def predict_fn(data, model):
    if data[0][0] > 99:
        raise ValueError("too much")
    return np.asarray(data) @ model
"""


def test_a_script_serves_with_the_toolkits_defaults(start: Start) -> None:
    files = {"code/inference.py": SCRIPT.encode(), "weights.json": b"[1, 10, 100]"}
    ask = start("script_mode", files, SAGEMAKER_PROGRAM="inference.py")
    assert ask(b"[[1, 2, 3], [0, 0, 1]]", "application/json") == (200, b"[321, 100]")
    assert ask(b"1,2,3\n0,0,1", "text/csv", "text/csv") == (200, b"321.0\n100.0\n")
    status, answer = ask(b"[[1, 2, 3]]", "application/json", "application/x-npy")
    assert status == 200
    assert np.load(io.BytesIO(answer)).tolist() == [321]
    assert ask(b"100,2,3", "text/csv") == (500, b"too much")
    assert ask(b"1", "image/png") == (415, b"Content type image/png is not supported by this framework.")
    assert ask(b"1,2,3", "text/csv", "image/png")[0] == 406


OWN = """#!/usr/bin/env python
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(b"")
    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).upper())
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


def test_a_script_and_a_users_own_image_transform_one_after_the_other(region: RegionProcess) -> None:
    trainer = Trainer(region)
    transformer = Transformer(trainer)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in (("code/inference.py", SCRIPT), ("weights.json", "[1, 10, 100]")):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    transformer.put("script/model.tar.gz", packed.getvalue())
    transformer.put("images/upper/serve", OWN)
    transformer.put("texts/in.csv", "1,2,3\n0,0,1\n")
    script = {
        "Image": SKLEARN,
        "ModelDataUrl": f"s3://{BUCKET}/script/model.tar.gz",
        "Environment": {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
        },
    }
    own = {"Image": f"venv+s3://{BUCKET}/images/upper/"}
    trainer.sagemaker.create_model(ModelName="in-a-row", ExecutionRoleArn=ROLE, Containers=[script, own])
    outputs = transformer.transformed("in-a-row", "texts/")
    assert outputs == {"in.csv.out": "321.0\n100.0\n"}
