"""Serves a model by a user's script, as SageMaker's framework images do.

The script may define model_fn, input_fn, predict_fn and output_fn; defaults are those of
github.com/aws/sagemaker-inference-toolkit and sagemaker-scikit-learn-container.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from apps.localregion.images.failures import UserError
from apps.localregion.images.script_mode import source
from apps.localregion.images.serving import Answer, Refused, Served, media_type, serve

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
PROGRAM, SUBMIT = "SAGEMAKER_PROGRAM", "SAGEMAKER_SUBMIT_DIRECTORY"
DEFAULT_PROGRAM = "inference.py"
NO_MODEL_FN = (
    "Please provide a model_fn implementation.\nSee documentation for model_fn at "
    "https://github.com/aws/sagemaker-python-sdk"
)


def load(folder: Path) -> Served:
    """The script's model; raises UserError, RuntimeError, and what the script raises."""
    script = _import(folder)
    if not hasattr(script, "model_fn"):
        raise RuntimeError(NO_MODEL_FN)
    model = script.model_fn(str(folder))
    whole: Callable[[Any, Any, str, str], Any] | None = getattr(script, "transform_fn", None)
    take = getattr(script, "input_fn", default_input)
    predict = getattr(script, "predict_fn", default_predict)
    give = getattr(script, "output_fn", default_output)

    def invoke(body: bytes, content_type: str, accept: str) -> Answer:
        kind = content_type or JSON
        wanted = accept or os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", JSON)
        payload = body.decode() if _is_text(kind) else body
        if whole is not None:
            return _answer(whole(model, payload, kind, wanted), wanted)
        return _answer(give(predict(take(payload, kind), model), wanted), wanted)

    # A script need not be safe to call from several threads at once.
    return Served(invoke, threads=1)


def default_input(body: Any, content_type: str) -> Any:
    """The request as an array."""
    readers: dict[str, Callable[[Any], Any]] = {
        JSON: lambda text: np.array(json.loads(text)),
        CSV: lambda text: np.genfromtxt(StringIO(text), dtype=np.float32, delimiter=","),
        NPY: lambda data: np.load(BytesIO(data), allow_pickle=False),
    }
    kind = media_type(content_type)
    if kind not in readers:
        raise Refused(415, f"Content type {content_type} is not supported by this framework.")
    array = readers[kind](body)
    return array.reshape(1, -1) if array.ndim == 1 else array


def default_predict(data: Any, model: Any) -> Any:
    """What the model itself says."""
    return model.predict(data)


def default_output(prediction: Any, accept: str) -> Any:
    """The prediction in an accepted type."""
    kind = media_type(accept)
    array = np.asarray(prediction)
    if kind == JSON:
        return json.dumps(array.tolist()), JSON
    if kind == CSV:
        text = StringIO()
        np.savetxt(text, array, delimiter=",", fmt="%s")
        return text.getvalue(), CSV
    if kind == NPY:
        data = BytesIO()
        np.save(data, array)
        return data.getvalue(), NPY
    raise Refused(406, f"Accept type {accept} is not supported by this framework.")


def _import(folder: Path) -> ModuleType:
    """The module that the container names, from the model's own code folder or a source archive."""
    base = folder.parent
    given, program = os.environ.get(SUBMIT, ""), os.environ.get(PROGRAM, DEFAULT_PROGRAM)
    code = source.lay_out(base, given) if given else folder / "code"
    if not (code / program).is_file():
        names = ", ".join(sorted(path.name for path in code.glob("*"))) or "nothing"
        raise UserError(f"The code has no {program}. It has: {names}. Set {PROGRAM} and {SUBMIT}.")
    packages = base / "code-packages"
    source.install_requirements(code, packages)
    sys.path[:0] = [str(code), str(packages)]
    return importlib.import_module(program.removesuffix(".py").replace("/", "."))


def _is_text(content_type: str) -> bool:
    kind = media_type(content_type)
    return kind.startswith("text/") or "json" in kind


def _answer(given: Any, accept: str) -> Answer:
    """What output_fn answered: a body, or a body and its type."""
    body, kind = given if isinstance(given, tuple) else (given, accept)
    return (body.encode() if isinstance(body, str) else bytes(body)), kind


if __name__ == "__main__":
    sys.exit(serve(load))
