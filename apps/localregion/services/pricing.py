"""AWS Price List: what SageMaker's training instances cost on AWS. Here they cost nothing.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Price_List_Service.html
"""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.instances import Instance, instances
from apps.localregion.services.offsets import page

SERVICE = "AmazonSageMaker"
FORMAT = "aws_v1"
ON_DEMAND, HOURLY = "JRTCKXETXF", "6YS6EN2CT7"  # AWS's codes of an on-demand offer and of its hourly rate
EFFECTIVE = "2026-11-01T00:00:00Z"
PAGE = 100

Body = dict[str, Any]

MATCHES: dict[str, Callable[[str, str], bool]] = {
    "TERM_MATCH": lambda value, wanted: value.lower() == wanted.lower(),
    "EQUALS": lambda value, wanted: value.lower() == wanted.lower(),
    "CONTAINS": lambda value, wanted: wanted.lower() in value.lower(),
    "ANY_OF": lambda value, wanted: value.lower() in wanted.lower().split(","),
    "NONE_OF": lambda value, wanted: value.lower() not in wanted.lower().split(","),
}


def describe_services(region: Region, request: Body) -> Body:
    """The one service whose prices are known here, and the names of its products' attributes."""
    _check(request, request.get("ServiceCode", SERVICE))
    names = sorted({name for product in _products() for name in product["product"]["attributes"]} | {"productFamily"})
    return {"Services": [{"ServiceCode": SERVICE, "AttributeNames": names}], "FormatVersion": FORMAT}


def get_attribute_values(region: Region, request: Body) -> Body:
    """The values that an attribute has."""
    _check(request, request["ServiceCode"])
    name = request["AttributeName"]
    values = sorted({value for product in _products() if (value := _attribute(product, name)) is not None})
    if not values:
        raise AwsError("NotFoundException", f"{SERVICE} has no attribute {name}")
    found, more = _page(values, request)
    return {"AttributeValues": [{"Value": value} for value in found], **more}


def get_products(region: Region, request: Body) -> Body:
    """The products that pass every filter, each as JSON."""
    _check(request, request["ServiceCode"])
    kept = [product for product in _products() if all(_passes(product, each) for each in request.get("Filters", []))]
    found, more = _page([json.dumps(product) for product in kept], request)
    return {"PriceList": found, "FormatVersion": FORMAT, **more}


def _check(request: Body, service: str) -> None:
    if request.get("FormatVersion", FORMAT) != FORMAT:
        raise AwsError("InvalidParameterException", f"FormatVersion must be {FORMAT}")
    if service != SERVICE:
        raise AwsError("NotFoundException", f"The local region has no prices of {service}, only of {SERVICE}")


def _passes(product: Body, given: Body) -> bool:
    value = _attribute(product, given["Field"])
    return value is not None and MATCHES[given["Type"]](value, given["Value"])


def _attribute(product: Body, name: str) -> str | None:
    if name == "productFamily":
        return str(product["product"]["productFamily"])
    if name.lower() in ("servicecode", "sku"):
        return SERVICE if name.lower() == "servicecode" else str(product["product"]["sku"])
    value: str | None = product["product"]["attributes"].get(name)
    return value


@cache
def _products() -> tuple[Body, ...]:
    return tuple(_product(instance) for instance in instances())


def _product(instance: Instance) -> Body:
    sku = hashlib.sha256(instance.name.encode()).hexdigest()[:16].upper()
    rate = f"{sku}.{ON_DEMAND}.{HOURLY}"
    hourly = {
        "rateCode": rate,
        "unit": "Hrs",
        "beginRange": "0",
        "endRange": "Inf",
        "description": f"${instance.price} per Hour for {instance.name} Training in US East (N. Virginia)",
        "appliesTo": [],
        "pricePerUnit": {"USD": instance.price},
    }
    offer = {
        "sku": sku,
        "offerTermCode": ON_DEMAND,
        "effectiveDate": EFFECTIVE,
        "priceDimensions": {rate: hourly},
        "termAttributes": {},
    }
    return {
        "product": {"productFamily": "ML Instance", "sku": sku, "attributes": _attributes(instance)},
        "serviceCode": SERVICE,
        "terms": {"OnDemand": {f"{sku}.{ON_DEMAND}": offer}},
        "version": "1",
        "publicationDate": EFFECTIVE,
    }


def _attributes(instance: Instance) -> dict[str, str]:
    return {
        "servicecode": SERVICE,
        "servicename": "Amazon SageMaker",
        "component": "Training",
        "instanceName": instance.name,
        "instanceType": f"{instance.name}-Training",
        "platoinstancename": instance.name,
        "platoinstancetype": "Training",
        "vCpu": str(instance.vcpus),
        "memory": f"{instance.memory_gib} GiB",
        "gpu": str(instance.gpus) if instance.gpus else "N/A",
        "location": "US East (N. Virginia)",
        "locationType": "AWS Region",
        "regionCode": "us-east-1",
        "usagetype": f"USE1-Train:{instance.name}",
        "operation": "RunInstance",
    }


def _page(items: list[str], request: Body) -> tuple[list[str], Body]:
    try:
        found, token = page(items, request.get("NextToken"), request.get("MaxResults", PAGE))
    except ValueError as error:
        raise AwsError("InvalidNextTokenException", "The pagination token is invalid.") from error
    return found, {"NextToken": token} if token else {}
