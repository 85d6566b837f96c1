//go:build dynamodb

package lambda_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

const (
	apiID = "abcdef1234"

	// A caller who knows the callback URL can answer for the function.
	callbackSignature = "0123456789abcdef-of-a-presigned-url"

	issuer = "https://abcdef1234.execute-api.us-east-1.amazonaws.com/auth"
)

// cloudFormation receives the answers of custom resources at their callback
// URL.
type cloudFormation struct {
	server  *httptest.Server
	url     string
	status  int // of its answers
	answers chan resourceAnswer
}

// resourceAnswer is what CloudFormation reads.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
type resourceAnswer struct {
	Status, Reason, PhysicalResourceID, StackID, RequestID, LogicalResourceID string
}

func startCloudFormation(t *testing.T) *cloudFormation {
	t.Helper()
	c := &cloudFormation{status: http.StatusOK, answers: make(chan resourceAnswer, 8)}
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a resourceAnswer
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil || r.Method != http.MethodPut {
			t.Errorf("CloudFormation got %s and %v, want PUT and JSON", r.Method, err)
		}
		c.answers <- a
		w.WriteHeader(c.status)
	}))
	t.Cleanup(c.server.Close)
	c.url = c.server.URL + "/answer?X-Amz-Signature=" + callbackSignature
	return c
}

// request is an event of the custom resource.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
func (c *cloudFormation) request(kind, properties string) []byte {
	return fmt.Appendf(nil, `{"RequestType":%q,"ServiceToken":"arn:aws:lambda:us-east-1:123456789012:function:rotatekeys","ResponseURL":%q,`+
		`"StackId":"arn:aws:cloudformation:us-east-1:123456789012:stack/latchkey/1","RequestId":"request-1","LogicalResourceId":"Settings",`+
		`"PhysicalResourceId":"latchkey-settings","ResourceType":"Custom::Settings","ResourceProperties":%s}`, kind, c.url, properties)
}

// properties returns the properties that the template gives the custom
// resource.
func properties(issuer string) string {
	return fmt.Sprintf(`{"ServiceToken":"arn:aws:lambda:us-east-1:123456789012:function:rotatekeys","Issuer":%q,"ApiId":%q}`, issuer, apiID)
}

// daily returns the event of the schedule.
const daily = `{"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event","source":"aws.events",` +
	`"account":"123456789012","time":"2026-01-01T00:00:00Z","region":"us-east-1",` +
	`"resources":["arn:aws:events:us-east-1:123456789012:rule/latchkey-daily"],"detail":{}}`

// testKeys makes the first keys as a deployment does, with the custom resource,
// and the next ones by the schedule. Everything can be repeated.
func (s *stack) testKeys(t *testing.T) {
	c := startCloudFormation(t)
	s.secrets.add(callbackSignature)
	s.kms.Refuse(1) // as it does with a role made a moment ago
	for _, step := range []struct {
		name    string
		event   []byte
		status  string // told to CloudFormation; "" means that the event is not from it
		signing int    // keys afterwards
	}{
		{"Create without properties", c.request("Create", `{}`), "FAILED", 0},
		{"Create", c.request("Create", properties(issuer)), "SUCCESS", 1},
		{"Create again", c.request("Create", properties(issuer)), "SUCCESS", 2}, // the next key, a day ahead
		{"Update", c.request("Update", properties(issuer)), "SUCCESS", 2},
		{"schedule", []byte(daily), "", 2},
		{"schedule again", []byte(daily), "", 2},
		{"Delete", c.request("Delete", properties(issuer)), "SUCCESS", 2},
	} {
		_, err := s.invoke(t.Context(), "RotateKeysFunction", step.event)
		if err != nil {
			t.Errorf("%s = %v, want nil", step.name, err)
		}
		if step.status != "" {
			expect(t, c, step.name, step.status)
		}
		if signing, mac := s.countKeys(t); signing != step.signing || mac != min(signing, 1) {
			t.Errorf("%s left %d signing keys and %d MAC keys, want %d and one if any", step.name, signing, mac, step.signing)
		}
	}
	s.testLostCallback(t, c)
}

// testLostCallback answers with an error, so Lambda repeats the event. The
// error must not contain the URL.
func (s *stack) testLostCallback(t *testing.T, c *cloudFormation) {
	c.status = http.StatusForbidden // as if the URL had expired
	for _, reached := range []bool{true, false} {
		if !reached {
			c.server.Close()
		}
		_, err := s.invoke(t.Context(), "RotateKeysFunction", c.request("Update", properties(issuer)))
		if err == nil || strings.Contains(err.Error(), callbackSignature) {
			t.Errorf("Update whose callback fails (reached: %v) = %v, want an error without the callback's signature", reached, err)
		}
	}
}

// expect checks the answer to CloudFormation.
func expect(t *testing.T, c *cloudFormation, step, status string) {
	t.Helper()
	select {
	case a := <-c.answers:
		want := resourceAnswer{status, a.Reason, "latchkey-settings", "arn:aws:cloudformation:us-east-1:123456789012:stack/latchkey/1", "request-1", "Settings"}
		if a != want {
			t.Errorf("%s told CloudFormation %+v, want %+v", step, a, want)
		}
	default:
		t.Errorf("%s told CloudFormation nothing, want %s", step, status)
	}
}

// countKeys counts the keys in the table.
func (s *stack) countKeys(t *testing.T) (signing, mac int) {
	t.Helper()
	records, err := dynamo.NewKeys(dynamolocal.Client(t), s.tables["KEYS_TABLE"]).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(records.Signing), len(records.MAC)
}

// testPublicKeys reads the public keys, which any caller may read.
func (s *stack) testPublicKeys(t *testing.T) {
	var keys struct {
		Keys []map[string]string `json:"keys"`
	}
	s.client(t).Get("/auth/jwt/jwks.json").Want(http.StatusOK).Decode(&keys)
	if len(keys.Keys) != 2 {
		t.Errorf("the key set has %d keys, want the active and the next one", len(keys.Keys))
	}
	for _, key := range keys.Keys {
		if key["alg"] != "ES256" || key["y"] == "" || key["d"] != "" {
			t.Errorf("key %s of the key set has members %v, want the public ones of ES256", key["kid"], slices.Collect(maps.Keys(key)))
		}
	}
	var discovery struct {
		Issuer string `json:"issuer"`
		URI    string `json:"jwks_uri"`
	}
	s.client(t).Get("/auth/.well-known/openid-configuration").Want(http.StatusOK).Decode(&discovery)
	if discovery.Issuer != issuer || discovery.URI != issuer+"/jwt/jwks.json" {
		t.Errorf("discovery = %+v, want those of the issuer %s", discovery, issuer)
	}
}
