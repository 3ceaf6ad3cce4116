"""Amazon ECR: the images that this region has, as repositories. Nothing can be pulled or pushed: they are programs.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/
"""

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from apps.localregion import images
from apps.localregion.errors import AwsError
from apps.localregion.images import catalogue
from apps.localregion.region import Region
from apps.localregion.services.offsets import page

PAGE = 100
MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
# Tags by which SageMaker's own images are asked for; an image is listed with those that it has.
TAGS = (
    *("latest", "1"),
    *(f"{version}-{build}" for version in ("1.0", "1.2", "1.3", "1.5", "1.7", "3.0") for build in (1, 2, 3, 4, 5)),
    *("0.90-1-cpu-py3", "0.90-2-cpu-py3", "1.0-1-cpu-py3", "0.20.0-cpu-py3", "0.23-1-cpu-py3", "1.2-1-cpu-py3"),
)

Body = dict[str, Any]


def describe_repositories(region: Region, request: Body) -> Body:
    """A page of the repositories, by name."""
    known, named = catalogue.repositories(), request.get("repositoryNames", [])
    for name in named:
        _image(region, name, request)
    names, more = _page(sorted(named or known), request)
    found = [
        {
            "repositoryArn": f"arn:aws:ecr:{region.name}:{_registry(region, request)}:repository/{name}",
            "registryId": _registry(region, request),
            "repositoryName": name,
            "repositoryUri": f"{_registry(region, request)}.dkr.ecr.{region.name}.amazonaws.com/{name}",
            "createdAt": _facts(_image(region, name, request).name)[2],
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": False},
            "encryptionConfiguration": {"encryptionType": "AES256"},
        }
        for name in names
    ]
    return {"repositories": found, **more}


def describe_images(region: Region, request: Body) -> Body:
    """The one image of a repository, when it is among those that are asked for."""
    name = request["repositoryName"]
    image = _image(region, name, request)
    digest, size, changed = _facts(image.name)
    asked = request.get("imageIds", [])
    for identity in asked:
        _check(region, image, digest, identity, request)
    if not _wanted(request):
        return {"imageDetails": []}
    tags = {*_tags(image), *(identity["imageTag"] for identity in asked if "imageTag" in identity)}
    details = {
        "registryId": _registry(region, request),
        "repositoryName": name,
        "imageDigest": digest,
        "imageTags": sorted(tags),
        "imageSizeInBytes": size,
        "imagePushedAt": changed,
        "imageManifestMediaType": MEDIA_TYPE,
        "imageStatus": "ACTIVE",
    }
    return {"imageDetails": [details]}


def list_images(region: Region, request: Body) -> Body:
    """The tags of a repository's image."""
    image = _image(region, request["repositoryName"], request)
    digest = _facts(image.name)[0]
    found = [{"imageDigest": digest, "imageTag": tag} for tag in _tags(image)] if _wanted(request) else []
    identities, more = _page(found, request)
    return {"imageIds": identities, **more}


def get_authorization_token(region: Region, request: Body) -> Body:
    """Refused: there is no registry to sign in to."""
    message = "The local region has no registry to pull from or push to: its images are programs that it runs."
    raise AwsError("InvalidParameterException", message)


def _image(region: Region, name: str, request: Body) -> catalogue.Image:
    if name not in catalogue.repositories():
        raise AwsError(
            "RepositoryNotFoundException",
            f"The repository with name '{name}' does not exist in the registry with id '{_registry(region, request)}'",
        )
    return catalogue.find_named(name)


def _registry(region: Region, request: Body) -> str:
    return str(request.get("registryId", region.account))


def _tags(image: catalogue.Image) -> list[str]:
    return [tag for tag in TAGS if image.tags.fullmatch(tag)]


def _check(region: Region, image: catalogue.Image, digest: str, identity: Body, request: Body) -> None:
    """Raise AwsError unless the image has this digest and this tag."""
    if identity.get("imageDigest", digest) == digest and image.tags.fullmatch(identity.get("imageTag", "latest")):
        return
    shown = ", ".join(f"{member}:'{identity.get(member, 'null')}'" for member in ("imageDigest", "imageTag"))
    raise AwsError(
        "ImageNotFoundException",
        f"The image with imageId {{{shown}}} does not exist within the repository with name "
        f"'{request['repositoryName']}' in the registry with id '{_registry(region, request)}'",
    )


def _wanted(request: Body) -> bool:
    """Whether the filter lets a tagged, active image through."""
    given = request.get("filter", {})
    return given.get("tagStatus") != "UNTAGGED" and given.get("imageStatus", "ACTIVE") in ("ACTIVE", "ANY")


def _page(items: list[Any], request: Body) -> tuple[list[Any], Body]:
    try:
        found, token = page(items, request.get("nextToken"), request.get("maxResults", PAGE))
    except ValueError as error:
        raise AwsError("InvalidParameterException", "Invalid parameter at 'nextToken'") from error
    return found, {"nextToken": token} if token else {}


@cache
def _facts(name: str) -> tuple[str, int, datetime]:
    """An image's digest, its size and when it was last changed: of the files of its folder."""
    files = sorted(path for path in (Path(images.__file__).parent / name).rglob("*") if path.suffix != ".pyc")
    contents = [path.read_bytes() for path in files if path.is_file()]
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()
    newest = max(path.stat().st_mtime for path in files)
    return f"sha256:{digest}", sum(len(content) for content in contents), datetime.fromtimestamp(int(newest), UTC)
