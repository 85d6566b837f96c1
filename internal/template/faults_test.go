package template_test

import (
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// What is not understood is refused, with its line, and never ignored.
func TestFaults(t *testing.T) {
	const fn = "FunctionArn: !If [Never, gone, !GetAtt Fn.Arn]"
	const http = "Auth:\n        DefaultAuthorizer: Session\n        EnableIam"
	const bindsHTTP, bindsREST = "ApiId: !Ref Api, Method: get, Path: /a", "RestApiId: !Ref Rest, Method: get, Path: /h"
	for _, tt := range []struct{ old, new, want string }{
		{"VALUE: plain", "VALUE: !Ref Names", "VALUE: is no text"},
		{"VALUE: plain", "VALUE: !If [Missing, a, b]", `condition "Missing" is not known here`},
		{"Condition: HasWord", "Condition: Missing", `condition "Missing" is not known here`},
		{"HasWord: !Not [!Equals [!Ref Word, \"\"]]", "HasWord: !Not [!Condition Never]", "which asks for itself"},
		{"HasWord: !Not [!Equals [!Ref Word, \"\"]]", "HasWord: !Not [!Equals [!Ref Table, a]]", `!Ref Table = a is not known here`},
		{"Default: 60", "Default: 0", `parameter Seconds is "0"; it must be a number from 1 up to 90`},
		{"Type: Number", "Type: AWS::SSM::Parameter::Value<String>", "only String, Number and CommaDelimitedList"},
		{"MaxValue: 90", "Unheard: 90", "line 3: Unheard: is not understood here"},
		{`AllowedPattern: "[a-z]+"`, `AllowedPattern: "("`, "is no pattern"},
		{"MinValue: 1", "MinValue: one", "is no number"},
		{"Timeout: 7", "Timeout: 901", "no whole number from 0 to 900"},
		{`Authorizer: NONE`, `Authorizer: Other`, `no authorizer "Other"`},
		{`Authorizer: NONE`, `Authorizer: ""`, "Authorizer: is empty"},
		{`Auth: {Authorizer: NONE}`, `Auth: {AuthorizationScopes: [a]}`, "AuthorizationScopes: is not understood here"},
		{"EnableIamAuthorizer: true", "EnableIamAuthorizer: false", "AWS_IAM needs EnableIamAuthorizer"},
		{"EnableIamAuthorizer: true", "EnableIamAuthorizer: maybe", "neither true nor false"},
		{fn, "FunctionArn: !Ref Fn", "nor an imported one"},
		{fn, "FunctionArn: !Sub \"arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:Gone\"", `there is no function "Gone"`},
		{"EnableFunctionDefaultPermissions: true", "EnableFunctionDefaultPermissions: false", "API Gateway may not call the function"},
		{`AuthorizerPayloadFormatVersion: "2.0"`, `AuthorizerPayloadFormatVersion: "1.0"`, `only AuthorizerPayloadFormatVersion "2.0"`},
		{`AuthorizerPayloadFormatVersion: "2.0"`, "AuthorizerPayloadFormatVersion: \"2.0\"\n            EnableSimpleResponses: true", "only policies"},
		{", ReauthorizeEvery: 30", "", "ReauthorizeEvery is not set"},
		{"ReauthorizeEvery: 30", "ReauthorizeEvery: 3601", "no whole number from 0 to 3600"},
		{"Headers: [Authorization], Context: [httpMethod], ", "", "without an identity source"},
		{"Context: [httpMethod]", "Context: [nothing]", `"$context.nothing" is not understood`},
		{"AllowCredentials: true, MaxAge: 60", "Cookies: true", "Cookies: is not understood here"},
		{"issuer: !ImportValue latchkey-Issuer", "issuer: !ImportValue latchkey-Nothing", "latchkey-Nothing is not known here: no stack here exports it"},
		{"IdentitySource: $request.header.Authorization", "IdentitySource: $request.querystring.token", "is no header"},
		{"audience: [!ImportValue latchkey-Issuer]", "audience: []", "no issuer or no audience"},
		{"Method: get, Path: /a", "Method: get, Path: a", "is no path of a route"},
		{"Method: get, Path: /a", "Method: get, Path: \"/{a+}/b\"", "is no path of a route"},
		{"Method: get, Path: /a", "Method: \"g t\", Path: /a", "is no method"},
		{"Method: get, Path: /a", "Path: /a", "is no method"},
		{"Method: get, Path: /a", "Method: post, Path: \"/b/{id}\"", `a route "POST /b/{id}" already`},
		{bindsHTTP, "ApiId: !Ref Fn, Method: get, Path: /a", "Fn is no API of this template"},
		{bindsHTTP, "ApiId: !Ref Rest, Method: get, Path: /a", "of another kind than its API"},
		{bindsHTTP, "PayloadFormatVersion: \"1.0\", " + bindsHTTP, `only PayloadFormatVersion "2.0"`},
		{bindsREST, "RestApiId: !Ref Api, Method: get, Path: /h", "of another kind than its API"},
		{bindsREST, "ApiId: !Ref Rest, Method: get, Path: /h", "ApiId: is not understood here"},
		{bindsREST, "RestApiId: !Ref Rest", "no route $default"},
		{http, "StageName: prod\n      " + http, "only the stage $default"},
		{http, "DefinitionUri: a.yaml\n      " + http, "names a body elsewhere, is not read here"},
	} {
		refuses(t, tt.old, tt.new, tt.want)
	}
}

func TestFaultsOfOtherKinds(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"StageName: prod", "StageName: a/b", "is no name of a stage"},
		{"StageName: prod", "StageName: prod\n      BinaryMediaTypes: [a]", "BinaryMediaTypes: is not understood here"},
		{"AddDefaultAuthorizerToCorsPreflight: false", "AddDefaultAuthorizerToCorsPreflight: true", "every preflight would be refused"},
		{`"'https://a.example'"`, "method.request.header.Origin", "AllowOrigin: is no constant"},
		{`"'60'"`, `"'soon'"`, "MaxAge: is no whole number"},
		{`"'a'"`, "context.requestId", "X-A: is no constant"},
		{"$context.authorizer.body", "$input.body", "a variable that is not understood here"},
		{"application/json: '$", "text/plain: '$", "text/plain: is not understood here"},
		{"FunctionPayloadType: REQUEST", "FunctionPayloadType: OTHER", "neither REQUEST nor TOKEN"},
		{"FunctionPayloadType: REQUEST", "FunctionPayloadType: REQUEST\n            DisableFunctionDefaultPermissions: true", "may not call the function"},
		{"{Header: X-Token, ", "{Headers: [X-Token], ", "Headers: is not understood here"},
		{"$request.body.action", "$request.header.action", "only a member of the body"},
		{"AuthType: CUSTOM", "AuthType: AWS_IAM", `no authorizer "AWS_IAM"`},
		{"{AuthType: CUSTOM, ", "{AuthType: CUSTOM, IdentitySource: [route.request.header.Authorization], ", "refuses callers before"},
		{"$default: {FunctionArn: !GetAtt Fn.Arn}", "$default: {FunctionArn: Fn}", "not the ARN of a function"},
		{"$default: {FunctionArn: !GetAtt Fn.Arn}", "$default: {FunctionArn: !GetAtt Fn.Arn, RouteResponseSelectionExpression: $default}", "is not understood here"},
		{"ApiMappingKey: shop", `ApiMappingKey: ""`, "a mapping of that path already"},
		{"DomainName: d, Stage: $default, ApiMappingKey", "DomainName: e, Stage: $default, ApiMappingKey", "another domain"},
		{"AWS::IAM::ManagedPolicy", "AWS::CloudFormation::Stack", "Policy: a template of its own (AWS::CloudFormation::Stack) is not read here"},
	} {
		refuses(t, tt.old, tt.new, tt.want)
	}
}

// refuses checks that the template is refused after one text is replaced.
func refuses(t *testing.T, old, new, want string) {
	t.Helper()
	if _, err := load(with(t, old, new), nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%q in place of %q = %v, want %q", new, old, err, want)
	}
}

func TestFaultsOfValuesAndFiles(t *testing.T) {
	for _, text := range []string{
		"!Nope x", "!ImportValue x", "!Ref Missing", "!Ref Missing.Alias", "!Ref Extra.Alias", "!Ref [a]", "!GetAtt Missing.Arn", "!GetAtt Fn.Name",
		"!Sub ${Missing}", "!Sub [1, 2, 3]", "!Join [a]", "!Select [7, !Ref Names]", "!FindInMap [Of, a, b]",
	} {
		if _, err := load(with(t, "VALUE: plain", "VALUE: "+text), nil); err == nil || !strings.Contains(err.Error(), "line 29: VALUE: !") {
			t.Errorf("VALUE: %s = %v, want that it is not known, and where", text, err)
		}
	}
	for _, text := range []string{"", "null", "[]", "Resources: []", "Resources: {}", "{}\n---\n{}", "a: b: c", "\x00", "Parameters: 7\nResources: {A: {}}"} {
		if _, err := template.Read([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "template:") {
			t.Errorf("Read(%q) = %v, want an error of the template", text, err)
		}
	}
}

// Without the other stack nothing is imported.
func TestImports(t *testing.T) {
	for text, imports := range map[string]bool{whole: true, "Resources: {Fn: {Type: AWS::Serverless::Function}}": false} {
		parsed, err := template.Read([]byte(text))
		if err != nil || parsed.Imports() != imports {
			t.Fatalf("Imports of %.30q = %v, %v, want %v, nil", text, parsed.Imports(), err, imports)
		}
		if _, err := parsed.Stack(nil); imports != (err != nil && strings.Contains(err.Error(), "no stack here exports it")) {
			t.Errorf("Stack of %.30q = %v, want a fault: %v", text, err, imports)
		}
	}
}
