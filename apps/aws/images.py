"""Image URIs, as the SageMaker SDK gives them."""


def training_image(algorithm: str, region: str, version: str) -> str:
    """The ECR URI of a built-in algorithm's image in a region."""
    from sagemaker.core import image_uris  # 1.6 s to import: only the worker, and only when it submits

    uri: str = image_uris.retrieve(algorithm, region, version=version)
    return uri


def repository(image_uri: str) -> str:
    """The repository's name in an ECR URI, e.g. "sagemaker-xgboost"."""
    return image_uri.rsplit("/", 1)[-1].split("@")[0].split(":")[0]
