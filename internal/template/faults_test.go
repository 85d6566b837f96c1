package template_test

import (
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// What is not understood is refused with its place, never passed over.
func TestFaults(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"VALUE: plain", "VALUE: !Nope x", "line 38: unknown tag !Nope"},
		{"VALUE: plain", "VALUE: !ImportValue x", "Fn.Properties.Environment.Variables.VALUE: Fn::ImportValue: no stack here exports \"x\""},
		{"VALUE: plain", "VALUE: !Ref Missing", `reference to "Missing": there is no such parameter or resource`},
		{"VALUE: plain", "VALUE: !Ref Missing.Alias", "no such parameter"},
		{"VALUE: plain", "VALUE: !Ref [a]", "needs a name"},
		{"VALUE: plain", "VALUE: !GetAtt Missing.Arn", "no such resource"},
		{"VALUE: plain", "VALUE: !GetAtt Fn.Name", "not known here"},
		{"VALUE: plain", `VALUE: !Sub "${Missing}"`, "no such parameter"},
		{"VALUE: plain", "VALUE: !Sub [1, 2, 3]", "needs a text"},
		{"VALUE: plain", "VALUE: !Join [a]", "no list of 2"},
		{"VALUE: plain", "VALUE: !Select [7, !Ref Names]", `no item "7"`},
		{"VALUE: plain", "VALUE: !If [Missing, a, b]", `no condition "Missing"`},
		{"VALUE: plain", "VALUE: !Ref Names", "is no text"},
		{"VALUE: plain", "VALUE: &a plain", "no anchors"},
		{"VALUE: plain", "VALUE: plain\n          VALUE: again", "stands here twice"},
		{"VALUE: plain", "[a]: plain", "no plain text"},
		{"VALUE: plain", "VALUE: plain\n  - broken", "template: yaml"},
		{"Resources:\n", "Resources:\n  Gone: {Type: AWS::Serverless::Function, Condition: Missing}\n", `no condition "Missing"`},
		{"Default: 60", "Default: 0", `parameter Seconds is "0"; it must be a number from 1 up to 90`},
		{"Type: Number", "Type: AWS::SSM::Parameter::Value<String>", "only String, Number and CommaDelimitedList"},
		{"MaxValue: 90", "Unheard: 90", "Parameters.Seconds.Unheard: is not understood here"},
		{`AllowedPattern: "[a-z]+"`, `AllowedPattern: "("`, "is no pattern"},
		{"MinValue: 1", "MinValue: one", "is no number"},
		{`Authorizer: NONE`, `Authorizer: Other`, `no authorizer "Other"`},
		{`Authorizer: NONE`, `Authorizer: ""`, "Authorizer: is empty"},
		{`Auth: {Authorizer: NONE}`, `Auth: {AuthorizationScopes: [a]}`, "AuthorizationScopes: is not understood here"},
		{"EnableIamAuthorizer: true", "EnableIamAuthorizer: false", "AWS_IAM needs EnableIamAuthorizer"},
		{"EnableIamAuthorizer: true", "EnableIamAuthorizer: maybe", "neither true nor false"},
		{"FunctionArn: !GetAtt Fn.Arn", "FunctionArn: arn:aws:lambda:us-east-1:1:function:x", "not the ARN of a function of this template"},
		{"FunctionArn: !GetAtt Fn.Arn", "FunctionArn: !Sub \"arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:Gone\"", `there is no function "Gone"`},
		{"EnableFunctionDefaultPermissions: true", "EnableFunctionDefaultPermissions: false", "API Gateway may not call the function"},
		{`AuthorizerPayloadFormatVersion: "2.0"`, `AuthorizerPayloadFormatVersion: "1.0"`, `only "2.0"`},
		{`AuthorizerPayloadFormatVersion: "2.0"`, "AuthorizerPayloadFormatVersion: \"2.0\"\n            EnableSimpleResponses: true", "only policies"},
		{`AuthorizerPayloadFormatVersion: "2.0"`, "AuthorizerPayloadFormatVersion: \"2.0\"\n            JwtConfiguration: {}", "JwtConfiguration: has no issuer or no audience"},
		{", ReauthorizeEvery: 30", "", "ReauthorizeEvery is not set"},
		{"ReauthorizeEvery: 30", "ReauthorizeEvery: 3601", "no whole number from 0 to 3600"},
		{"Headers: [Authorization], Context: [httpMethod], ", "", "without an identity source"},
		{"Context: [httpMethod]", "Context: [nothing]", `"nothing", at 0, is not understood`},
		{"Context: [httpMethod]", "StageVariables: [a]", "StageVariables: is not understood here"},
		{"AllowCredentials: true", "Cookies: true", "Cookies: is not understood here"},
		{"Method: get, Path: /a", "Method: get, Path: a", "is no path of a route"},
		{"Method: get, Path: /a", "Method: get, Path: \"/{a+}/b\"", "is no path of a route"},
		{"Method: get, Path: /a", "Method: \"g t\", Path: /a", "is no method"},
		{"Method: get, Path: /a", "Method: post, Path: \"/b/{id}\"", `a route "POST /b/{id}" already`},
		{"ApiId: !Ref Api, Method: get", "ApiId: !Ref Fn, Method: get", "not an HTTP API of this template"},
		{"ApiId: !Ref Api, Method: get", "Method: get", "not an HTTP API of this template"},
		{"A: {Type: HttpApi", "A: {Type: Api", "RestApiId is not a REST API of this template"},
		{"ApiId: !Ref Api, Method: get", "ApiId: !Ref Api, PayloadFormatVersion: \"1.0\", Method: get", `only "2.0"`},
		{"  Table: {Type: AWS::DynamoDB::Table}", "  Table: {Type: AWS::Serverless::Api}", "StageName: is no name of a stage"},
		{"    Properties:\n      Auth:", "    Properties:\n      StageName: prod\n      Auth:", "only the stage $default"},
		{"    Properties:\n      Auth:", "    Properties:\n      DefinitionBody: {}\n      Auth:", "is not read here"},
		{"Globals:\n", "Globals:\n  HttpApi: {}\n", "set it on the API"},
		{"Globals:\n", "Globals:\n  Api: {}\n", "set it on the API"},
		{"Globals:\n", "Globals:\n  WebSocketApi: {}\n", "set it on the API"},
		{"Timeout: 7", "Timeout: 901", "no whole number from 0 to 900"},
		{"Timeout: 7", "Timeout: [7]", "is no text"},
	} {
		t.Run(tt.new, func(t *testing.T) {
			parsed, err := template.Read([]byte(with(t, tt.old, tt.new)))
			if err == nil {
				_, err = parsed.Stack(nil)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q in place of %q = %v, want %q", tt.new, tt.old, err, tt.want)
			}
		})
	}
}

func TestConditionsThatAskForThemselves(t *testing.T) {
	parsed, err := template.Read([]byte(`
Conditions:
  A: !Not [!Condition B]
  B: !Or [!Condition A]
Resources:
  Fn: {Type: AWS::Serverless::Function, Condition: A}`))
	if err != nil {
		t.Fatalf("Read = %v, want nil", err)
	}
	if _, err := parsed.Stack(nil); err == nil || !strings.Contains(err.Error(), "asks for itself") {
		t.Errorf("Stack = %v, want that a condition asks for itself", err)
	}
}
