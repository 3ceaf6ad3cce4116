"""Service Quotas and the Price List over the wire: SageMaker's training instances."""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_quotas_are_listed_and_found(client: Callable[..., Any]) -> None:
    quotas = client("service-quotas")
    assert [each["ServiceCode"] for each in quotas.list_services()["Services"]] == ["sagemaker"]
    pages = quotas.get_paginator("list_service_quotas").paginate(
        ServiceCode="sagemaker", PaginationConfig={"PageSize": 4}
    )
    found = {each["QuotaName"]: each for page in pages for each in page["Quotas"]}
    one = found["ml.m5.large for training job usage"]
    assert (one["Value"], one["Adjustable"]) == (os.cpu_count(), False)
    assert quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode=one["QuotaCode"])["Quota"] == one
    default = quotas.get_aws_default_service_quota(ServiceCode="sagemaker", QuotaCode=one["QuotaCode"])["Quota"]
    assert default["Value"] == one["Value"]
    defaults = quotas.list_aws_default_service_quotas(ServiceCode="sagemaker")["Quotas"]
    assert default in defaults
    for members in ({"ServiceCode": "sagemaker", "QuotaCode": "L-0"}, {"ServiceCode": "ec2", "QuotaCode": "L-0"}):
        with pytest.raises(ClientError) as refused:
            quotas.get_service_quota(**members)
        assert refused.value.response["Error"]["Code"] == "NoSuchResourceException"


def test_prices_are_found_by_filters(client: Callable[..., Any]) -> None:
    pricing = client("pricing")
    (service,) = pricing.describe_services(ServiceCode="AmazonSageMaker")["Services"]
    assert {"instanceName", "component", "regionCode", "productFamily"} <= set(service["AttributeNames"])
    values = pricing.get_attribute_values(ServiceCode="AmazonSageMaker", AttributeName="instanceName")
    assert {"Value": "ml.m5.large"} in values["AttributeValues"]
    filters = [
        {"Type": "TERM_MATCH", "Field": "instanceName", "Value": "ml.m5.large"},
        {"Type": "TERM_MATCH", "Field": "component", "Value": "Training"},
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"},
    ]
    (text,) = pricing.get_products(ServiceCode="AmazonSageMaker", Filters=filters)["PriceList"]
    product = json.loads(text)
    (offer,) = product["terms"]["OnDemand"].values()
    (price,) = offer["priceDimensions"].values()
    assert (price["unit"], price["pricePerUnit"]) == ("Hrs", {"USD": "0.115"})
    assert product["product"]["attributes"]["vCpu"] == "2"
    pages = [*pricing.get_paginator("get_products").paginate(
        ServiceCode="AmazonSageMaker", PaginationConfig={"PageSize": 6}
    )]  # fmt: skip
    assert len({text for page in pages for text in page["PriceList"]}) == len(values["AttributeValues"])


def test_prices_of_other_services_are_not_found(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError) as refused:
        client("pricing").get_products(ServiceCode="AmazonEC2")
    assert refused.value.response["Error"]["Code"] == "NotFoundException"
