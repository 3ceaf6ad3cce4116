"""s3://bucket/key addresses."""


def split(uri: str) -> tuple[str, str]:
    """The bucket and the key or prefix of an s3:// address; raises ValueError."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise ValueError(f"{uri} is not an s3:// address")
    return bucket, key


def join(uri: str, *parts: str) -> str:
    """The address of something under `uri`."""
    return "/".join([uri.rstrip("/"), *parts])
