"""What a new region has: the role that jobs run as, so that a first job needs no role to be made."""

import json

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.iam.holders import ROLES
from apps.localregion.services.iam.roles import create_role

MARK = ("first-start", "iam")  # a role that somebody deletes later is not made again
EXECUTION_ROLE = "mlconsole-execution"
FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def make_execution_role(region: Region) -> None:
    """Make it at the region's first start, with SageMaker's full access."""
    if region.documents.get(*MARK) is not None:
        return
    try:
        create_role(region, {"RoleName": EXECUTION_ROLE, "AssumeRolePolicyDocument": json.dumps(TRUST)})
        ROLES.change(region, EXECUTION_ROLE, lambda body: body["Attached"].append(FULL_ACCESS))
    except AwsError as error:
        if error.code != "EntityAlreadyExists":  # of a start that was killed
            raise
    region.documents.insert(*MARK, {})
