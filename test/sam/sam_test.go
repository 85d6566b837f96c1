//go:build sam

// Package sam_test runs the functions under SAM CLI, on DynamoDB Local and a
// stand-in for KMS. run.sh builds them, renews the event files and starts it.
package sam_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/kmslocal"
)

// What run.sh sets.
const (
	variableSAM      = "SAM"          // the program
	variableFlags    = "SAM_FLAGS"    // of every `sam local` command: image, host names, parameters
	variableTemplate = "SAM_TEMPLATE" // as sam build wrote it, but for what SAM cannot resolve
	variableEvents   = "SAM_EVENTS"   // folder of the event files, renewed
)

const (
	apiID  = "1234567890" // of the API in every event that sam local start-api makes
	issuer = "http://localhost:3000/auth"
	kmsKey = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
)

func TestSAM(t *testing.T) {
	for _, name := range []string{variableSAM, variableFlags, variableTemplate, variableEvents} {
		if os.Getenv(name) == "" {
			t.Fatalf("%s is not set: run make test-sam", name)
		}
	}
	variables := map[string]string{
		"SESSIONS_TABLE":    dynamolocal.Table(t, dynamo.SessionsTable),
		"ACCOUNTS_TABLE":    dynamolocal.Table(t, accounts.AccountsTable),
		"KEYS_TABLE":        dynamolocal.Table(t, dynamo.KeysTable),
		"DYNAMODB_ENDPOINT": forward(t, dynamolocal.Endpoint(t)),
		"KMS_ENDPOINT":      serve(t, kmslocal.New(kmsKey)),
		"KMS_KEY_ID":        kmsKey,
		"MAIL_FROM":         "no-reply@example.com",
		"WEBSITE_DOMAIN":    "https://app.example.com",
		"SES_ENDPOINT":      serve(t, http.HandlerFunc(takeMail)),
	}
	c := newCLI(t, map[string]map[string]string{"Parameters": variables})
	configure(t, c)
	t.Run("start-api", func(t *testing.T) { testAPI(t, c) })
	t.Run("invoke", func(t *testing.T) { testEvents(t, variables) })
}

// takeMail stands in for SES.
func takeMail(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v2/email/outbound-emails" {
		http.NotFound(w, r)
		return
	}
	io.WriteString(w, `{"MessageId":"1"}`)
}

// configure has the first keys made, as after a deployment.
func configure(t *testing.T, c cli) {
	t.Helper()
	event := fmt.Sprintf(`{"action":"configure","issuer":%q,"apiId":%q}`, issuer, apiID)
	var answer struct {
		SigningKeys []struct{ Alg string }
	}
	text := c.invoke(t, "RotateKeysFunction", []byte(event))
	if err := json.Unmarshal(text, &answer); err != nil || len(answer.SigningKeys) != 1 {
		t.Fatalf("RotateKeysFunction(configure) = %s, want one signing key", text)
	}
}
