"""What S3 refuses among a bucket's settings."""

import json
from typing import Any

from apps.localregion.errors import AwsError

MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"
ACTIONS = {
    "Expiration",
    "Transitions",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransitions",
    "AbortIncompleteMultipartUpload",
}


def check_encryption(configuration: dict[str, Any]) -> None:
    """Raise AwsError MalformedXML unless there is one rule, which names an algorithm that S3 has."""
    rules = configuration.get("Rules", [])
    if len(rules) != 1:
        raise AwsError("MalformedXML", MALFORMED)
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {"SSEAlgorithm": "AES256"})
    if default.get("SSEAlgorithm") not in ("AES256", "aws:kms", "aws:kms:dsse"):
        raise AwsError("MalformedXML", MALFORMED)
    if default["SSEAlgorithm"] == "AES256" and default.get("KMSMasterKeyID"):
        message = "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"
        raise AwsError("InvalidArgument", message)


def check_rules(configuration: dict[str, Any]) -> None:
    """Raise AwsError MalformedXML unless there is just one rule."""
    if len(configuration.get("Rules", [])) != 1:
        raise AwsError("MalformedXML", MALFORMED)


def check_lifecycle(rules: list[dict[str, Any]]) -> None:
    """Raise AwsError for rules without an action, or two of one id."""
    if not rules:
        raise AwsError("MalformedXML", MALFORMED)
    for rule in rules:
        if rule.get("Status") not in ("Enabled", "Disabled") or not ({"Filter", "Prefix"} & rule.keys()):
            raise AwsError("MalformedXML", MALFORMED)
        if not ACTIONS & rule.keys():
            raise AwsError("InvalidRequest", "At least one action needs to be specified in a rule.")
        days = rule.get("Expiration", {}).get("Days", 1)
        if days < 1:
            raise AwsError("InvalidArgument", "'Days' for Expiration action must be a positive integer")
    identities = [rule["ID"] for rule in rules if "ID" in rule]
    if len(set(identities)) < len(identities):
        raise AwsError("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")


def check_policy(text: str, bucket: str) -> None:
    """Raise AwsError MalformedPolicy unless the policy is one, of this bucket."""
    try:
        policy = json.loads(text)
        listed = policy["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'") from error
    for statement in listed if isinstance(listed, list) else [listed]:
        _check_statement(statement, bucket)


def _check_statement(statement: Any, bucket: str) -> None:
    if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
        raise AwsError("MalformedPolicy", "Invalid effect")
    for name in ("Principal", "Action", "Resource"):
        if not {name, f"Not{name}"} & statement.keys():
            raise AwsError("MalformedPolicy", f"Missing required field {name}")
    resources = statement.get("Resource", statement.get("NotResource"))
    for resource in resources if isinstance(resources, list) else [resources]:
        named = str(resource).removeprefix("arn:aws:s3:::").partition("/")[0]
        if not str(resource).startswith("arn:aws:s3:::") or named not in (bucket, f"{bucket}*"):
            raise AwsError("MalformedPolicy", "Policy has invalid resource")
