package template_test

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/functions/local/template"
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
			ID: "Api",
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

// What is not understood is refused with its place, never passed over.
func TestFaults(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"VALUE: plain", "VALUE: !Nope x", "line 37: unknown tag !Nope"},
		{"VALUE: plain", "VALUE: !ImportValue x", "Fn.Properties.Environment.Variables.VALUE: Fn::ImportValue is not evaluated here"},
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
		{`Auth: {Authorizer: NONE}`, `Auth: {AuthorizationScopes: [a]}`, "AuthorizationScopes: is not understood here"},
		{"EnableIamAuthorizer: true", "EnableIamAuthorizer: false", "AWS_IAM needs EnableIamAuthorizer"},
		{"EnableIamAuthorizer: true", "EnableIamAuthorizer: maybe", "neither true nor false"},
		{"FunctionArn: !GetAtt Fn.Arn", "FunctionArn: arn:aws:lambda:us-east-1:1:function:x", "not the ARN of a function of this template"},
		{"FunctionArn: !GetAtt Fn.Arn", "FunctionArn: !Sub \"arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:Gone\"", `there is no function "Gone"`},
		{"EnableFunctionDefaultPermissions: true", "EnableFunctionDefaultPermissions: false", "API Gateway may not call the function"},
		{`AuthorizerPayloadFormatVersion: "2.0"`, `AuthorizerPayloadFormatVersion: "1.0"`, `only "2.0"`},
		{`AuthorizerPayloadFormatVersion: "2.0"`, "AuthorizerPayloadFormatVersion: \"2.0\"\n            EnableSimpleResponses: true", "only policies"},
		{`AuthorizerPayloadFormatVersion: "2.0"`, "AuthorizerPayloadFormatVersion: \"2.0\"\n            JwtConfiguration: {}", "JwtConfiguration: is not understood here"},
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
		{"A: {Type: HttpApi", "A: {Type: Api", "only HTTP APIs"},
		{"ApiId: !Ref Api, Method: get", "ApiId: !Ref Api, PayloadFormatVersion: \"1.0\", Method: get", `only "2.0"`},
		{"  Table: {Type: AWS::DynamoDB::Table}", "  Table: {Type: AWS::Serverless::Api}", "only HTTP APIs"},
		{"    Properties:\n      Auth:", "    Properties:\n      StageName: prod\n      Auth:", "only the stage $default"},
		{"    Properties:\n      Auth:", "    Properties:\n      DefinitionBody: {}\n      Auth:", "is not read here"},
		{"Globals:\n", "Globals:\n  HttpApi: {}\n", "set it on the API"},
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

func TestReadRefusesWhatIsNoTemplate(t *testing.T) {
	for _, text := range []string{"", "null", "[]", "Resources: []", "Resources: {}", "{}\n---\n{}", "a: b: c", "\x00", "Parameters: 7\nResources: {A: {}}"} {
		if _, err := template.Read([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "template:") {
			t.Errorf("Read(%q) = %v, want an error of the template", text, err)
		}
	}
}

func TestParameters(t *testing.T) {
	parsed, err := template.Read([]byte(small))
	if err != nil {
		t.Fatalf("Read = %v, want nil", err)
	}
	for _, tt := range []struct{ name, value, want string }{
		{"Seconds", "1", ""}, {"Seconds", "90", ""}, {"Seconds", "1.5", ""},
		{"Seconds", "91", "up to 90"}, {"Seconds", "0", "from 1"}, {"Seconds", "", "a number"}, {"Seconds", "NaN", "a number"},
		{"Names", "abc", ""}, {"Names", "a,b,c", ""}, {"Names", "a,B", "of the form [a-z]+"}, {"Names", "a,,b", "of the form"},
		{"Word", "", ""}, {"Word", "abc", ""}, {"Word", "abc1", "it must be small letters"}, {"Word", "abc\n", "small letters"},
		{"word", "abc", "there is no parameter word; there are Seconds, Names, Word"},
	} {
		_, err := parsed.Stack(map[string]string{tt.name: tt.value})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Stack with %s=%q = %v, want %q", tt.name, tt.value, err, tt.want)
		}
	}
	all := map[string]string{"Seconds": "0", "Names": "A", "Other": ""}
	if _, err := parsed.Stack(all); err == nil || strings.Count(err.Error(), "template:") != 3 {
		t.Errorf("Stack of three faults = %v, want all three", err)
	}
	required := with(t, "Type: Number, Default: 60", "Type: Number")
	if parsed, err = template.Read([]byte(required)); err != nil {
		t.Fatalf("Read = %v, want nil", err)
	}
	if _, err := parsed.Stack(nil); err == nil || !strings.Contains(err.Error(), "Seconds has no default") {
		t.Errorf("Stack without a value = %v, want that Seconds has none", err)
	}
}

// The template of this repository: the authorizer is asked for every request,
// nothing but what must be is open, and administration takes a signature.
func TestOwnTemplate(t *testing.T) {
	data, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	api := stack(t, string(data), nil).APIs[0]
	if got := api.Authorizers["Session"]; got.TTL != 0 || len(got.Sources) != 0 || got.Function != "AuthorizerFunction" {
		t.Errorf("authorizer = %+v, want TTL 0 and no identity source", got)
	}
	for _, route := range api.Routes {
		_, path, _ := strings.Cut(route.Key, " ")
		want := "Session"
		switch {
		case strings.HasPrefix(path, "/admin/"):
			want = template.IAM
		case strings.HasPrefix(path, "/auth/") && !strings.HasPrefix(path, "/auth/sessions"):
			want = template.None
		}
		if route.Auth != want {
			t.Errorf("route %s is authorized by %s, want %s", route.Key, route.Auth, want)
		}
		if strings.Contains(route.Key, "ANY") || strings.Contains(route.Key, "+}") || route.Key == "$default" {
			t.Errorf("route %s takes more than one method or path", route.Key)
		}
	}
	for _, name := range []string{"front-token", "st-access-token", "st-refresh-token", "anti-csrf"} {
		if !slices.Contains(api.CORS.Expose, name) {
			t.Errorf("CORS exposes %v, want %s among them", api.CORS.Expose, name)
		}
	}
	for _, name := range []string{"content-type", "rid", "fdi-version", "anti-csrf", "authorization", "st-auth-mode"} {
		if !slices.Contains(api.CORS.Headers, name) {
			t.Errorf("CORS allows %v, want %s among them", api.CORS.Headers, name)
		}
	}
	if none := stack(t, string(data), map[string]string{"AllowedOrigins": ""}).APIs[0]; none.CORS != nil {
		t.Errorf("CORS without origins = %+v, want none", none.CORS)
	}
}

// A parameter's name is its variable's, in upper snake case, and every
// function has all of them but for those that only shape the stack.
func TestSettingsReachEveryFunction(t *testing.T) {
	data, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := template.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	infrastructure := []string{"Architecture", "HashingConcurrency", "LogRetentionDays", "Tracing"}
	s := stack(t, string(data), nil)
	for _, p := range parsed.Parameters() {
		if p.Description == "" {
			t.Errorf("parameter %s has no description", p.Name)
		}
		if slices.Contains(infrastructure, p.Name) {
			continue
		}
		for _, f := range s.Functions {
			if got, found := f.Environment[upperSnake(p.Name)]; !found || got != p.Default {
				t.Errorf("%s: %s = %q, want the default %q", f.ID, upperSnake(p.Name), got, p.Default)
			}
		}
	}
	for _, f := range s.Functions {
		if f.Environment["DYNAMODB_ENDPOINT"] != "" || f.Environment["PUBLIC_KEYS"] != "" {
			t.Errorf("%s: an endpoint or public keys are set where they must be empty", f.ID)
		}
		if names := slices.Sorted(maps.Keys(f.Environment)); !slices.Contains(names, "PUBLIC_KEYS") || !slices.Contains(names, "DYNAMODB_ENDPOINT") {
			t.Errorf("%s: variables %v, want PUBLIC_KEYS and DYNAMODB_ENDPOINT declared", f.ID, names)
		}
	}
	if _, found := function(s, "AuthorizerFunction").Environment["KMS_KEY_ID"]; found {
		t.Error("the authorizer is told the KMS key, want that it is not")
	}
}

func function(s *template.Stack, id string) template.Function {
	f, _ := s.Function(id)
	return f
}

func upperSnake(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
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

// FuzzRead feeds texts that may be no templates: whatever comes out, it is an
// error or a stack whose routes all have a function and an authorization.
func FuzzRead(f *testing.F) {
	f.Add(small)
	f.Add("Resources: {A: !Ref B}")
	f.Add("Conditions: {A: !Condition A}\nResources: {B: {Type: AWS::Serverless::Function, Condition: A}}")
	if data, err := os.ReadFile("../../../template.yaml"); err == nil {
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := template.Read([]byte(text))
		if err != nil {
			return
		}
		s, err := parsed.Stack(nil)
		if err != nil {
			return
		}
		for _, api := range s.APIs {
			for _, route := range api.Routes {
				_, function := s.Function(route.Function)
				_, authorizer := api.Authorizers[route.Auth]
				if !function || !authorizer && route.Auth != template.None && route.Auth != template.IAM {
					t.Errorf("route %+v has no function or no authorization", route)
				}
			}
		}
	})
}
