//go:build dynamodb

package lambda_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/eventstest"
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
			got := eventstest.WithoutTimes(s.feed(t, dir, name), time.Now())
			var want any
			readJSON(t, filepath.Join(dir, name+".want.json"), &want)
			if !eventstest.Agrees(name, got, want) {
				t.Errorf("answer = %s, want %s", asJSON(got), asJSON(want))
			}
		})
	}
	if !s.secrets.in("nine tall birches by the river") {
		t.Error("the password of the files is not among what no log may hold")
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
	s.secrets.addTokens(string(event))
	answer, err := s.functions[functionOf(t, s, filepath.Dir(name))].Invoke(t.Context(), atOurTime(t, dir, event))
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(answer.Payload)
	if answer.Error != nil {
		text = []byte(asJSON(answer.Error))
	}
	s.secrets.addTokens(string(text))
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
	if err := store.SetIssuer(t.Context(), "http://localhost:3000/auth", "local"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rotatekeys/daily", "rotatekeys/unknown-action"} {
		var want any
		readJSON(t, filepath.Join(dir, name+".want.json"), &want)
		if got := s.feed(t, dir, name); !eventstest.Covers(got, want) {
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
// speak, and no other.
func (s *stack) seedSessions(t *testing.T) {
	t.Helper()
	table, client := s.tables["SESSIONS_TABLE"], dynamolocal.Client(t)
	for _, item := range s.scan(t, "SESSIONS_TABLE").Items {
		key := map[string]types.AttributeValue{"user": item["user"], "item": item["item"]}
		if _, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	if err := eventstest.Seed(t.Context(), dynamo.New(client, table), time.Now().Truncate(time.Second)); err != nil {
		t.Fatal(err)
	}
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
