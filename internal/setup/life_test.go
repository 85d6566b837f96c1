package setup_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/latchkey-auth/latchkey/functions/authorizer/rules"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/memory"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/runtimeapi"
)

// life is a stack of functions to which everything happens that they log or
// count, under a clock that the test moves.
type life struct {
	now        time.Time
	store      *moody
	log, count bytes.Buffer
	functions  map[string]lambda.Handler
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
	l := &life{now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), store: &moody{Store: memory.New()}, functions: map[string]lambda.Handler{}}
	b := inMemory("SESSIONS_TABLE", "KEYS_TABLE", "KMS_KEY_ID", "ACCOUNTS_TABLE")
	b.Sessions, b.Now, b.Log, b.Metrics = l.store, func() time.Time { return l.now }, setup.NewLog(&l.log), &l.count
	cfg := defaults(t)
	cfg.Algorithm = token.ES256
	bootstrap(t, cfg, b)
	for name, build := range map[string]api.Constructor{
		"authorizer": api.Plain(setup.Authorizer(rules.All)), "signup": api.SignUp, "signin": api.SignIn, "refresh": api.Refresh, "revoke": api.Revoke,
	} {
		handler, err := build(cfg, b)
		must(t, err)
		l.functions[name] = handler
	}
	return l
}

// send hands an event to a function, whatever comes of it, and returns the
// tokens that came.
func (l *life) send(t *testing.T, function string, event map[string]any) (access, refresh string) {
	t.Helper()
	text, err := json.Marshal(event)
	must(t, err)
	out, _ := l.functions[function].Invoke(t.Context(), text)
	var answer struct{ Headers map[string]string }
	_ = json.Unmarshal(out, &answer) // what is no response has no headers
	return answer.Headers["st-access-token"], answer.Headers["st-refresh-token"]
}

func credentials(password string) string {
	return fmt.Sprintf(`{"formFields":[{"id":"email","value":"ada@example.com"},{"id":"password","value":%q}]}`, password)
}

const birches = "nine tall birches by the river"

// askAll has the authorizer come to every one of its outcomes.
func (l *life) askAll(t *testing.T) {
	t.Helper()
	access, _ := l.send(t, "signup", post("POST /auth/signup", "", credentials(birches)))
	over, _ := l.send(t, "signin", post("POST /auth/signin", "", credentials(birches)))
	l.send(t, "revoke", post("POST /auth/signout", over, ""))
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
		l.send(t, "authorizer", event)
	}
	l.store.busy = true
	l.send(t, "authorizer", request("POST", access))
	l.store.busy = false
	l.now = l.now.Add(2 * time.Hour)
	l.send(t, "authorizer", request("GET", access))
}

// liveThrough has a session meet everything that is logged of sessions and
// sign-ins.
func (l *life) liveThrough(t *testing.T) {
	t.Helper()
	refresh := func(token string) (child string) {
		_, child = l.send(t, "refresh", post("POST /auth/session/refresh", token, ""))
		return child
	}
	_, first := l.send(t, "signin", post("POST /auth/signin", "", credentials(birches)))
	second := refresh(first)
	refresh(first) // its answer was lost
	l.now = l.now.Add(2 * time.Minute)

	l.store.instead = func(sessions.Handle) (sessions.Session, bool, error) {
		return sessions.Session{}, false, errors.New("down")
	}
	refresh(second)
	l.store.instead = func(sessions.Handle) (sessions.Session, bool, error) { panic("of a test") }
	refresh(second)
	l.store.instead = func(h sessions.Handle) (sessions.Session, bool, error) {
		s, _, err := l.store.Get(t.Context(), h)
		s.Generation-- // restored from a backup
		return s, false, err
	}
	refresh(second)
	l.store.instead = nil

	refresh(second)
	l.now = l.now.Add(2 * time.Minute)
	refresh(first) // somebody else's copy
	refresh("v1.stranger." + base64.RawURLEncoding.EncodeToString(make([]byte, 84)))
	for range 11 {
		l.send(t, "signin", post("POST /auth/signin", "", credentials("another moth in the relay")))
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
