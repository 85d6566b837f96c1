"""AWS::ApiGatewayV2::Api for moto's CloudFormation, which does not have it: an
HTTP API made of its OpenAPI document by moto's own import."""

import json

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.core.common_models import CloudFormationModel


class HttpApi(CloudFormationModel):
    """An AWS::ApiGatewayV2::Api with a Body."""

    def __init__(self, api):
        self.api = api

    @property
    def physical_resource_id(self):
        return self.api.api_id

    @staticmethod
    def cloudformation_name_type():
        return ""

    @staticmethod
    def cloudformation_type():
        return "AWS::ApiGatewayV2::Api"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr in ("ApiEndpoint", "ApiId")

    def get_cfn_attribute(self, attr):
        return {"ApiEndpoint": self.api.api_endpoint, "ApiId": self.api.api_id}[attr]

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        body = cloudformation_json["Properties"]["Body"]
        backend = apigatewayv2_backends[account_id][region_name]
        api = backend.create_api(
            api_key_selection_expression=None,
            cors_configuration=None,
            description=None,
            disable_schema_validation=None,
            disable_execute_api_endpoint=None,
            name=resource_name,
            protocol_type="HTTP",
            route_selection_expression=None,
            tags={},
            version=None,
        )
        api.import_api(json.dumps(body), False)
        protect(api, body)
        return cls(api)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        apigatewayv2_backends[account_id][region_name].delete_api(resource_name)


def protect(api, body):
    """Gives the API the authorizers of the document and each route its own,
    which moto's import leaves out."""
    authorizers = {}
    for name, scheme in body["components"]["securitySchemes"].items():
        about = scheme.get("x-amazon-apigateway-authorizer", {})
        if about.get("type") != "request":
            continue
        authorizers[name] = api.create_authorizer(
            auth_creds_arn=about.get("authorizerCredentials"),
            auth_payload_format_version=about["authorizerPayloadFormatVersion"],
            auth_result_ttl=about.get("authorizerResultTtlInSeconds"),
            authorizer_type="REQUEST",
            authorizer_uri=about["authorizerUri"],
            enable_simple_response=about.get("enableSimpleResponses"),
            identity_source=about.get("identitySource"),
            identity_validation_expr=None,
            jwt_config=None,
            name=name,
        ).id
    for route in api.routes.values():
        method, path = route.route_key.split(" ")
        wanted = [name for scheme in body["paths"][path][method.lower()].get("security", []) for name in scheme]
        if "AWS_IAM" in wanted:
            route.authorization_type = "AWS_IAM"
        for name in set(wanted) & set(authorizers):
            route.authorization_type, route.authorizer_id = "CUSTOM", authorizers[name]
