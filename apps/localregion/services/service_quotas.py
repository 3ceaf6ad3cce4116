"""Service Quotas: how many training instances of a type may run, which here is what the machine has.

https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/
"""

import hashlib
import os
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.instances import instances
from apps.localregion.services.offsets import page

SERVICE, SERVICE_NAME = "sagemaker", "Amazon SageMaker"
PAGE = 100

Body = dict[str, Any]


def list_services(region: Region, request: Body) -> Body:
    """The services whose quotas are known here."""
    found, more = _page([{"ServiceCode": SERVICE, "ServiceName": SERVICE_NAME}], request)
    return {"Services": found, **more}


def list_service_quotas(region: Region, request: Body) -> Body:
    """A page of the quotas as they apply."""
    _check(request)
    wanted = request.get("QuotaCode")
    if request.get("QuotaAppliedAtLevel") == "RESOURCE":
        return {"Quotas": []}
    kept = [quota for quota in _quotas(region) if quota["QuotaCode"] == (wanted or quota["QuotaCode"])]
    found, more = _page(kept, request)
    return {"Quotas": found, **more}


def get_service_quota(region: Region, request: Body) -> Body:
    """One quota as it applies."""
    return {"Quota": _quota(region, request)}


def list_aws_default_service_quotas(region: Region, request: Body) -> Body:
    """A page of the quotas as they are at first, which here is as they stay."""
    _check(request)
    found, more = _page([_default(quota) for quota in _quotas(region)], request)
    return {"Quotas": found, **more}


def get_aws_default_service_quota(region: Region, request: Body) -> Body:
    """One quota as it is at first."""
    return {"Quota": _default(_quota(region, request))}


def _quotas(region: Region) -> list[Body]:
    """A quota an instance type; AWS's codes are not published as a list, so these are made from the names."""
    cores = float(os.cpu_count() or 1)
    quotas = []
    for instance in instances():
        name = f"{instance.name} for training job usage"
        code = f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}"
        quotas.append(
            {
                "ServiceCode": SERVICE,
                "ServiceName": SERVICE_NAME,
                "QuotaArn": f"arn:aws:servicequotas:{region.name}:{region.account}:{SERVICE}/{code}",
                "QuotaCode": code,
                "QuotaName": name,
                "Value": cores,
                "Unit": "None",
                "Adjustable": False,
                "GlobalQuota": False,
                "QuotaAppliedAtLevel": "ACCOUNT",
            }
        )
    return quotas


def _quota(region: Region, request: Body) -> Body:
    _check(request)
    for quota in _quotas(region):
        if quota["QuotaCode"] == request["QuotaCode"]:
            return quota
    raise AwsError("NoSuchResourceException", "The request failed because the specified quota does not exist.")


def _default(quota: Body) -> Body:
    return {name: value for name, value in quota.items() if name != "QuotaAppliedAtLevel"}


def _check(request: Body) -> None:
    if request["ServiceCode"] != SERVICE:
        message = f"The request failed because the service {request['ServiceCode']} has no quotas here, only {SERVICE}."
        raise AwsError("NoSuchResourceException", message)


def _page(items: list[Body], request: Body) -> tuple[list[Body], Body]:
    try:
        found, token = page(items, request.get("NextToken"), request.get("MaxResults", PAGE))
    except ValueError as error:
        raise AwsError("InvalidPaginationTokenException", "Invalid token was used.") from error
    return found, {"NextToken": token} if token else {}
