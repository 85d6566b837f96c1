package template_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// whole is a template with everything that can be served. Tests change it by
// replacing a text.
const whole = `
Parameters:
  Seconds: {Type: Number, Default: 60, MinValue: 1, MaxValue: 90}
  Names: {Type: CommaDelimitedList, Default: "a,b", AllowedPattern: "[a-z]+"}
  Word: {Type: String, Default: "", AllowedPattern: "^$|^[a-z]+$", ConstraintDescription: small letters}
Mappings: {Of: {us-east-1: {Word: mapped, List: [m, n]}}}
Conditions:
  HasWord: !Not [!Equals [!Ref Word, ""]]
  Never: !And [!Condition HasWord, !Equals [!Ref Word, ""]]
  Always: !Or [!Condition HasWord, !Equals [!Ref Word, ""]]
Globals:
  Function:
    Timeout: 7
    Environment: {Variables: {SECONDS: !Ref Seconds, SHARED: globals}}
  HttpApi: {CorsConfiguration: {AllowOrigins: !Ref Names, AllowCredentials: true, MaxAge: 60}}
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Policy: {Type: AWS::IAM::ManagedPolicy}
  Checked: {Type: AWS::Lambda::Alias, Properties: {Name: checked, FunctionName: !Ref Fn}}
  Extra: {Type: AWS::Serverless::Function, Condition: HasWord}
  Fn:
    Type: AWS::Serverless::Function
    Condition: Always
    Properties:
      AutoPublishAlias: live
      Environment:
        Variables:
          SHARED: own
          VALUE: plain
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: /a}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: "/b/{id}", Auth: {Authorizer: NONE}}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: "/c/{proxy+}", Auth: {Authorizer: AWS_IAM}}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Api}}
        E: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        F: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: /f, Auth: {Authorizer: Token}}}
        G: {Type: Api, Properties: {RestApiId: !Ref Rest, Method: post, Path: "/g/{id}"}}
        H: {Type: Api, Properties: {RestApiId: !Ref Rest, Method: get, Path: /h, Auth: {Authorizer: NONE}}}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Session
        EnableIamAuthorizer: true
        Authorizers:
          Session:
            FunctionArn: !If [Never, gone, !GetAtt Fn.Arn]
            EnableFunctionDefaultPermissions: true
            AuthorizerPayloadFormatVersion: "2.0"
            Identity: {Headers: [Authorization], Context: [httpMethod], ReauthorizeEvery: 30}
          Token:
            JwtConfiguration: {issuer: !ImportValue latchkey-Issuer, audience: [!ImportValue latchkey-Issuer]}
            IdentitySource: $request.header.Authorization
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
            FunctionArn: !Ref Checked
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
  Root: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !ImportValue latchkey-ApiId, DomainName: d, Stage: $default}}
  Shop: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !Ref Api, DomainName: d, Stage: $default, ApiMappingKey: shop}}
`

// with returns the whole template with one text replaced.
func with(t *testing.T, old, new string) string {
	t.Helper()
	if !strings.Contains(whole, old) {
		t.Fatalf("the template has no %q", old)
	}
	return strings.Replace(whole, old, new, 1)
}

// load reads a template. It has exports of another stack.
func load(text string, set map[string]string) (*template.Stack, error) {
	parsed, err := template.Read([]byte(text))
	if err != nil {
		return nil, err
	}
	parsed.Import(map[string]string{
		"AuthorizerArn": "arn:aws:lambda:us-east-1:123456789012:function:Theirs:live", "Issuer": "http://issuer", "ApiId": "their-api",
	})
	return parsed.Stack(set)
}

func stack(t *testing.T, text string, set map[string]string) *template.Stack {
	t.Helper()
	s, err := load(text, set)
	if err != nil {
		t.Fatalf("Stack(%v) = %v, want nil", set, err)
	}
	return s
}

func TestStack(t *testing.T) {
	want := &template.Stack{
		Functions: []template.Function{{
			ID: "Fn", Timeout: 7 * time.Second, Environment: map[string]string{"SECONDS": "61", "SHARED": "own", "VALUE": "plain"},
		}},
		APIs: []template.API{{
			ID: "Api", Stage: "$default",
			Routes: []template.Route{
				{Key: "GET /a", Function: "Fn", Auth: "Session"},
				{Key: "POST /b/{id}", Function: "Fn", Auth: template.None},
				{Key: "ANY /c/{proxy+}", Function: "Fn", Auth: template.IAM},
				{Key: "$default", Function: "Fn", Auth: "Session"},
				{Key: "GET /f", Function: "Fn", Auth: "Token"},
			},
			Authorizers: map[string]template.Authorizer{
				"Session": {Function: "Fn", Sources: []string{"$request.header.Authorization", "$context.httpMethod"}, TTL: 30 * time.Second},
				"Token":   {Issuer: "http://issuer", Audience: []string{"http://issuer"}, Sources: []string{"$request.header.Authorization"}},
			},
			CORS: &template.CORS{Origins: []string{"a", "b"}, MaxAge: time.Minute, Credentials: true},
		}, {
			ID: "Rest", Kind: template.REST, Stage: "prod",
			Routes: []template.Route{{Key: "POST /g/{id}", Function: "Fn", Auth: "Session"}, {Key: "GET /h", Function: "Fn", Auth: template.None}},
			Authorizers: map[string]template.Authorizer{
				"Session": {Function: "Theirs:live"},
				"Header": {
					Function: "Fn:checked", Token: true, Sources: []string{"$request.header.X-Token"},
					Pattern: regexp.MustCompile("^(?:x.*)$"), TTL: 5 * time.Second,
				},
			},
			CORS: &template.CORS{
				Origins: []string{"https://a.example"}, Methods: []string{"GET", "POST"}, Headers: []string{"rid"}, MaxAge: time.Minute, Credentials: true,
			},
			Responses: map[string]template.GatewayResponse{
				"ACCESS_DENIED": {Status: 403, Headers: map[string]string{"X-A": "a"}, Body: "$context.authorizer.body"},
			},
		}, {
			ID: "Socket", Kind: template.WebSocket, Stage: "live", Selection: "action",
			Routes:      []template.Route{{Key: "$connect", Function: "Fn", Auth: "CUSTOM"}, {Key: "$default", Function: "Fn", Auth: template.None}},
			Authorizers: map[string]template.Authorizer{"CUSTOM": {Function: "Theirs:live"}},
		}},
		Mappings: []template.Mapping{{API: "their-api"}, {Path: "/shop", API: "Api"}},
	}
	for _, text := range []string{whole, strings.ReplaceAll(whole, "latchkey-", "another-stack-")} {
		if s := stack(t, text, map[string]string{"Seconds": "61"}); !reflect.DeepEqual(s, want) {
			t.Errorf("Stack of %.20q = %+v, want %+v", text, s, want)
		}
	}
	s := stack(t, whole, map[string]string{"Word": "set"})
	if _, found := s.Function("Extra"); !found || len(s.Functions) != 2 {
		t.Errorf("with its condition there are %+v, want Extra among them", s.Functions)
	}
}

// The same API in SAM's terms, on the API that SAM makes itself, in plain
// CloudFormation and as an OpenAPI document.
func TestDialects(t *testing.T) {
	const authorizer = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"
	const fn = "\n  Fn: {Type: AWS::Lambda::Function}\n  Role: {Type: AWS::IAM::Role}\n"
	for name, text := range map[string]string{
		"ServerlessHttpApi": `
Globals: {HttpApi: {Auth: {DefaultAuthorizer: Session, Authorizers: {Session: &session {FunctionArn: !GetAtt Fn.Arn, FunctionInvokeRole: !GetAtt Role.Arn,
  AuthorizerPayloadFormatVersion: "2.0", Identity: {Headers: [A], ReauthorizeEvery: 9}}}}}}
Resources:
  Role: {Type: AWS::IAM::Role}
  Fn: {Type: AWS::Serverless::Function, Properties: {Events: {A: {Type: HttpApi, Properties: {Method: put, Path: /a}}}}}`,
		"Plain": `Resources:` + fn + `
  Plain: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Plain, StageName: $default}}
  Session: {Type: AWS::ApiGatewayV2::Authorizer, Properties: {ApiId: !Ref Plain, AuthorizerType: REQUEST, AuthorizerUri: !Sub "` + authorizer + `",
    AuthorizerCredentialsArn: !GetAtt Role.Arn, AuthorizerPayloadFormatVersion: "2.0", AuthorizerResultTtlInSeconds: 9, IdentitySource: [$request.header.A]}}
  To: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Plain, IntegrationUri: !GetAtt Fn.Arn, PayloadFormatVersion: "2.0"}}
  Put: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Plain, RouteKey: PUT /a, AuthorizationType: CUSTOM, AuthorizerId: !Ref Session,
    Target: !Sub "integrations/${To}"}}`,
		"Body": `Resources:` + fn + `
  Body: {Type: AWS::ApiGatewayV2::Api, Properties: {Body: {
    components: {securitySchemes: {Session: {x-amazon-apigateway-authorizer: {type: request, authorizerUri: !Sub "` + authorizer + `",
      authorizerCredentials: !GetAtt Role.Arn, authorizerPayloadFormatVersion: "2.0", authorizerResultTtlInSeconds: 9, identitySource: $request.header.A}}}},
    paths: {/a: {put: {security: [{Session: []}], x-amazon-apigateway-integration: {uri: !GetAtt Fn.Arn, payloadFormatVersion: "2.0"}}}}}}}`,
	} {
		want := []template.API{{
			ID: name, Stage: "$default", Routes: []template.Route{{Key: "PUT /a", Function: "Fn", Auth: "Session"}},
			Authorizers: map[string]template.Authorizer{"Session": {Function: "Fn", Sources: []string{"$request.header.A"}, TTL: 9 * time.Second}},
		}}
		if got := stack(t, text, nil).APIs; !reflect.DeepEqual(got, want) {
			t.Errorf("APIs of %s = %+v, want %+v", name, got, want)
		}
	}
}

func TestExpressions(t *testing.T) {
	for _, tt := range []struct{ expression, want string }{
		{`!Ref Seconds`, "60"},
		{`!Ref AWS::Region`, "us-east-1"},
		{`!Ref Table`, "latchkey-local-Table"},
		{`!Ref Fn`, "Fn"},
		{`!Ref Fn.Alias`, "arn:aws:lambda:us-east-1:123456789012:function:Fn:live"},
		{`!Ref Checked`, "arn:aws:lambda:us-east-1:123456789012:function:Fn:checked"},
		{`!Ref Policy`, "arn:aws:iam::123456789012:policy/latchkey-local-Policy"},
		{`!GetAtt Fn.Arn`, "arn:aws:lambda:us-east-1:123456789012:function:Fn"},
		{`{"Fn::GetAtt": [Table, Arn]}`, "arn:aws:dynamodb:us-east-1:123456789012:table/latchkey-local-Table"},
		{`!Sub "${Seconds}-${Fn.Arn}-${!Literal}-${AWS::Partition}"`, "60-arn:aws:lambda:us-east-1:123456789012:function:Fn-${Literal}-aws"},
		{`!Sub ["${X}${Seconds}", {X: !Ref Table}]`, "latchkey-local-Table60"},
		{`!Join ["+", !Ref Names]`, "a+b"},
		{`!Join ["-", !Split [",", "x,y"]]`, "x-y"},
		{`!Select [1, !Ref Names]`, "b"},
		{`!FindInMap [Of, !Ref AWS::Region, Word]`, "mapped"},
		{`!Select [1, !FindInMap [Of, !Ref AWS::Region, List]]`, "n"},
		{`!If [HasWord, !Ref Word, none]`, "none"},
		{`!If [Always, !If [Never, a, b], c]`, "b"},
		{`007`, "007"},
		{`!Ref AWS::NoValue`, ""},
	} {
		s := stack(t, with(t, "VALUE: plain", "VALUE: "+tt.expression), nil)
		if got := s.Functions[0].Environment["VALUE"]; got != tt.want {
			t.Errorf("value of %s = %q, want %q", tt.expression, got, tt.want)
		}
	}
}
