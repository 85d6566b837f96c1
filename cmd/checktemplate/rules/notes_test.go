package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/cmd/checktemplate/rules"
	"github.com/latchkey-auth/latchkey/internal/template/document"
)

// An authorizer of API Gateway's own is noted if the tokens are Latchkey's. The
// template may name the issuer in any way, and may use the forms of SAM or
// CloudFormation.
func TestNotes(t *testing.T) {
	const sam = `
Transform: AWS::Serverless-2016-10-31
Conditions: {Odd: !Equals [!Ref AWS::Region, x]}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        Authorizers:
          Token:
            JwtConfiguration: {issuer: %s, audience: [a]}
            IdentitySource: $request.header.Authorization
`
	const plain = `
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}
  Token:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties: {ApiId: !Ref Api, Name: a, AuthorizerType: JWT, IdentitySource: [$request.header.Authorization], JwtConfiguration: {Issuer: %s, Audience: [a]}}
`
	for issuer, want := range map[string]int{
		`!ImportValue latchkey-Issuer`:                          1,
		`{Fn::ImportValue: !Sub "${LatchkeyStack}-Issuer"}`:     1,
		`!GetAtt Latchkey.Outputs.Issuer`:                       1,
		`https://api.example.com/auth`:                          1,
		`!If [Odd, https://api.example.com/auth, https://x]`:    1,
		`https://cognito-idp.us-east-1.amazonaws.com/us-east-1`: 0,
		`!ImportValue other-Url`:                                0,
	} {
		for form, text := range map[string]string{"SAM": sam, "CloudFormation": plain} {
			d, err := document.Parse(fmt.Appendf(nil, text, issuer))
			if err != nil {
				t.Fatal(err)
			}
			notes := rules.Notes(d)
			if len(notes) != want || want == 1 && (notes[0].Line == 0 || !strings.HasPrefix(notes[0].Resource, "Api, ") || !strings.Contains(notes[0].Text, "RS256")) {
				t.Errorf("%s: Notes with the issuer %s = %v, want %d", form, issuer, notes, want)
			}
		}
	}
}
