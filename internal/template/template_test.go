package template_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// small is a template of one function, one API and one authorizer. Tests
// change it by replacing a line.
const small = `
Parameters:
  Seconds: {Type: Number, Default: 60, MinValue: 1, MaxValue: 90}
  Names: {Type: CommaDelimitedList, Default: "a,b", AllowedPattern: "[a-z]+"}
  Word: {Type: String, Default: "", AllowedPattern: "^$|^[a-z]+$", ConstraintDescription: small letters}
Conditions:
  HasWord: !Not [!Equals [!Ref Word, ""]]
  Never: !And [!Condition HasWord, !Equals [!Ref Word, ""]]
  Always: !Or [!Condition HasWord, !Equals [!Ref Word, ""]]
Globals:
  Function:
    Timeout: 7
    Environment: {Variables: {SECONDS: !Ref Seconds, SHARED: globals}}
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Alias: {Type: AWS::Lambda::Alias, Properties: {Name: checked, FunctionName: !Ref Fn}}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Session
        EnableIamAuthorizer: true
        Authorizers:
          Session:
            FunctionArn: !GetAtt Fn.Arn
            EnableFunctionDefaultPermissions: true
            AuthorizerPayloadFormatVersion: "2.0"
            Identity: {Headers: [Authorization], Context: [httpMethod], ReauthorizeEvery: 30}
      CorsConfiguration: {AllowOrigins: !Ref Names, AllowCredentials: true, MaxAge: 60}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables:
          SHARED: own
          JOINED: !Join ["+", !Ref Names]
          TABLE: !Ref Table
          VALUE: plain
      Events:
        A: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: /a}}
        B: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: POST, Path: "/b/{id}", Auth: {Authorizer: NONE}}}
        C: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: ANY, Path: "/c/{proxy+}", Auth: {Authorizer: AWS_IAM}}}
        D: {Type: HttpApi, Properties: {ApiId: !Ref Api}}
        E: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
`

// with returns the small template with one text in place of another.
func with(t *testing.T, old, new string) string {
	t.Helper()
	if !strings.Contains(small, old) {
		t.Fatalf("the small template has no %q", old)
	}
	return strings.Replace(small, old, new, 1)
}

func stack(t *testing.T, text string, set map[string]string) *template.Stack {
	t.Helper()
	parsed, err := template.Read([]byte(text))
	if err != nil {
		t.Fatalf("Read = %v, want nil", err)
	}
	s, err := parsed.Stack(set)
	if err != nil {
		t.Fatalf("Stack(%v) = %v, want nil", set, err)
	}
	return s
}

func TestStack(t *testing.T) {
	s := stack(t, small, map[string]string{"Seconds": "61"})
	want := &template.Stack{
		Functions: []template.Function{{
			ID: "Fn", Timeout: 7 * time.Second,
			Environment: map[string]string{
				"SECONDS": "61", "SHARED": "own", "JOINED": "a+b", "TABLE": "latchkey-local-Table", "VALUE": "plain",
			},
		}},
		APIs: []template.API{{
			ID: "Api", Stage: "$default",
			Routes: []template.Route{
				{Key: "GET /a", Function: "Fn", Auth: "Session"},
				{Key: "POST /b/{id}", Function: "Fn", Auth: template.None},
				{Key: "ANY /c/{proxy+}", Function: "Fn", Auth: template.IAM},
				{Key: "$default", Function: "Fn", Auth: "Session"},
			},
			Authorizers: map[string]template.Authorizer{"Session": {
				Function: "Fn", Sources: []string{"$request.header.Authorization", "$context.httpMethod"}, TTL: 30 * time.Second,
			}},
			CORS: &template.CORS{Origins: []string{"a", "b"}, MaxAge: time.Minute, Credentials: true},
		}},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("Stack = %+v, want %+v", s, want)
	}
}

func TestExpressions(t *testing.T) {
	for _, tt := range []struct{ expression, want string }{
		{`!Ref Seconds`, "60"},
		{`{Ref: Seconds}`, "60"},
		{`!Ref AWS::Region`, "us-east-1"},
		{`!Ref AWS::StackName`, "latchkey-local"},
		{`!Ref Table`, "latchkey-local-Table"},
		{`!Ref Fn`, "Fn"},
		{`!Ref Fn.Alias`, "arn:aws:lambda:us-east-1:123456789012:function:Fn:live"},
		{`!Ref Alias`, "arn:aws:lambda:us-east-1:123456789012:function:Fn:checked"},
		{`!GetAtt Fn.Arn`, "arn:aws:lambda:us-east-1:123456789012:function:Fn"},
		{`!GetAtt [Fn, Arn]`, "arn:aws:lambda:us-east-1:123456789012:function:Fn"},
		{`{"Fn::GetAtt": [Table, Arn]}`, "arn:aws:dynamodb:us-east-1:123456789012:table/latchkey-local-Table"},
		{`!Sub "${Seconds}-${Fn.Arn}-${!Literal}-${AWS::Partition}"`, "60-arn:aws:lambda:us-east-1:123456789012:function:Fn-${Literal}-aws"},
		{`!Sub ["${X}${Seconds}", {X: !Ref Table}]`, "latchkey-local-Table60"},
		{`!Join ["", [a, !Ref Seconds]]`, "a60"},
		{`!Join ["-", !Split [",", "x,y"]]`, "x-y"},
		{`!Select [1, !Ref Names]`, "b"},
		{`!If [HasWord, !Ref Word, none]`, "none"},
		{`!If [Always, !If [Never, a, b], c]`, "b"},
		{`true`, "true"},
		{`007`, "007"},
		{`!Ref AWS::NoValue`, ""},
	} {
		s := stack(t, with(t, "VALUE: plain", "VALUE: "+tt.expression), nil)
		if got := s.Functions[0].Environment["VALUE"]; got != tt.want {
			t.Errorf("value of %s = %q, want %q", tt.expression, got, tt.want)
		}
	}
}

func TestConditionsOfResources(t *testing.T) {
	conditional := with(t, "  Fn:\n    Type: AWS::Serverless::Function\n", "  Fn:\n    Type: AWS::Serverless::Function\n    Condition: Always\n  Extra:\n    Type: AWS::Serverless::Function\n    Condition: HasWord\n")
	if s := stack(t, conditional, nil); len(s.Functions) != 1 {
		t.Errorf("without the condition there are %d functions, want 1", len(s.Functions))
	}
	if s := stack(t, conditional, map[string]string{"Word": "set"}); len(s.Functions) != 2 {
		t.Errorf("with the condition there are %d functions, want 2", len(s.Functions))
	}
}

func TestReadRefusesWhatIsNoTemplate(t *testing.T) {
	for _, text := range []string{"", "null", "[]", "Resources: []", "Resources: {}", "{}\n---\n{}", "a: b: c", "\x00", "Parameters: 7\nResources: {A: {}}"} {
		if _, err := template.Read([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "template:") {
			t.Errorf("Read(%q) = %v, want an error of the template", text, err)
		}
	}
}

func TestFunction(t *testing.T) {
	s := stack(t, small, nil)
	if f, found := s.Function("Fn"); !found || f.ID != "Fn" {
		t.Errorf("Function(Fn) = %v %v, want it", f, found)
	}
	if _, found := s.Function("Other"); found {
		t.Error("Function(Other) was found")
	}
}
