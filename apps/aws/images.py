"""Image URIs, as the SageMaker SDK gives them."""

from apps.aws.models import Workspace


def training_image(workspace: Workspace, algorithm: str, version: str) -> str:
    """A built-in algorithm's ECR image URI in the workspace's region, asked of the SDK once and kept on the row."""
    key = f"{algorithm}:{version}"
    if key not in workspace.image_uris:
        from sagemaker.core import image_uris  # 3 s and 130 MB to import (measured), hence late and seldom

        workspace.image_uris[key] = image_uris.retrieve(algorithm, workspace.region, version=version)
        Workspace.objects.filter(pk=workspace.pk).update(image_uris=workspace.image_uris)
    uri: str = workspace.image_uris[key]
    return uri


def repository(image_uri: str) -> str:
    """The repository's name in an ECR URI, e.g. "sagemaker-xgboost"."""
    return image_uri.rsplit("/", 1)[-1].split("@")[0].split(":")[0]
