"""Smithy's RPC v2 CBOR, server side: botocore has both halves for a client, and the protocol is symmetrical.

https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

from typing import Any

from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer

CONTENT_TYPE = "application/cbor"


def load(body: bytes) -> Any:
    """The value that the bytes hold; raises botocore's ResponseParserError, ValueError or RecursionError."""
    parser = RpcV2CBORParser()
    return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) if body else {}


def dump(value: dict[str, Any], shape: Any) -> bytes:
    """A structure of the model as bytes."""
    serializer: Any = RpcV2CBORSerializer()
    return bytes(serializer._serialize_body_params(value, shape))


def dump_texts(value: dict[str, str]) -> bytes:
    """A map of texts as bytes: an error answer, which the model does not describe."""
    serializer: Any = RpcV2CBORSerializer()
    written = bytearray([0xA0 | len(value)])  # a map of fewer than 24 pairs
    for text in (text for pair in value.items() for text in pair):
        serializer._serialize_type_string(written, text, None, None)
    return bytes(written)
