//go:build dynamodb

package lambda_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

const (
	apiID = "abcdef1234"

	// A caller who knows the callback URL can answer for the function.
	callbackSignature = "0123456789abcdef-of-a-presigned-url"

	issuer = "https://abcdef1234.execute-api.us-east-1.amazonaws.com/auth"
)

// daily returns the event of the schedule.
const daily = `{"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event","source":"aws.events",` +
	`"account":"123456789012","time":"2026-01-01T00:00:00Z","region":"us-east-1",` +
	`"resources":["arn:aws:events:us-east-1:123456789012:rule/latchkey-daily"],"detail":{}}`

// testKeys makes the first keys as a deployment does, with the custom resource,
// and the next ones by the schedule. If CloudFormation cannot be told, the
// error does not contain the callback's URL.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
func (s *stack) testKeys(t *testing.T) {
	var told string
	cloudFormation := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what was read is compared
		told = r.Method + " " + string(body)
	}))
	defer cloudFormation.Close()
	s.secrets.add(callbackSignature)
	create := fmt.Appendf(nil, `{"RequestType":"Create","ServiceToken":"arn:aws:lambda:us-east-1:123456789012:function:rotatekeys",`+
		`"StackId":"arn:aws:cloudformation:us-east-1:123456789012:stack/latchkey/1","RequestId":"request-1","LogicalResourceId":"Settings",`+
		`"ResponseURL":"%s/answer?X-Amz-Signature=%s","ResourceType":"Custom::Settings","ResourceProperties":{"Issuer":%q,"ApiId":%q}}`,
		cloudFormation.URL, callbackSignature, issuer, apiID)
	s.kms.Refuse(1) // as it does with a role made a moment ago
	for i, event := range [][]byte{create, []byte(daily), []byte(daily)} {
		_, err := s.invoke(t.Context(), "RotateKeysFunction", event)
		if r := s.keys(t); err != nil || len(r.Signing) != min(i+1, 2) || len(r.MAC) != 1 {
			t.Errorf("event %d = %v and left %d signing keys and %d MAC keys", i, err, len(r.Signing), len(r.MAC))
		}
	}
	if !strings.HasPrefix(told, "PUT ") || !strings.Contains(told, `"Status":"SUCCESS"`) {
		t.Errorf("CloudFormation was told %s, want SUCCESS", told)
	}
	cloudFormation.Close()
	if _, err := s.invoke(t.Context(), "RotateKeysFunction", create); err == nil || strings.Contains(err.Error(), callbackSignature) {
		t.Errorf("Create whose callback fails = %v, want an error without the callback's signature", err)
	}
}

// keys returns the keys in the table.
func (s *stack) keys(t *testing.T) token.Records {
	t.Helper()
	records, err := dynamo.NewKeys(dynamolocal.Client(t), s.tables["KEYS_TABLE"]).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// testPublicKeys reads the public keys, which any caller may read.
func (s *stack) testPublicKeys(t *testing.T) {
	keys := s.client(t).Get("/auth/jwt/jwks.json").Want(http.StatusOK).Saying(`"alg":"ES256"`)
	if n := strings.Count(string(keys.Body), `"kid"`); n != 2 || strings.Contains(string(keys.Body), `"d"`) {
		t.Errorf("the key set is %s, want the public halves of the active key and the next", keys.Body)
	}
	s.client(t).Get("/auth/.well-known/openid-configuration").Want(http.StatusOK).
		Saying(`"issuer":"` + issuer + `"`).Saying(`"jwks_uri":"` + issuer + `/jwt/jwks.json"`)
}
