"""What a tag may be. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html"""

import re
from collections.abc import Mapping

# SageMaker takes 50 tags a resource; two are the console's own.
MAX_TAGS = 48
MAX_KEY, MAX_VALUE = 128, 256
TEXT = re.compile(r"[\w\s.:/=+@-]*", re.ASCII)
# Kept by AWS, and by the console for what it must find again.
RESERVED = ("aws:", "mlconsole:")


def tag_errors(tags: Mapping[str, str]) -> list[str]:
    """What is wrong with these tags, a sentence each; nothing when SageMaker would take them."""
    wrong = [text for key, value in tags.items() if (text := _wrong(key, value))]
    return wrong + ([f"A job has {MAX_TAGS} tags at most, not {len(tags)}."] if len(tags) > MAX_TAGS else [])


def _wrong(key: str, value: str) -> str:
    if not key.strip():
        return "A tag needs a name before its value."
    if key.lower().startswith(RESERVED):
        return f"{key} begins with {key.split(':', 1)[0]}:, which is reserved; choose another name."
    if len(key) > MAX_KEY or len(value) > MAX_VALUE:
        return f"{key[:MAX_KEY]} is too long: a tag's name has {MAX_KEY} characters at most, its value {MAX_VALUE}."
    if not TEXT.fullmatch(key) or not TEXT.fullmatch(value):
        return f"{key}: a tag is of letters, digits, spaces and . : / = + - _ @ only."
    return ""
