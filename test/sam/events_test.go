//go:build sam

package sam_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/dynamolocal"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// testEvents feeds event files to the functions by sam local invoke: all of
// the authorizer's, and one of every other function. Their answers are the
// ones beside them, which the functions' own tests go by as well.
func testEvents(t *testing.T, variables map[string]string) {
	c := newCLI(t, eventVariables(t, variables))
	seedSessions(t, variables["SESSIONS_TABLE"])
	seedAccount(t, c)
	for _, name := range authorizerEvents(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := answerTo(t, c, "AuthorizerFunction", name)
			if !equal(withoutTimes(got), want) {
				t.Errorf("answer = %s, want %s", text(got), text(want))
			}
		})
	}
	for function, name := range otherEvents() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := answerTo(t, c, function, name)
			if !covers(got, want) {
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
	settings := token.Settings{Issuer: issuer, APIID: apiID}
	if err := dynamo.NewKeys(dynamolocal.Client(t), empty).PutSettings(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	env["RotateKeysFunction"] = map[string]string{"KEYS_TABLE": empty}
	env["Parameters"] = variables
	return env
}

// otherEvents has one event for every function but the authorizer.
func otherEvents() map[string]string {
	return map[string]string{
		"SignUpFunction":     "signup/new-user",
		"SignInFunction":     "signin/right",
		"RefreshFunction":    "refresh/garbage",
		"RevokeFunction":     "revoke/own-list",
		"DataFunction":       "data/read",
		"JwksFunction":       "jwks/keys",
		"RotateKeysFunction": "rotatekeys/daily",
		"NotesFunction":      "notes/list",
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

// seedSessions gives Ada, of whom the event files speak, a live session and a
// revoked one, whose handle is 16 more in every byte of its id.
func seedSessions(t *testing.T, table string) {
	t.Helper()
	var id [16]byte
	for i := range id {
		id[i] = byte(i)
	}
	user := sessions.KeyOf("public", "ada")
	live := sessions.Handle(append(user[:], id[:]...))
	gone := live
	for i := range gone[len(user):] {
		gone[len(user)+i] += 16
	}
	store, now := dynamo.New(dynamolocal.Client(t), table), time.Now().Truncate(time.Second)
	for _, handle := range []sessions.Handle{live, gone} {
		err := store.Create(t.Context(), sessions.Session{
			Handle: handle, Tenant: "public", User: "ada", RecipeUser: "ada", State: sessions.Live, Hash: [32]byte{1}, MACKey: "m1",
			Created: now, Idle: now.Add(48 * time.Hour), Absolute: now.Add(48 * time.Hour),
			Claims: json.RawMessage(`{"plan":"pro"}`), ClaimsVersion: 1, Device: "curl/8.5.0",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Revoke(t.Context(), gone, now, "test"); err != nil {
		t.Fatal(err)
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
	if want := map[string]any{"statusCode": 200.0, "body": map[string]any{"status": "OK"}}; !covers(got, want) {
		t.Fatalf("SignUpFunction(Ada) = %s, want %s in it", text(got), text(want))
	}
}
