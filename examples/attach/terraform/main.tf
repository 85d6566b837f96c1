terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "latchkey_stack" {
  description = "Name of Latchkey's stack, in the same account and region."
  type        = string
  default     = "latchkey"
}

variable "backend" {
  description = "Name of the function behind the routes."
  type        = string
}

variable "origin" {
  description = "Origin of the page that calls the API, such as https://app.example.com."
  type        = string
  default     = "http://localhost:3000"

  validation {
    condition     = can(regex("^https?://[a-z0-9.-]+(:[0-9]{1,5})?$", var.origin))
    error_message = "One exact origin such as https://app.example.com, in lower case."
  }
}

locals {
  # What the routes ask, by the exports of the authorizer's aliases.
  asks = {
    checked  = "AuthorizerCheckedArn"  # a session that is live, for reads too
    optional = "AuthorizerOptionalArn" # nobody has to be signed in
  }

  # One route for each method: ANY would take the preflight as well. Reports are
  # for administrators: the function asserts the role.
  routes = {
    "GET /me"      = "checked"
    "POST /me"     = "checked"
    "GET /welcome" = "optional"
    "GET /reports" = "checked"
  }
}

data "aws_region" "here" {}

data "aws_cloudformation_export" "authorizer" {
  for_each = local.asks
  name     = "${var.latchkey_stack}-${each.value}"
}

data "aws_cloudformation_export" "invoke_role" {
  name = "${var.latchkey_stack}-AuthorizerInvokeRoleArn"
}

data "aws_lambda_function" "backend" {
  function_name = var.backend
}

resource "aws_apigatewayv2_api" "shop" {
  name          = "shop"
  protocol_type = "HTTP"

  cors_configuration {
    allow_origins     = [var.origin]
    allow_credentials = true
    allow_methods     = ["GET", "POST", "OPTIONS"]
    allow_headers     = ["content-type", "rid", "fdi-version", "anti-csrf", "authorization", "st-auth-mode"]
    expose_headers    = ["front-token", "st-access-token", "st-refresh-token", "anti-csrf"]
    max_age           = 3600
  }
}

resource "aws_apigatewayv2_authorizer" "latchkey" {
  for_each        = local.asks
  name            = each.key
  api_id          = aws_apigatewayv2_api.shop.id
  authorizer_type = "REQUEST"
  authorizer_uri = join("", [
    "arn:aws:apigateway:", data.aws_region.here.name,
    ":lambda:path/2015-03-31/functions/", data.aws_cloudformation_export.authorizer[each.key].value, "/invocations",
  ])

  # The role may invoke the authorizer by each of its aliases.
  authorizer_credentials_arn        = data.aws_cloudformation_export.invoke_role.value
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = false

  # A decision that is kept outlives a revoke, and an identity source has API
  # Gateway refuse cookies before it asks.
  authorizer_result_ttl_in_seconds = 0
  identity_sources                 = []
}

resource "aws_apigatewayv2_integration" "backend" {
  api_id                 = aws_apigatewayv2_api.shop.id
  integration_type       = "AWS_PROXY"
  integration_uri        = data.aws_lambda_function.backend.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "shop" {
  for_each           = local.routes
  api_id             = aws_apigatewayv2_api.shop.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.backend.id}"
  authorization_type = "CUSTOM"
  authorizer_id      = aws_apigatewayv2_authorizer.latchkey[each.value].id
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.shop.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_lambda_permission" "gateway" {
  action        = "lambda:InvokeFunction"
  function_name = var.backend
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.shop.execution_arn}/*"
}

output "url" {
  description = "Where the API is."
  value       = aws_apigatewayv2_api.shop.api_endpoint
}
