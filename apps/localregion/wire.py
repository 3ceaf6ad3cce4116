"""AWS's protocols over botocore's service models: from a request to an operation's input, from its result to an answer.

moto's parsers and serialisers do json, query and rest-xml; `cbor.py` the one that they lack.
"""

import base64
import functools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from botocore.loaders import create_loader
from botocore.utils import parse_timestamp
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, JSONParser
from moto.core.routing import RestRouter
from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from apps.localregion import cbor
from apps.localregion.answer import Answer, FileRange, request_id_header
from apps.localregion.errors import AwsError
from apps.localregion.request import Request
from apps.localregion.validation import check_types, malformed, violations

# What a service calls an input that its model forbids, where that is not its protocol's usual name.
VALIDATION_CODES = {"ecr": "InvalidParameterException", "logs": "InvalidParameterException", "s3": "InvalidArgument"}
USUAL_VALIDATION_CODES = {"json": "ValidationException"}
# S3's own words for members of which its model forbids a value; those in a body are a matter of its XML.
S3_VALIDATION = {
    "storageClass": ("InvalidStorageClass", "The storage class you specified is not valid"),
    "createBucketConfiguration.locationConstraint": (
        "InvalidLocationConstraint",
        "The specified location-constraint is not valid",
    ),
}
MALFORMED_XML = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)

_loading = threading.Lock()


@dataclass(frozen=True)
class Call:
    """An operation that a request asks for, and how."""

    service: str
    protocol: str
    operation: OperationModel
    labels: dict[str, Any]

    @property
    def streams_in(self) -> bool:
        """Whether the body is an object's bytes rather than a message."""
        return bool(self.operation.has_streaming_input)


def model(service: str) -> ServiceModel:
    """botocore's model of the service, loaded at its first request."""
    with _loading:
        return _model(service)


def protocol(service: str, guessed: str) -> str:
    """The protocol of a request to the service: what it looks like, if the service speaks that."""
    spoken = model(service).metadata.get("protocols", ())
    return guessed if guessed in spoken else str(model(service).metadata["protocol"])


def find_call(service: str, protocol: str, request: Request, body: bytes) -> Call:
    """The operation that is asked for; raises AwsError when the service has none of this name."""
    if protocol == "rest-xml":
        return _find_rest(service, request)
    if protocol == "json":
        name = request.headers.get("x-amz-target", "").rpartition(".")[2]
    elif protocol == "query":
        name = _form(request, body).get("Action", "")
    else:
        name = request.path.rpartition("/")[2]
    if name not in model(service).operation_names:
        raise unknown_operation(protocol, name)
    return Call(service, protocol, model(service).operation_model(name), {})


def unknown_operation(protocol: str, name: str) -> AwsError:
    """The answer to an operation that the region does not have."""
    if protocol == "query":
        return AwsError("InvalidAction", f"Could not find operation {name}", 400)
    if protocol == "rest-xml":
        message = f"{name}: a header or query you provided implies functionality that is not implemented."
        return AwsError("NotImplemented", message, 501)
    return AwsError("UnknownOperationException", f"The operation {name!r} is not known", 404)


class _Headers(dict[str, str]):
    """A request's headers, the first of each name.

    The parsers look for every one of a model, most of which are not there: werkzeug's would be searched each time.
    """

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())


def parse(call: Call, request: Request, body: Any) -> dict[str, Any]:
    """The operation's input, of the model's types and within its constraints; raises AwsError."""
    parser = PARSERS[call.protocol](call.operation, _aware, _blob)
    values = _form(request, body) if call.protocol == "query" else request.args
    headers = _Headers((name.lower(), value) for name, value in reversed([*request.headers]))
    parts = {"body": body, "headers": headers, "url_params": call.labels, "values": values}
    try:
        parsed: dict[str, Any] = parser.parse({**parts, "method": request.method, "url_path": request.path})
    except AwsError:
        raise
    except Exception as error:  # the parsers trust their input: whatever they raise, the request is malformed
        if call.protocol == "rest-xml" and body:
            raise AwsError("MalformedXML", "The XML you provided was not well-formed") from error
        if call.protocol == "rest-xml":
            raise AwsError("InvalidArgument", "A header or a query parameter is not of its type") from error
        raise malformed(f"The request could not be read: {type(error).__name__}") from error
    _validate(call, parsed)
    return parsed


def serialise(call: Call, result: dict[str, Any], request_id: str) -> Answer:
    """The answer to a successful operation."""
    headers = request_id_header(call.protocol, request_id)
    shape = call.operation.output_shape
    if call.protocol == "smithy-rpc-v2-cbor":
        headers |= {"smithy-protocol": "rpc-v2-cbor", "Content-Type": cbor.CONTENT_TYPE}
        return Answer(200, headers, cbor.dump(result, shape) if shape else b"")
    serializer = get_serializer_class(call.service, call.protocol)(call.operation, SerializationContext(request_id))
    streamed = shape.serialization["payload"] if shape and call.operation.has_streaming_output else ""
    made = serializer.serialize({name: value for name, value in result.items() if name != streamed})
    headers |= dict(made["headers"])
    if call.protocol == "json":
        headers["Content-Type"] = f"application/x-amz-json-{call.operation.metadata.get('jsonVersion', '1.1')}"
    body: str | bytes | FileRange = made["body"]
    if streamed:
        body = result[streamed]
        headers["Content-Type"] = result["ContentType"]
    status = 206 if "ContentRange" in result else made["status_code"]
    return Answer(status, headers, body.encode() if isinstance(body, str) else body)


class _CheckedJSONParser(JSONParser):
    """moto's parser, given only what has the model's types."""

    decode: Callable[[bytes], Any] = staticmethod(json.loads)

    def _parse_body_as_json(self, body: bytes) -> Any:
        raw = self.decode(body) if body else {}
        check_types(self.operation_model.input_shape, {} if raw is None else raw)
        return {} if raw is None else raw


class _CborParser(_CheckedJSONParser):
    """The same for CBOR, whose values are those of JSON, bytes and times."""

    decode = staticmethod(cbor.load)


PARSERS: dict[str, Any] = {**PROTOCOL_PARSERS, "json": _CheckedJSONParser, "smithy-rpc-v2-cbor": _CborParser}


@functools.cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(create_loader().load_service_model(service, "service-2"), service)


@functools.cache
def _router(service: str) -> Any:  # moto's RestRouter, which needs no more of a request than ours has
    return RestRouter(model(service))


def _find_rest(service: str, request: Request) -> Call:
    try:
        operation, labels = _router(service).match(request)
    except NotFound as error:
        message = "The specified method is not allowed against this resource."
        raise AwsError("MethodNotAllowed", message, 405) from error
    return Call(service, "rest-xml", operation, labels)


def _form(request: Request, body: bytes) -> MultiDict[str, str]:
    """The parameters of the query protocol: in the body, or in the URL of a GET."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise malformed("The body is not a form in UTF-8") from error
    return MultiDict([*request.args.items(multi=True), *pairs])


def _validate(call: Call, parsed: dict[str, Any]) -> None:
    shape = call.operation.input_shape
    found = [*violations(shape, parsed)] if shape else []
    if found and call.service == "s3" and (found[0][0] in S3_VALIDATION or "." in found[0][0]):
        raise AwsError(*S3_VALIDATION.get(found[0][0], MALFORMED_XML))
    if found:
        code = VALIDATION_CODES.get(call.service) or USUAL_VALIDATION_CODES.get(call.protocol, "ValidationError")
        noun = "error" if len(found) == 1 else "errors"
        raise AwsError(code, f"{len(found)} validation {noun} detected: {'; '.join(text for _, text in found)}")


def _aware(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else parse_timestamp(value)
    return moment.astimezone(UTC)


def _blob(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else base64.b64decode(value, validate=True)
