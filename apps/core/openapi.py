"""The API's OpenAPI document as a page shows it: calls by group, their inputs, answers and examples."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

Schema = dict[str, Any]
# Where groups begin: /api/v1/w/{slug}/GROUP/...
GROUP = re.compile(r"/w/\{slug\}/([^/]+)")
EXAMPLES = {"string": "text", "integer": 1, "number": 0.5, "boolean": True, "array": [], "object": {}}
MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Field:
    """One input or one member of an answer; `place` is where an input travels: path, query, body or form."""

    name: str
    type: str
    place: str
    required: bool
    default: str
    says: str


@dataclass(frozen=True)
class Call:
    """One call of the API."""

    anchor: str
    group: str
    method: str
    path: str
    summary: str
    says: str
    inputs: list[Field]
    answers: list[tuple[str, list[Field]]]
    curl: str

    @property
    def explained(self) -> bool:
        """Whether an input has more to say than its name and type."""
        return any(field.says for field in self.inputs)


def groups(document: Schema, base_url: str) -> list[tuple[str, list[Call]]]:
    """The document's calls by what they are about; `base_url` is where examples reach the console."""
    calls = sorted(_calls(document, base_url), key=lambda call: call.group)
    return [(group, list(members)) for group, members in groupby(calls, key=lambda call: call.group)]


def _calls(document: Schema, base_url: str) -> Iterator[Call]:
    for path, methods in document["paths"].items():
        found = GROUP.search(path)
        for method, call in methods.items():
            media, body = _body(document, call)
            inputs = [_parameter(document, each) for each in call.get("parameters", [])]
            inputs += _members(document, body, "form" if media == MULTIPART else "body")
            yield Call(
                anchor=call["operationId"],
                group=found[1] if found else "console",
                method=method.upper(),
                path=path,
                summary=call.get("summary", ""),
                says=call.get("description", ""),
                inputs=inputs,
                answers=[(status, _answer(document, each)) for status, each in call["responses"].items()],
                curl=_curl(document, method.upper(), base_url + path, media, body),
            )


def _body(document: Schema, call: Schema) -> tuple[str, Schema]:
    for media, content in call.get("requestBody", {}).get("content", {}).items():
        return media, _resolved(document, content["schema"])
    return "", {}


def _resolved(document: Schema, schema: Schema) -> Schema:
    """The schema itself where another is only named, or where it is one of "this or null"."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        found: Schema = document["components"]["schemas"][name]
        return _resolved(document, found)
    for several in ("anyOf", "allOf"):
        real = [each for each in schema.get(several, []) if each.get("type") != "null"]
        if len(real) == 1:
            return _resolved(document, real[0]) | {key: schema[key] for key in ("description",) if key in schema}
    return schema


def _type(document: Schema, schema: Schema) -> str:
    """A type in words: "string", "array of Job", "integer or null"."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(document, each) for each in schema["anyOf"]))
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"array of {_type(document, schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(document, schema['additionalProperties'])}"
    return str(schema.get("format") or schema.get("type") or "any")


def _parameter(document: Schema, given: Schema) -> Field:
    schema = given.get("schema", {})
    says = given.get("description") or schema.get("description") or ""
    return Field(
        given["name"], _type(document, schema), given["in"], given.get("required", False), _default(schema), says
    )


def _default(schema: Schema) -> str:
    default = schema.get("default")
    return "" if default in (None, "", {}, []) else json.dumps(default).strip('"')


def _members(document: Schema, schema: Schema, place: str) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(name, _type(document, each), place, name in required, _default(each), each.get("description", ""))
        for name, each in schema.get("properties", {}).items()
    ]


def _answer(document: Schema, answer: Schema) -> list[Field]:
    for content in answer.get("content", {}).values():
        return _members(document, _resolved(document, content.get("schema", {})), "")
    return []


def _example(document: Schema, schema: Schema) -> Any:
    real = _resolved(document, schema)
    if "enum" in real:
        return real["enum"][0]
    if real.get("properties"):
        wanted = real.get("required") or list(real["properties"])[:1]
        return {name: _example(document, real["properties"][name]) for name in wanted}
    if isinstance(real.get("additionalProperties"), dict):
        return {"name": _example(document, real["additionalProperties"])}
    return real.get("default", EXAMPLES.get(real.get("type", ""), "text"))


def _curl(document: Schema, method: str, url: str, media: str, body: Schema) -> str:
    """The call on a command line, with what is required."""
    lines = ['curl -H "Authorization: Bearer $TOKEN"']
    if method not in ("GET", "POST") or (method == "POST" and not body):
        lines[0] += f" -X {method}"
    if media == MULTIPART:
        for name in body.get("required", []):
            kind = body["properties"][name].get("format") == "binary"
            lines.append(f"-F {name}={'@table.csv' if kind else name}")
    elif body:
        lines.append('-H "Content-Type: application/json"')
        lines.append(f"-d '{json.dumps(_example(document, body))}'")
    address = url.replace("{slug}", "local")
    lines.append(f"'{address}'" if re.search(r"[{}]", address) else address)
    return " \\\n  ".join(lines)
