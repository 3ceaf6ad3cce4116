"""The order of S3 keys: that of their UTF-8 bytes, which is also that of their code points."""

LAST = "\U0010ffff"


def successor(prefix: str) -> str | None:
    """The smallest text behind everything that starts with `prefix`; None when nothing is."""
    stem = prefix.rstrip(LAST)
    if not stem:
        return None
    following = ord(stem[-1]) + 1
    # U+D800 to U+DFFF are no characters: UTF-8 has no bytes for them.
    return stem[:-1] + chr(0xE000 if following == 0xD800 else following)


def behind(key: str) -> str:
    """The smallest text behind `key`."""
    return key + "\0"
