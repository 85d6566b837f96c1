package setup_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/test/runtimeapi"
)

// named returns what the pattern's group finds in the template, each once.
func named(t *testing.T, pattern string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	must(t, err)
	found := map[string]bool{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		found[match[1]] = true
	}
	if len(found) == 0 {
		t.Fatalf("template.yaml has nothing like %s", pattern)
	}
	return found
}

// Every metric and every log line that the template draws, counts or alarms on
// is one that the functions write, and every metric of the authorizer is drawn.
func TestTheTemplateNamesWhatIsWritten(t *testing.T) {
	l := newLife(t)
	l.askAll()
	l.liveThrough()
	drawn := named(t, `\[(?:"Latchkey"|"\."), "([A-Z]\w+)"`)
	for metric := range named(t, `Namespace: Latchkey\n +MetricName: (\w+)`) {
		drawn[metric] = true
	}
	for metric := range drawn {
		if !l.metrics(t)[metric] {
			t.Errorf("the template names the metric %s, which the authorizer does not write", metric)
		}
	}
	for metric := range l.metrics(t) {
		if !drawn[metric] {
			t.Errorf("the authorizer writes %s, which no dashboard draws", metric)
		}
	}
	messages := l.messages(t)
	for message := range named(t, `\$\.msg = "([^"]+)"`) {
		if !messages[message] {
			t.Errorf("the template counts lines %q, which no function writes", message)
		}
	}
	filters := named(t, `MetricName: (\w+), MetricValue`)
	for metric := range named(t, `Namespace: !Sub Latchkey/\$\{AWS::StackName\}\n +MetricName: (\w+)`) {
		if !filters[metric] {
			t.Errorf("an alarm is on %s, which no filter counts", metric)
		}
	}
	l.checkQueries(t, messages)
}

// checkQueries wants the lines of the events that the dashboard promises, and
// each matched by one of its queries.
func (l *life) checkQueries(t *testing.T, messages map[string]bool) {
	t.Helper()
	queries := named(t, `filter msg like /([^/]+)/`)
	for _, promised := range []string{
		"session started", "session refreshed", "session replayed", "session theft", "session ahead", "session revoked",
		"refresh key unknown", "sign-in ok", "sign-in refused", "sign-in throttled", "sign-up ok",
	} {
		if !messages[promised] {
			t.Errorf("no function wrote %q; they wrote %v", promised, messages)
		}
		wantFound(t, queries, promised)
	}
	// Nobody signs in by a provider here: internal/endpoints has these lines.
	for _, promised := range []string{"login ok", "login refused", "login throttled"} {
		wantFound(t, queries, promised)
	}
	for query := range queries {
		if !strings.HasPrefix(query, "^") {
			t.Errorf("the query %s finds what users write", query)
		}
	}
}

// wantFound asserts that one of the queries matches the line.
func wantFound(t *testing.T, queries map[string]bool, line string) {
	t.Helper()
	for query := range queries {
		if regexp.MustCompile(query).MatchString(line) {
			return
		}
	}
	t.Errorf("no query of the dashboard finds %q", line)
}

// life is a stack to which everything happens that its functions log or count.
type life struct {
	*stack
	store      *moody
	log, count bytes.Buffer
}

// moody is a store that does something else than rotate a session when asked.
type moody struct {
	sessions.Store
	instead func(sessions.Handle) (sessions.Session, bool, error) // nil: rotates
	busy    bool                                                  // with one user's items
}

// overloaded is the error of a store for the load on one user's items.
type overloaded struct{ error }

func (overloaded) OneKey() bool { return true }

func (m *moody) Get(ctx context.Context, h sessions.Handle) (sessions.Session, sessions.User, error) {
	if m.busy {
		return sessions.Session{}, sessions.User{}, overloaded{errors.New("throttled")}
	}
	return m.Store.Get(ctx, h)
}

func (m *moody) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (sessions.Session, bool, error) {
	if m.instead != nil {
		return m.instead(h)
	}
	return m.Store.Rotate(ctx, h, r)
}

func newLife(t *testing.T) *life {
	t.Helper()
	l := &life{store: &moody{Store: memory.New()}}
	b := inMemory(everything()...)
	b.Sessions, b.Log, b.Metrics = l.store, setup.NewLog(&l.log), &l.count
	l.stack = newStack(t, b, nil)
	return l
}

// askAll has the authorizer come to every one of its outcomes.
func (l *life) askAll() {
	l.t.Helper()
	access, over := l.signUp().access(), l.signIn(birches).access()
	l.send("revoke", post("POST /auth/signout", over, ""))
	cookie := func(method string, headers map[string]string, cookies ...string) map[string]any {
		e := request(method, "")
		e["headers"], e["cookies"] = headers, cookies
		return e
	}
	claims := request("GET", access)
	claims["requestContext"].(map[string]any)["routeKey"] = "GET /reports"
	claims["routeKey"] = "GET /reports"
	for _, event := range []map[string]any{
		request("GET", access), request("POST", access), request("POST", over), request("GET", ""), request("GET", access+"A"), claims,
		request("get it", access), {"nothing": "of ours"},
		cookie("POST", nil, "sAccessToken="+access),
		cookie("POST", map[string]string{"rid": "anti-csrf", "origin": "https://elsewhere.example.org"}, "sAccessToken="+access),
		cookie("GET", nil, "sAccessToken="+access, "sAccessToken="+over),
	} {
		l.send("authorizer", event)
	}
	l.store.busy = true
	l.send("authorizer", request("POST", access))
	l.store.busy = false
	l.now = l.now.Add(2 * time.Hour)
	l.send("authorizer", request("GET", access))
}

// liveThrough has a session meet everything that is logged of sessions and
// sign-ins.
func (l *life) liveThrough() {
	l.t.Helper()
	first := l.signIn(birches).refresh()
	second := l.refresh(first).refresh()
	l.refresh(first) // its answer was lost
	l.now = l.now.Add(2 * time.Minute)

	l.store.instead = func(sessions.Handle) (sessions.Session, bool, error) {
		return sessions.Session{}, false, errors.New("down")
	}
	l.refresh(second)
	l.store.instead = func(sessions.Handle) (sessions.Session, bool, error) { panic("of a test") }
	l.refresh(second)
	l.store.instead = func(h sessions.Handle) (sessions.Session, bool, error) {
		s, _, err := l.store.Get(l.t.Context(), h)
		s.Generation-- // restored from a backup
		return s, false, err
	}
	l.refresh(second)
	l.store.instead = nil

	l.refresh(second)
	l.now = l.now.Add(2 * time.Minute)
	l.refresh(first) // somebody else's copy
	l.refresh("v1.stranger." + base64.RawURLEncoding.EncodeToString(make([]byte, 84)))
	for range 11 {
		l.signIn("another moth in the relay")
	}
}

// metrics are the names of all that was counted.
func (l *life) metrics(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for line := range strings.Lines(l.count.String()) {
		var counters map[string]any
		must(t, json.Unmarshal([]byte(line), &counters))
		for name := range counters {
			if name != "_aws" && name != "Stack" {
				names[name] = true
			}
		}
	}
	return names
}

// messages are those of all that was logged, and of a function that cannot
// start.
func (l *life) messages(t *testing.T) map[string]bool {
	t.Helper()
	f, err := runtimeapi.Start(t.Context(), os.Args[0], []string{role + "=rotatekeys"})
	must(t, err)
	f.Stop()
	found := map[string]bool{}
	for line := range strings.Lines(l.log.String() + f.Log()) {
		var entry map[string]any
		must(t, json.Unmarshal([]byte(line), &entry))
		message, _ := entry[slog.MessageKey].(string)
		found[message] = true
	}
	return found
}
