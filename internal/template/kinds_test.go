package template_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// attaching is a template with an API of each kind, whose authorizer is
// another stack's.
const attaching = `
Resources:
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Cors: {AllowOrigin: "'https://a.example'", AllowMethods: "'GET, POST'", AllowHeaders: "'rid'", MaxAge: "'60'", AllowCredentials: true}
      GatewayResponses:
        ACCESS_DENIED:
          StatusCode: 403
          ResponseParameters: {Headers: {X-A: "'a'"}}
          ResponseTemplates: {application/json: '$context.authorizer.body'}
      Auth:
        DefaultAuthorizer: Session
        AddDefaultAuthorizerToCorsPreflight: false
        Authorizers:
          Session:
            FunctionPayloadType: REQUEST
            FunctionArn: !ImportValue latchkey-AuthorizerArn
            Identity: {ReauthorizeEvery: 0}
          Header:
            FunctionArn: !GetAtt Fn.Arn
            Identity: {Header: X-Token, ValidationExpression: "x.*", ReauthorizeEvery: 5}
  Socket:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      StageName: live
      RouteSelectionExpression: $request.body.action
      Auth: {AuthType: CUSTOM, AuthArn: !ImportValue latchkey-AuthorizerArn}
      Routes:
        $connect: {FunctionArn: !GetAtt Fn.Arn}
        $default: {FunctionArn: !GetAtt Fn.Arn}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token:
            JwtConfiguration: {issuer: !ImportValue latchkey-Issuer, audience: [!ImportValue latchkey-Issuer]}
            IdentitySource: $request.header.Authorization
  Root: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !ImportValue latchkey-ApiId, DomainName: d, Stage: $default}}
  Shop: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !Ref Http, DomainName: d, Stage: $default, ApiMappingKey: shop}}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        A: {Type: Api, Properties: {RestApiId: !Ref Rest, Method: post, Path: "/a/{id}"}}
        B: {Type: Api, Properties: {RestApiId: !Ref Rest, Method: get, Path: /b, Auth: {Authorizer: NONE}}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Http, Method: get, Path: /c}}
`

// exports is what stands in for the other stack.
func exports() map[string]string {
	return map[string]string{
		"AuthorizerArn": "arn:aws:lambda:us-east-1:123456789012:function:Theirs:live", "Issuer": "http://issuer", "ApiId": "their-api",
	}
}

func attached(t *testing.T, text string) (*template.Stack, error) {
	t.Helper()
	parsed, err := template.Read([]byte(text))
	if err != nil {
		t.Fatalf("Read = %v, want nil", err)
	}
	if !parsed.Imports() {
		t.Error("the template imports nothing, want that it does")
	}
	parsed.Import(exports())
	return parsed.Stack(nil)
}

func TestEveryKindOfAPI(t *testing.T) {
	got, err := attached(t, attaching)
	if err != nil {
		t.Fatalf("Stack = %v, want nil", err)
	}
	want := []template.API{
		{
			ID: "Rest", Kind: template.REST, Stage: "prod",
			Routes: []template.Route{{Key: "POST /a/{id}", Function: "Fn", Auth: "Session"}, {Key: "GET /b", Function: "Fn", Auth: template.None}},
			Authorizers: map[string]template.Authorizer{
				"Session": {Function: "Theirs:live"},
				"Header": {
					Function: "Fn", Token: true, Sources: []string{"$request.header.X-Token"},
					Pattern: regexp.MustCompile("^(?:x.*)$"), TTL: 5 * time.Second,
				},
			},
			CORS: &template.CORS{
				Origins: []string{"https://a.example"}, Methods: []string{"GET", "POST"}, Headers: []string{"rid"},
				MaxAge: time.Minute, Credentials: true,
			},
			Responses: map[string]template.GatewayResponse{
				"ACCESS_DENIED": {Status: 403, Headers: map[string]string{"X-A": "a"}, Body: "$context.authorizer.body"},
			},
		},
		{
			ID: "Socket", Kind: template.WebSocket, Stage: "live", Selection: "action",
			Routes:      []template.Route{{Key: "$connect", Function: "Fn", Auth: "CUSTOM"}, {Key: "$default", Function: "Fn", Auth: template.None}},
			Authorizers: map[string]template.Authorizer{"CUSTOM": {Function: "Theirs:live"}},
		},
		{
			ID: "Http", Stage: "$default", Routes: []template.Route{{Key: "GET /c", Function: "Fn", Auth: "Token"}},
			Authorizers: map[string]template.Authorizer{"Token": {
				Issuer: "http://issuer", Audience: []string{"http://issuer"}, Sources: []string{"$request.header.Authorization"},
			}},
		},
	}
	if !reflect.DeepEqual(got.APIs, want) {
		t.Errorf("APIs = %+v, want %+v", got.APIs, want)
	}
	if mappings := []template.Mapping{{API: "their-api"}, {Path: "/shop", API: "Http"}}; !reflect.DeepEqual(got.Mappings, mappings) {
		t.Errorf("Mappings = %+v, want %+v", got.Mappings, mappings)
	}
}

func TestFaultsOfEveryKind(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"latchkey-Issuer, aud", "latchkey-Nothing, aud", `no stack here exports "latchkey-Nothing"`},
		{"StageName: prod", "StageName: a/b", "is no name of a stage"},
		{"StageName: prod", "StageName: prod\n      BinaryMediaTypes: [a]", "BinaryMediaTypes: is not understood here"},
		{"StageName: prod", "StageName: prod\n      DefinitionBody: {}", "is not read here"},
		{"AddDefaultAuthorizerToCorsPreflight: false", "AddDefaultAuthorizerToCorsPreflight: true", "every preflight would be refused"},
		{`"'https://a.example'"`, "method.request.header.Origin", "AllowOrigin: is no constant"},
		{`"'60'"`, `"'soon'"`, "MaxAge: is no whole number"},
		{`"'a'"`, "context.requestId", "X-A: is no constant"},
		{"$context.authorizer.body", "$input.body", "a variable that is not understood here"},
		{"$context.authorizer.body", "#if($x)", "a variable that is not understood here"},
		{"application/json: '$", "text/plain: '$", "plain: is not understood here"},
		{"FunctionPayloadType: REQUEST", "FunctionPayloadType: OTHER", "neither REQUEST nor TOKEN"},
		{"FunctionPayloadType: REQUEST", "FunctionPayloadType: REQUEST\n            DisableFunctionDefaultPermissions: true", "may not call the function"},
		{`ValidationExpression: "x.*"`, `ValidationExpression: "("`, "is no pattern"},
		{"{Header: X-Token, ", "{Headers: [X-Token], ", "Headers: is not understood here"},
		{", ReauthorizeEvery: 5", "", "ReauthorizeEvery is not set"},
		{"$request.body.action", "$request.header.action", "only a member of the body"},
		{"AuthType: CUSTOM", "AuthType: AWS_IAM", "only CUSTOM and NONE"},
		{"{AuthType: CUSTOM, ", "{AuthType: CUSTOM, IdentitySource: [route.request.header.Authorization], ", "refuses callers before"},
		{"StageName: live", "StageName: a b", "is no name of a stage"},
		{"$default: {FunctionArn: !GetAtt Fn.Arn}", "$default: {FunctionArn: Fn}", "not the ARN of a function"},
		{"$default: {FunctionArn: !GetAtt Fn.Arn}", "$default: {FunctionArn: !GetAtt Fn.Arn, RouteResponseSelectionExpression: $default}", "is not understood here"},
		{"IdentitySource: $request.header.Authorization", "IdentitySource: $request.querystring.token", "is no header"},
		{"audience: [!ImportValue latchkey-Issuer]", "audience: []", "no issuer or no audience"},
		{"ApiMappingKey: shop", `ApiMappingKey: ""`, "a mapping of that path already"},
		{"DomainName: d, Stage: $default, ApiMappingKey", "DomainName: e, Stage: $default, ApiMappingKey", "another domain"},
		{"RestApiId: !Ref Rest, Method: get", "RestApiId: !Ref Http, Method: get", "is not a REST API of this template"},
		{"ApiId: !Ref Http, Method: get", "ApiId: !Ref Rest, Method: get", "is not an HTTP API of this template"},
		{", Method: get, Path: /b,", ",", "no route $default"},
		{"FunctionArn: !GetAtt Fn.Arn\n            Identity", "FunctionArn: !Ref Fn\n            Identity", "nor an imported one"},
	} {
		t.Run(tt.new, func(t *testing.T) {
			if !strings.Contains(attaching, tt.old) {
				t.Fatalf("the template has no %q", tt.old)
			}
			_, err := attached(t, strings.Replace(attaching, tt.old, tt.new, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q in place of %q = %v, want %q", tt.new, tt.old, err, tt.want)
			}
		})
	}
}

// What another stack exports is known under whatever name that stack goes by,
// and without it nothing is imported.
func TestImports(t *testing.T) {
	if _, err := attached(t, strings.ReplaceAll(attaching, "latchkey-", "another-stack-")); err != nil {
		t.Errorf("imports from a stack of another name = %v, want nil", err)
	}
	parsed, err := template.Read([]byte(attaching))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parsed.Stack(nil); err == nil || !strings.Contains(err.Error(), "no stack here exports") {
		t.Errorf("imports from nowhere = %v, want a fault", err)
	}
	plain, err := template.Read([]byte(small))
	if err != nil || plain.Imports() {
		t.Errorf("Imports of a template without any = %v, %v, want false, nil", plain.Imports(), err)
	}
}
