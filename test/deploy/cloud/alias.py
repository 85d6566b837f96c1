"""AWS::Lambda::Alias for moto's CloudFormation, which does not have it."""

from moto.awslambda.models import lambda_backends
from moto.core.common_models import CloudFormationModel


class Alias(CloudFormationModel):
    """An alias of a function, named by its ARN as on AWS."""

    def __init__(self, arn):
        self.arn = arn

    @property
    def physical_resource_id(self):
        return self.arn

    @staticmethod
    def cloudformation_name_type():
        return ""

    @staticmethod
    def cloudformation_type():
        return "AWS::Lambda::Alias"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        properties = cloudformation_json["Properties"]
        alias = lambda_backends[account_id][region_name].create_alias(
            properties["Name"], properties["FunctionName"], properties["FunctionVersion"], "", None
        )
        return cls(alias.arn)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        """Goes with its function."""
