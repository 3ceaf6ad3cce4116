"""Which members of a call name resources, for CloudTrail's Resources."""

from typing import Any

# Members of a request: the type of what they name.
NAMED: dict[str, dict[str, str]] = {
    "cloudwatch": {"AlarmName": "AWS::CloudWatch::Alarm", "AlarmNames": "AWS::CloudWatch::Alarm"},
    "iam": {
        "RoleName": "AWS::IAM::Role",
        "UserName": "AWS::IAM::User",
        "GroupName": "AWS::IAM::Group",
        "PolicyArn": "AWS::IAM::Policy",
        "PolicyName": "AWS::IAM::Policy",
        "InstanceProfileName": "AWS::IAM::InstanceProfile",
        "AccessKeyId": "AWS::IAM::AccessKey",
    },
    "kms": {"KeyId": "AWS::KMS::Key", "TargetKeyId": "AWS::KMS::Key", "AliasName": "AWS::KMS::Alias"},
    "logs": {"logGroupName": "AWS::Logs::LogGroup", "logStreamName": "AWS::Logs::LogStream"},
    "s3": {"Bucket": "AWS::S3::Bucket"},
    "sagemaker": {
        name: f"AWS::SageMaker::{name.removesuffix('Name')}"
        for name in (
            "TrainingJobName",
            "ModelName",
            "EndpointName",
            "EndpointConfigName",
            "NotebookInstanceName",
            "ProcessingJobName",
            "TransformJobName",
            "HyperParameterTuningJobName",
            "ModelPackageGroupName",
            "ExperimentName",
            "TrialName",
        )
    },
    "sts": {"RoleArn": "AWS::IAM::Role"},
}
# The members of any request that hold an ARN: the service and the first word of its last part say the type.
BY_ARN = ("ResourceArn", "resourceArn", "ResourceARN")


def resources(service: str, operation: str, request: dict[str, Any], result: dict[str, Any]) -> list[dict[str, str]]:
    """What the call was about, by type and name."""
    found = []
    for member, kind in NAMED.get(service, {}).items():
        value = request.get(member)
        for name in value if isinstance(value, list) else [value] if value else []:
            found.append({"ResourceType": kind, "ResourceName": str(name)})
    if service == "kms" and operation == "CreateKey" and result:
        found.append({"ResourceType": "AWS::KMS::Key", "ResourceName": result["KeyMetadata"]["KeyId"]})
    found += [_of_arn(request[member]) for member in BY_ARN if request.get(member)]
    return found


def _of_arn(arn: str) -> dict[str, str]:
    """An ARN as a resource: arn:aws:sagemaker:...:training-job/name is an AWS::SageMaker::TrainingJob."""
    parts = arn.split(":", 5)
    service = {"sagemaker": "SageMaker", "logs": "Logs", "cloudwatch": "CloudWatch"}.get(parts[2] if parts[2:] else "")
    if service is None or len(parts) < 6:
        return {"ResourceType": "AWS::Resource", "ResourceName": arn}
    kind = parts[5].replace("/", ":").partition(":")[0]
    return {
        "ResourceType": f"AWS::{service}::{''.join(word.capitalize() for word in kind.split('-'))}",
        "ResourceName": arn,
    }
