"""The services of the region: one module each, one function an operation, named as botocore's `xform_name` does."""

import importlib
from types import ModuleType

# The name in a signature's credential scope (botocore's signingName or endpointPrefix): the service's botocore name.
SIGNING_NAMES = {
    "cloudtrail": "cloudtrail",
    "ecr": "ecr",
    "iam": "iam",
    "kms": "kms",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "pricing": "pricing",
    "s3": "s3",
    "sagemaker": "sagemaker",
    "servicequotas": "service-quotas",
    "sts": "sts",
}


def module(service: str) -> ModuleType:
    """The service's module, imported at its first request: a region that only stores need not load the rest."""
    return importlib.import_module(f"apps.localregion.services.{service.replace('-', '_')}")
