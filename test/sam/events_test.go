//go:build sam

package sam_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/eventstest"
)

// testEvents feeds event files to the functions by sam local invoke: all of
// the authorizer's, and one of every other function. Their answers are the
// ones beside them, which the functions' own tests go by as well.
func testEvents(t *testing.T, variables map[string]string) {
	c := newCLI(t, eventVariables(t, variables))
	if err := eventstest.Seed(t.Context(), dynamo.New(dynamolocal.Client(t), variables["SESSIONS_TABLE"]), time.Now().Truncate(time.Second)); err != nil {
		t.Fatal(err)
	}
	seedAccount(t, c)
	for _, name := range authorizerEvents(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := answerTo(t, c, "AuthorizerFunction", name)
			if !eventstest.Agrees(name, eventstest.WithoutTimes(got, time.Now()), want) {
				t.Errorf("answer = %s, want %s", text(got), text(want))
			}
		})
	}
	for function, name := range otherEvents() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := answerTo(t, c, function, name)
			if !eventstest.Agrees(name, got, want) {
				t.Errorf("answer = %s, want %s in it", text(got), text(want))
			}
		})
	}
}

// eventVariables returns what the functions get for the event files: the
// public key that signed the files' tokens, and for the making of keys a table
// without any.
func eventVariables(t *testing.T, variables map[string]string) map[string]map[string]string {
	t.Helper()
	var env map[string]map[string]string
	decode(t, readEvent(t, "env.json"), &env)
	empty := dynamolocal.Table(t, dynamo.KeysTable)
	if err := dynamo.NewKeys(dynamolocal.Client(t), empty).SetIssuer(t.Context(), issuer, apiID); err != nil {
		t.Fatal(err)
	}
	env["RotateKeysFunction"] = map[string]string{"KEYS_TABLE": empty}
	env["Parameters"] = variables
	return env
}

// otherEvents has one event for every function but the authorizer.
func otherEvents() map[string]string {
	return map[string]string{
		"SignUpFunction":      "signup/new-user",
		"SignInFunction":      "signin/right",
		"RefreshFunction":     "refresh/garbage",
		"RevokeFunction":      "revoke/own-list",
		"DataFunction":        "data/read",
		"ImpersonateFunction": "impersonate/start",
		"JwksFunction":        "jwks/keys",
		"MailFunction":        "mail/reset",
		"RotateKeysFunction":  "rotatekeys/daily",
		"NotesFunction":       "notes/list",
	}
}

// authorizerEvents returns the names of the authorizer's event files.
func authorizerEvents(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.Getenv(variableEvents), "authorizer", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no event files of the authorizer: %v", err)
	}
	var names []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); !strings.HasSuffix(name, ".want") {
			names = append(names, "authorizer/"+name)
		}
	}
	return names
}

// answerTo returns what the function answered to the event, and what it should.
func answerTo(t *testing.T, c cli, function, name string) (got, want any) {
	t.Helper()
	decode(t, c.invoke(t, function, readEvent(t, name+".json")), &got)
	decode(t, readEvent(t, name+".want.json"), &want)
	return got, want
}

func readEvent(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(os.Getenv(variableEvents), name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode(t *testing.T, text []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// seedAccount signs up the user whom signin/right signs in.
func seedAccount(t *testing.T, c cli) {
	t.Helper()
	var event, right map[string]any
	decode(t, readEvent(t, "signup/new-user.json"), &event)
	decode(t, readEvent(t, "signin/right.json"), &right)
	event["body"] = right["body"]
	var got any
	decode(t, c.invoke(t, "SignUpFunction", []byte(text(event))), &got)
	if want := map[string]any{"statusCode": 200.0, "body": map[string]any{"status": "OK"}}; !eventstest.Covers(got, want) {
		t.Fatalf("SignUpFunction(Ada) = %s, want %s in it", text(got), text(want))
	}
}

// text returns v as JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
