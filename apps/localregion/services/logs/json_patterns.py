"""Filter patterns over JSON messages: `{ $.level = "ERROR" && ($.latency > 100 || $.user NOT EXISTS) }`."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from apps.localregion.services.logs.literals import condition
from apps.localregion.services.logs.refused import BadPattern

_TOKEN = re.compile(
    r"""\s*(?:(?P<paren>[()])|(?P<logic>&&|\|\|)|(?P<sign>!=|>=|<=|=|>|<)
    |(?P<selector>\$(?:\.[\w-]+|\.\*|\.?\[(?:\d{1,9}|\*|'[^']*')\])+)
    |(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<regex>%[^%]*%)|(?P<word>[^\s()=!<>&|"]+))""",
    re.VERBOSE,
)
_STEP = re.compile(r"\.(?P<name>[\w-]+)|\.?\[(?P<index>\d+)\]|\.?\['(?P<quoted>[^']*)'\]|(?P<every>\.\*|\.?\[\*\])")
_WORDS = {"NULL": None, "TRUE": True, "FALSE": False}
DEEPEST = 30  # parentheses

Test = Callable[[Any], bool]
Token = tuple[str, str]


def compile_pattern(text: str) -> Callable[[str], bool]:
    """The pattern as a function of a message; raises BadPattern."""
    if not text.endswith("}"):
        raise BadPattern("a JSON pattern ends with }")
    tokens = [*_tokens(text[1:-1].rstrip())]
    test, rest = _either(tokens, 0)
    if rest:
        raise BadPattern(f"{rest[0][1]} is not expected")

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict | list) and test(document)

    return matches


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise BadPattern(f"{text[position : position + 20]} cannot be read")
        yield match.lastgroup, match[match.lastgroup]
        position = match.end()


def _either(tokens: list[Token], depth: int) -> tuple[Test, list[Token]]:
    test, rest = _both(tokens, depth)
    tests = [test]
    while rest and rest[0] == ("logic", "||"):
        test, rest = _both(rest[1:], depth)
        tests.append(test)
    return lambda document: any(each(document) for each in tests), rest


def _both(tokens: list[Token], depth: int) -> tuple[Test, list[Token]]:
    test, rest = _one(tokens, depth)
    tests = [test]
    while rest and rest[0] == ("logic", "&&"):
        test, rest = _one(rest[1:], depth)
        tests.append(test)
    return lambda document: all(each(document) for each in tests), rest


def _one(tokens: list[Token], depth: int) -> tuple[Test, list[Token]]:
    if tokens and tokens[0] == ("paren", "(") and depth < DEEPEST:
        test, rest = _either(tokens[1:], depth + 1)
        if not rest or rest[0] != ("paren", ")"):
            raise BadPattern("a closing parenthesis is missing")
        return test, rest[1:]
    if len(tokens) < 3 or tokens[0][0] != "selector":
        raise BadPattern("a comparison is like $.name = value")
    return _comparison(tokens[0][1], tokens[1], tokens[2]), tokens[3:]


def _comparison(selector: str, operator: Token, literal: Token) -> Test:
    steps = [*_STEP.finditer(selector)]
    if operator == ("word", "IS") and literal[1] in _WORDS:
        wanted = _WORDS[literal[1]]
        return lambda document: any(value is wanted for value in _select(document, steps))
    if operator == ("word", "NOT") and literal == ("word", "EXISTS"):
        return lambda document: not any(True for _ in _select(document, steps))
    if operator[0] != "sign" or literal[0] not in ("quoted", "word", "regex"):
        raise BadPattern(f"{selector} {operator[1]} {literal[1]} is no comparison")
    holds = condition(operator[1], literal[1])
    return lambda document: any(
        holds(value)
        for value in _select(document, steps)
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    )


def _select(value: Any, steps: list[re.Match[str]]) -> Iterator[Any]:
    """The values that the steps lead to; a `*` leads to every element or field."""
    if not steps:
        yield value
        return
    step, *rest = steps
    name = step["name"] if step["quoted"] is None else step["quoted"]
    if step["every"]:
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from _select(each, rest)
    elif step["index"] is not None:
        if isinstance(value, list) and int(step["index"]) < len(value):
            yield from _select(value[int(step["index"])], rest)
    elif isinstance(value, dict) and name in value:
        yield from _select(value[name], rest)
