"""What moto can do but does not do when CloudFormation asks for it."""

import hashlib
import json

from cloud import alias, httpapi  # known to moto by being subclasses of its own
from moto.awslambda.models import LambdaVersion
from moto.cloudformation.custom_model import CustomModel
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.iam.models import Role
from moto.kms.models import Key

ADDED = [alias.Alias, httpapi.HttpApi]


def keep_table(create):
    """Wraps the creation of a table so that its time to live and its recovery
    are set as well."""

    def create_and_keep(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        table = create(resource_name, cloudformation_json, account_id, region_name, **kwargs)
        properties = cloudformation_json["Properties"]
        backend = dynamodb_backends[account_id][region_name]
        if "TimeToLiveSpecification" in properties:
            backend.update_time_to_live(table.name, properties["TimeToLiveSpecification"])
        if "PointInTimeRecoverySpecification" in properties:
            backend.update_continuous_backups(table.name, properties["PointInTimeRecoverySpecification"])
        return table

    return classmethod(create_and_keep)


def answer(properties):
    """Returns the attributes with which the function answers."""
    return {"Digest": hashlib.sha256(properties.get("Digested", "").encode()).hexdigest()}


def complete_at_once(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
    """Makes a custom resource without its function, which moto could run in
    Docker only."""
    resource = cls(region_name, "", kwargs["LogicalId"], resource_name)
    resource.set_data(answer(cloudformation_json["Properties"]))
    return resource


def keep_as_it_is(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    """Updates a custom resource: its function leaves the id as it was."""
    original_resource.set_data(answer(cloudformation_json["Properties"]))
    return original_resource


def put_policy(role, name, policy):
    """Keeps a role's policy as JSON, as it comes when not from CloudFormation."""
    role.policies[name] = policy if isinstance(policy, str) else json.dumps(policy)


def key_policy_as_json(create):
    """Wraps the creation of a key, whose policy moto wants as JSON later on."""

    def create_with_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        properties = dict(cloudformation_json["Properties"])
        properties["KeyPolicy"] = json.dumps(properties["KeyPolicy"])
        return create(resource_name, {"Properties": properties}, account_id, region_name, **kwargs)

    return classmethod(create_with_json)


def install():
    """Has moto do so."""
    Table.create_from_cloudformation_json = keep_table(Table.create_from_cloudformation_json)
    Key.create_from_cloudformation_json = key_policy_as_json(Key.create_from_cloudformation_json)
    Role.put_policy = put_policy
    LambdaVersion.get_cfn_attribute = lambda version, _: str(version.version)
    CustomModel.create_from_cloudformation_json = classmethod(complete_at_once)
    CustomModel.update_from_cloudformation_json = classmethod(keep_as_it_is)
