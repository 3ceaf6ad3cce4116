"""Input checked against botocore's service model, refused in the words that AWS uses.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html
"""

import functools
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from apps.localregion.errors import AwsError

# What JSON (or CBOR, which has bytes and times) may hold for each type of the model.
RAW_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int, float),
    "long": (int, float),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str, datetime),
    "blob": (str, bytes),
}
BITS = {"integer": 31, "long": 63}
SPECIAL_NUMBERS = ("NaN", "Infinity", "-Infinity")
LARGEST_DEPTH = 64

# Java's character classes that Python's `re` lacks, as the nearest that it has: they accept a little more.
JAVA_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s", r"\p{Alnum}": "a-zA-Z0-9", r"[\w-_]": r"[\w\-_]"}


def check_types(shape: Any, raw: Any, depth: int = 0) -> None:
    """Raise AwsError SerializationException unless a decoded body has the types of the model."""
    kind = shape.type_name
    if kind in ("float", "double") and raw in SPECIAL_NUMBERS:
        return
    if isinstance(raw, str) and not _encodable(raw):
        raise malformed("A text has characters that UTF-8 cannot hold")
    wrong_bool = isinstance(raw, bool) and kind != "boolean"
    if wrong_bool or not isinstance(raw, RAW_TYPES[kind]) or depth > LARGEST_DEPTH:
        raise malformed(f"{type(raw).__name__} can not be converted to {kind} {shape.name}")
    if kind in BITS and not _whole(raw, BITS[kind]):
        raise malformed(f"{raw} can not be converted to {kind} {shape.name}")
    for member, value in _children(shape, raw):
        check_types(member, value, depth + 1)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _whole(raw: Any, bits: int) -> bool:
    return float(raw).is_integer() and -(1 << bits) <= raw < 1 << bits


def malformed(message: str) -> AwsError:
    """The answer to a body that cannot be read."""
    return AwsError("SerializationException", message)


def _children(shape: Any, raw: Any) -> Iterator[tuple[Any, Any]]:
    if shape.type_name == "structure" and not shape.is_document_type:
        for name, member in shape.members.items():
            value = raw.get(member.serialization.get("name", name))
            if value is not None:
                yield member, value
    elif shape.type_name == "list":
        yield from ((shape.member, value) for value in raw)
    elif shape.type_name == "map":
        for key, value in raw.items():
            yield shape.key, key
            yield shape.value, value


def violations(shape: Any, value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The member's path and a sentence for each constraint of the model that a parsed input breaks."""
    check = CHECKS.get(shape.type_name)
    for constraint in check(shape.metadata, value) if check else ():
        yield path, f"Value '{_shown(value)}' at '{path}' failed to satisfy constraint: {constraint}"
    if shape.type_name == "structure" and not shape.is_document_type:
        yield from _members(shape, value, path)
    elif shape.type_name == "list":
        for index, item in enumerate(value, 1):
            yield from violations(shape.member, item, f"{path}.{index}.member")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from violations(shape.key, key, f"{path}.key")
            yield from violations(shape.value, item, f"{path}.{key}.value")


def _members(shape: Any, value: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name, member in shape.members.items():
        at = f"{path}.{_lowered(name)}" if path else _lowered(name)
        if value.get(name) is not None:
            yield from violations(member, value[name], at)
        elif name in shape.required_members:
            yield at, f"Value null at '{at}' failed to satisfy constraint: Member must not be null"


def _string(metadata: dict[str, Any], value: str) -> Iterator[str]:
    broken = [*_length(metadata, value)]
    yield from broken
    if "enum" in metadata and value not in metadata["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(metadata['enum'])}]"
    pattern = metadata.get("pattern")
    if pattern and not broken and not _compiled(pattern).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {pattern}"


def _length(metadata: dict[str, Any], value: Any) -> Iterator[str]:
    if "min" in metadata and len(value) < metadata["min"]:
        yield f"Member must have length greater than or equal to {metadata['min']}"
    if "max" in metadata and len(value) > metadata["max"]:
        yield f"Member must have length less than or equal to {metadata['max']}"


def _range(metadata: dict[str, Any], value: float) -> Iterator[str]:
    if "min" in metadata and value < metadata["min"]:
        yield f"Member must have value greater than or equal to {metadata['min']}"
    if "max" in metadata and value > metadata["max"]:
        yield f"Member must have value less than or equal to {metadata['max']}"


CHECKS: dict[str, Callable[[dict[str, Any], Any], Iterator[str]]] = {
    "string": _string,
    "list": _length,
    "map": _length,
    "blob": _length,
    "integer": _range,
    "long": _range,
    "float": _range,
    "double": _range,
}


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The model's pattern; one that Python cannot read accepts every text."""
    for java, python in JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error:
        return re.compile(".*", re.DOTALL)


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_shown(item) for item in value)}]"
    return str(value)
