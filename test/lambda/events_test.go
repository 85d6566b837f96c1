//go:build dynamodb

package lambda_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/dynamolocal"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// testEvents feeds every event file to its function and compares the answer
// with the one beside it. The files are renewed first, since their tokens live
// for a day.
func testEvents(t *testing.T, binaries map[string]string) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "events"))); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "run", filepath.Join("..", "..", "events", "generate"), "-dir", dir).CombinedOutput(); err != nil {
		t.Fatalf("renewing the event files: %v\n%s", err, out)
	}
	var env map[string]map[string]string
	readJSON(t, filepath.Join(dir, "env.json"), &env)
	s := newStack(t, binaries, env)
	s.makeKeysOfEvents(t, dir)
	s.signUpAda(t, dir)
	// In reverse, notes are listed before one is added.
	for _, name := range slices.Backward(eventNames(t, dir)) {
		t.Run(name, func(t *testing.T) {
			s.seedSessions(t)
			got := withoutTimes(s.feed(t, dir, name))
			var want any
			readJSON(t, filepath.Join(dir, name+".want.json"), &want)
			// Of the authorizer nothing but what is wanted may come.
			if filepath.Dir(name) == "authorizer" && !reflect.DeepEqual(got, want) || !covers(got, want) {
				t.Errorf("answer = %s, want %s", asJSON(got), asJSON(want))
			}
		})
	}
	s.addStored(t)
	s.checkLogs(t)
}

// eventNames returns the names of all event files but those of rotatekeys,
// which belong to the first day of a stack.
func eventNames(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.want.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no event files: %v", err)
	}
	var names []string
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".want.json")
		if filepath.Dir(name) != "rotatekeys" {
			names = append(names, name)
		}
	}
	return names
}

// feed returns what Lambda would answer to an event file.
func (s *stack) feed(t *testing.T, dir, name string) any {
	t.Helper()
	event, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`).FindAllString(string(event), -1) {
		s.secrets.add(token)
	}
	answer, err := s.functions[functionOf(t, s, filepath.Dir(name))].Invoke(t.Context(), atOurTime(t, dir, event))
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(answer.Payload)
	if answer.Error != nil {
		text = []byte(asJSON(answer.Error))
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// atOurTime moves the time of the authorizer's decision. In the files it is
// about a minute after the tokens were issued, when they are thought to be read.
func atOurTime(t *testing.T, dir string, event []byte) []byte {
	t.Helper()
	var anchor struct{ Headers map[string]string }
	readJSON(t, filepath.Join(dir, "authorizer", "http-2-get.json"), &anchor)
	issued, _ := claims(t, anchor.Headers["authorization"])["iat"].(float64)
	moved := time.Since(time.Unix(int64(issued), 0)) - time.Minute
	decided := regexp.MustCompile(`("decided": ")(\d+)"`)
	return decided.ReplaceAllFunc(event, func(member []byte) []byte {
		parts := decided.FindSubmatch(member)
		seconds, err := strconv.ParseInt(string(parts[2]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Appendf(nil, `%s%d"`, parts[1], seconds+int64(moved.Seconds()))
	})
}

// functionOf returns the logical id of the function whose events are in the
// folder.
func functionOf(t *testing.T, s *stack, folder string) string {
	t.Helper()
	ids := slices.Collect(maps.Keys(s.functions))
	i := slices.IndexFunc(ids, func(id string) bool { return strings.EqualFold(id, folder+"Function") })
	if i < 0 {
		t.Fatalf("no function of %v for the events in %s", ids, folder)
	}
	return ids[i]
}

// makeKeysOfEvents makes the keys by the event of the schedule.
func (s *stack) makeKeysOfEvents(t *testing.T, dir string) {
	t.Helper()
	store := dynamo.NewKeys(dynamolocal.Client(t), s.tables["KEYS_TABLE"])
	if err := store.PutSettings(t.Context(), token.Settings{Issuer: "http://localhost:3000/auth", APIID: "local"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rotatekeys/daily", "rotatekeys/unknown-action"} {
		var want any
		readJSON(t, filepath.Join(dir, name+".want.json"), &want)
		if got := s.feed(t, dir, name); !covers(got, want) {
			t.Fatalf("%s = %s, want %s", name, asJSON(got), asJSON(want))
		}
	}
}

// signUpAda makes the account that the files sign in to.
func (s *stack) signUpAda(t *testing.T, dir string) {
	t.Helper()
	var event, signIn map[string]any
	readJSON(t, filepath.Join(dir, "signup", "new-user.json"), &event)
	readJSON(t, filepath.Join(dir, "signin", "right.json"), &signIn)
	event["body"] = signIn["body"]
	answer, err := s.invoke(t.Context(), "SignUpFunction", []byte(asJSON(event)))
	if err != nil || !strings.Contains(string(answer), `"statusCode":200`) {
		t.Fatalf("SignUpFunction(Ada) = %s, %v, want 200", answer, err)
	}
}

// seedSessions leaves the table with the two sessions of which the files
// speak: a live one and, 16 more in every byte of its id, a revoked one.
func (s *stack) seedSessions(t *testing.T) {
	t.Helper()
	table, client := s.tables["SESSIONS_TABLE"], dynamolocal.Client(t)
	for _, item := range s.scan(t, "SESSIONS_TABLE").Items {
		key := map[string]types.AttributeValue{"user": item["user"], "item": item["item"]}
		if _, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	user := sessions.KeyOf("public", "ada")
	live := sessions.Handle(append(user[:], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
	gone := live
	for i := range gone[len(user):] {
		gone[len(user)+i] += 16
	}
	store, now := dynamo.New(client, table), time.Now().Truncate(time.Second)
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

// withoutTimes puts $DECIDED and $EXPIRES in place of the times in the context
// of an authorizer's answer, where they are now and within a day.
func withoutTimes(answer any) any {
	members, _ := answer.(map[string]any)
	context, _ := members["context"].(map[string]any)
	for name, longest := range map[string]time.Duration{"decided": time.Minute, "expires": 24*time.Hour + time.Minute} {
		text, _ := context[name].(string)
		seconds, err := strconv.ParseInt(text, 10, 64)
		if ahead := time.Until(time.Unix(seconds, 0)); err == nil && ahead > -time.Minute && ahead < longest {
			context[name] = "$" + strings.ToUpper(name)
		}
	}
	return answer
}

// covers reports whether got has all that want names: objects may have more
// members, lists must be as long. Where want has an object, got may have its
// JSON as text, as bodies are.
func covers(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		if text, ok := got.(string); ok && json.Unmarshal([]byte(text), &got) != nil {
			return false
		}
		members, ok := got.(map[string]any)
		for name, value := range want {
			member, there := members[name]
			ok = ok && there && covers(member, value)
		}
		return ok
	case []any:
		items, ok := got.([]any)
		ok = ok && len(items) == len(want)
		for i := 0; ok && i < len(want); i++ {
			ok = covers(items[i], want[i])
		}
		return ok
	}
	return reflect.DeepEqual(got, want)
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// asJSON returns the JSON of what was decoded from JSON.
func asJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
