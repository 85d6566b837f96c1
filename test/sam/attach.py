"""Translates the templates of examples/attach as a deployment does, and checks
what comes out: every route has an authorizer, Latchkey's is asked every time
and by the imported role, and adds no line to the policy of its function.

Run it with the Python of SAM CLI: attach.py FILE…
"""

import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def translate(file):
    """Returns the CloudFormation that the SAM template in the file becomes."""
    with open(file, encoding="utf-8") as text:
        template = yaml_parse(text.read())
    values = {name: p.get("Default") for name, p in template.get("Parameters", {}).items()}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"  # what sam package puts there
    return Translator({}, Parser()).translate(template, values)


def imported(value, export):
    """Reports whether the value is that export of Latchkey's stack. SAM fills in
    parameters in some places only."""
    return any(value == {"Fn::ImportValue": {"Fn::Sub": f"{stack}-{export}"}} for stack in ("latchkey", "${LatchkeyStack}"))


def document_faults(body):
    """Yields what is wrong with the OpenAPI document of an HTTP or REST API."""
    schemes = body.get("securityDefinitions") or body["components"]["securitySchemes"]
    for name, scheme in schemes.items():
        authorizer = scheme["x-amazon-apigateway-authorizer"]
        if authorizer["type"] != "request":
            continue
        if authorizer.get("authorizerResultTtlInSeconds") != 0:
            yield f"{name} keeps decisions"
        if authorizer.get("identitySource"):
            yield f"{name} has an identity source"
        if not imported(authorizer.get("authorizerCredentials"), "AuthorizerInvokeRoleArn"):
            yield f"{name} is not invoked by the role"
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            names = [name for scheme in operation.get("security", []) for name in scheme]
            if method != "options" and not set(names) & set(schemes):
                yield f"{method} {path} is open"


def resource_faults(resources):
    """Yields what is wrong with authorizers and routes that stand by themselves."""
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::ApiGatewayV2::Authorizer":
            if not imported(properties.get("AuthorizerCredentialsArn"), "AuthorizerInvokeRoleArn"):
                yield f"{name} is not invoked by the role"
            if properties.get("AuthorizerResultTtlInSeconds", 0) != 0 or properties.get("IdentitySource"):
                yield f"{name} keeps decisions, or has an identity source"
        key = properties.get("RouteKey")
        if key and (key == "$connect" or not key.startswith("$")) and properties.get("AuthorizationType") != "CUSTOM":
            yield f"{name} is open"


def faults(resources):
    apis = [r for r in resources.values() if r["Type"].endswith(("ApiGatewayV2::Api", "ApiGateway::RestApi"))]
    if len(apis) != 1:
        yield f"{len(apis)} APIs, not one"
    for api in apis:
        if "Body" in api["Properties"]:
            yield from document_faults(api["Properties"]["Body"])
    yield from resource_faults(resources)
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Permission" and "ImportValue" in str(resource["Properties"]["FunctionName"]):
            yield f"{name} adds to the policy of {resource['Properties']['FunctionName']}"


def main(files):
    failed = False
    for file in files:
        for fault in faults(translate(file)["Resources"]):
            print(f"{file}: {fault}")
            failed = True
    print(f"{len(files)} templates translated")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
