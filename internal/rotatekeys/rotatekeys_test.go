package rotatekeys_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/sessions/keys"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// bench is a keeper over stores in memory, with a clock that is turned by hand.
type bench struct {
	store *faulty
	clock time.Time
	rotatekeys.Handler
	pauses int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{store: &faulty{KeyStore: memory.NewKeys()}, clock: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	keeper, err := keys.New(b.config())
	if err != nil {
		t.Fatal(err)
	}
	b.Handler = rotatekeys.Handler{Keeper: keeper, Now: func() time.Time { return b.clock }, Pause: func(_ context.Context, d time.Duration) error {
		b.pauses++
		b.clock = b.clock.Add(d)
		return nil
	}}
	return b
}

func (b *bench) config() keys.Config {
	return keys.Config{
		Store: b.store, Sealer: memory.NewSealer([32]byte{1}), Algorithm: token.ES256, Every: 168 * time.Hour,
		Now: func() time.Time { return b.clock },
	}
}

var errDown = errors.New("access denied")

// faulty is a key store whose next calls fail.
type faulty struct {
	token.KeyStore
	fail int
}

func (f *faulty) Load(ctx context.Context) (token.Records, error) {
	if f.fail > 0 {
		f.fail--
		return token.Records{}, errDown
	}
	return f.KeyStore.Load(ctx)
}

func (b *bench) records(t *testing.T) token.Records {
	t.Helper()
	r, err := b.store.KeyStore.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// send invokes the function with an event.
func (b *bench) send(t *testing.T, event string) {
	t.Helper()
	if _, err := b.Invoke(t.Context(), []byte(event)); err != nil {
		t.Fatalf("Invoke(%s) = %v, want nil", event, err)
	}
}

const scheduled = `{"source":"aws.events","detail-type":"Scheduled Event"}`

// Sessions are stored with their milliseconds and tokens with whole seconds.
// All that began up to the command are ended, and a user who signs in once it
// has answered stays signed in.
func TestEndOfAllSessionsIsExact(t *testing.T) {
	for _, part := range []time.Duration{0, time.Millisecond, 600 * time.Millisecond, 999 * time.Millisecond} {
		b := newBench(t)
		b.clock = b.clock.Add(part)
		asked := b.clock
		b.send(t, `{"action":"end-all-sessions"}`)
		notBefore := b.records(t).Settings.NotBefore
		if !notBefore.After(asked) {
			t.Errorf("asked %s into a second, sessions since %v stay, want none of %v", part, notBefore, asked)
		}
		if answered := b.clock.Truncate(time.Second); answered.Before(notBefore) {
			t.Errorf("asked %s into a second, tokens of %v are refused after the answer, want them to pass", part, answered)
		}
	}
}

func TestBadEventsChangeNothing(t *testing.T) {
	b := newBench(t)
	for _, action := range []string{"rotate", "rotate-mac"} {
		b.clock = b.clock.Add(time.Hour)
		if _, err := b.Invoke(t.Context(), []byte(`{"action":"`+action+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	b.clock = b.clock.Add(time.Hour)
	before := b.records(t)
	for _, event := range []string{
		``, `[]`, `{}`, `{"action":"explode"}`, `{"action":"configure"}`, `{"action":"revoke-signing-key"}`,
		`{"kid":"` + before.Signing[0].ID + `"}`, `{"id":"` + before.MAC[0].ID + `"}`, `{"action":"explode","source":"aws.events"}`,
		`{"issuer":"https://a","apiId":"a"}`, `{"action":"configure","issuer":"https://a"}`, `{"action":"configure","apiId":"a"}`,
		`{"action":"revoke-signing-key","kid":"nobody's"}`, `{"action":"revoke-mac"}`, `{"action":"revoke-mac","id":"nobody's"}`, `{"source":"aws.s3"}`,
	} {
		if _, err := b.Invoke(t.Context(), []byte(event)); err == nil {
			t.Errorf("Invoke(%s) = nil, want an error", event)
		}
	}
	if after := b.records(t); !reflect.DeepEqual(after, before) {
		t.Errorf("bad events left %+v, want what was there", after)
	}
}

// The answer names the keys without their secrets, and says when everybody was
// ended.
func TestAnswers(t *testing.T) {
	b := newBench(t)
	next, after := b.clock.Add(time.Second).UTC().Format(time.RFC3339), b.clock.Add(2*time.Second).UTC().Format(time.RFC3339)
	for _, c := range []struct{ event, want string }{
		{`{"action":"rotate"}`, ""},
		{`{"action":"end-all-sessions"}`, next},
		{`{"action":"rotate"}`, next},
		{`{"action":"replace-all-keys"}`, after},
	} {
		out, err := b.Invoke(t.Context(), []byte(c.event))
		var answer struct {
			NotBefore            string
			SigningKeys, MACKeys []map[string]any
		}
		if err != nil || json.Unmarshal(out, &answer) != nil || answer.NotBefore != c.want {
			t.Errorf("Invoke(%s) = %s, %v, want notBefore %q", c.event, out, err, c.want)
		}
		r := b.records(t)
		if len(answer.SigningKeys) != len(r.Signing) || answer.SigningKeys[0]["kid"] != r.Signing[0].ID || len(answer.MACKeys) != len(r.MAC) {
			t.Errorf("Invoke(%s) = %s, want every key by its id", c.event, out)
		}
		if strings.Contains(string(out), "sealed") || strings.Contains(string(out), `"d"`) {
			t.Errorf("Invoke(%s) = %s, which holds more than names", c.event, out)
		}
	}
}

// cloudFormation receives the answers of a custom resource.
type cloudFormation struct {
	*httptest.Server
	status  int
	answers []map[string]any
}

func newCloudFormation(t *testing.T) *cloudFormation {
	t.Helper()
	c := &cloudFormation{status: http.StatusOK}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		answer := map[string]any{}
		if err == nil && r.Method == http.MethodPut && json.Unmarshal(body, &answer) == nil {
			c.answers = append(c.answers, answer)
		}
		w.WriteHeader(c.status)
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *cloudFormation) event(kind, issuer string) string {
	properties := map[string]string{"ApiId": "abc"}
	if issuer != "" {
		properties["Issuer"] = issuer
		properties["CookieDomain"] = strings.TrimSuffix(strings.TrimPrefix(issuer, "https://"), "/auth")
	}
	text, _ := json.Marshal(map[string]any{
		"RequestType": kind, "ResponseURL": c.URL, "StackId": "stack", "RequestId": "request",
		"LogicalResourceId": "Settings", "ResourceType": "Custom::LatchkeySettings",
		"PhysicalResourceId": "latchkey-settings", "ResourceProperties": properties,
	})
	return string(text)
}

func TestCustomResource(t *testing.T) {
	const old, new = "https://old.example.com/auth", "https://new.example.com/auth"
	rows := []struct {
		name, kind, issuer string
		status             string // told to CloudFormation
		want               string // issuer afterwards
		keys               int
	}{
		{"create", "Create", old, "SUCCESS", old, 1},
		{"create, repeated", "Create", old, "SUCCESS", old, 2}, // the first key is active, so its successor is due
		{"update", "Update", new, "SUCCESS", new, 2},
		{"update without its properties", "Update", "", "FAILED", new, 2},
		{"delete keeps everything", "Delete", "", "SUCCESS", new, 2},
	}
	b, c := newBench(t), newCloudFormation(t)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b.send(t, c.event(row.kind, row.issuer))
			answer := c.answers[len(c.answers)-1]
			if answer["Status"] != row.status || answer["PhysicalResourceId"] != "latchkey-settings" {
				t.Errorf("CloudFormation was told %v, want %s for latchkey-settings", answer, row.status)
			}
			r := b.records(t)
			if r.Settings.Issuer != row.want || len(r.Signing) != row.keys || "https://"+r.Settings.Cookies.Present+"/auth" != row.want {
				t.Errorf("%+v and %d keys, want %q with its domain and %d", r.Settings, len(r.Signing), row.want, row.keys)
			}
		})
	}
}

// The check needs neither properties nor permissions, and leaves everything.
// Its digest tells one text from another, and fits where 256 characters do.
func TestCheckOfTheSettings(t *testing.T) {
	b, c := newBench(t), newCloudFormation(t)
	b.store.fail = 1000
	for i, kind := range []string{"Create", "Update", "Delete"} {
		b.send(t, checking(c.event(kind, "")))
		if answer := c.answers[i]; answer["Status"] != "SUCCESS" || answer["PhysicalResourceId"] != "latchkey-settings-check" {
			t.Errorf("%s told %v, want SUCCESS for latchkey-settings-check", kind, answer)
		}
	}
	digests := map[string]bool{}
	for _, text := range []string{"", "3600 PassThrough https://a.example", "3600 PassThrough https://b.example", "3600 PassThrough https://b.example"} {
		event := checking(c.event("Update", ""))
		b.send(t, strings.Replace(event, `"ApiId"`, `"Digested":"`+text+`","ApiId"`, 1))
		data, _ := c.answers[len(c.answers)-1]["Data"].(map[string]any)
		digest, _ := data["Digest"].(string)
		if len(digest) != 64 {
			t.Errorf("digest of %q = %q, want 64 digits", text, digest)
		}
		digests[digest] = true
	}
	if len(digests) != 3 {
		t.Errorf("%d digests of three texts", len(digests))
	}
	if r := b.records(t); len(r.Signing) != 0 || b.pauses > 0 {
		t.Errorf("the check made %d keys and %d pauses, want none", len(r.Signing), b.pauses)
	}
}

// checking makes an event that of the check.
func checking(event string) string {
	return strings.Replace(event, "Custom::LatchkeySettings", "Custom::LatchkeySettingsCheck", 1)
}

// until is a context with a deadline by the test's clock.
type until struct {
	context.Context
	deadline time.Time
}

func (u until) Deadline() (time.Time, bool) { return u.deadline, true }

// A new role is refused at first, and CloudFormation waits for an answer.
func TestCustomResourceWaitsForItsRole(t *testing.T) {
	for _, test := range []struct {
		refusals, least, most int // calls refused, pauses
		want                  string
	}{{3, 3, 3, "SUCCESS"}, {1000, 1, 13, "FAILED"}} {
		b, c := newBench(t), newCloudFormation(t)
		b.store.fail = test.refusals
		ctx := until{t.Context(), b.clock.Add(30 * time.Second)}
		if _, err := b.Invoke(ctx, []byte(c.event("Create", "https://api.example.com/auth"))); err != nil {
			t.Fatal(err)
		}
		if b.pauses < test.least || b.pauses > test.most || c.answers[0]["Status"] != test.want {
			t.Errorf("after %d refusals: %d pauses and %v, want at most %d and %s within 25 s", test.refusals, b.pauses, c.answers[0], test.most, test.want)
		}
	}
}

func TestCustomResourceWhoseAnswerIsLost(t *testing.T) {
	b, c := newBench(t), newCloudFormation(t)
	c.status = http.StatusForbidden
	event := c.event("Create", "https://api.example.com/auth")
	if _, err := b.Invoke(t.Context(), []byte(event)); err == nil {
		t.Error("Invoke = nil although CloudFormation was not told, want an error, so that Lambda calls again")
	}
	c.status = http.StatusOK
	b.send(t, event)
	if got := c.answers[len(c.answers)-1]["Status"]; got != "SUCCESS" {
		t.Errorf("the second call told %v, want SUCCESS", got)
	}
}

func TestTheCallbackURLIsInNoError(t *testing.T) {
	b, c := newBench(t), newCloudFormation(t)
	event := strings.Replace(c.event("Create", "https://api.example.com/auth"), `"http://127.0.0.1`, `"http://127.0.0.1:1?X-Amz-Signature=`, 1)
	_, err := b.Invoke(t.Context(), []byte(event))
	if err == nil || strings.Contains(err.Error(), "Signature") {
		t.Errorf("Invoke = %v although CloudFormation cannot be reached, want an error without the signed URL", err)
	}
}
