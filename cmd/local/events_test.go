package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/cmd/local/invoke"
	"github.com/latchkey-auth/latchkey/cmd/local/page"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/test/eventstest"
)

// The event files are fed to the functions as sam local would, but for the
// stores, which are in memory, and for the clock, which stands a minute after
// the files were made. Ada has an account, a live session and a revoked one.

const eventsDir = "../../events"

// files is what the event files have in common.
type files struct {
	env             map[string]map[string]string // by function: what env.json sets
	issued, expires time.Time                    // of the good tokens
}

func readFiles(t *testing.T) (f files) {
	t.Helper()
	decodeFile(t, "env.json", &f.env)
	var event struct{ Headers map[string]string }
	decodeFile(t, "authorizer/http-2-get.json", &event)
	var claims struct {
		IssuedAt int64 `json:"iat"`
		Expires  int64 `json:"exp"`
	}
	raw := strings.Split(event.Headers["authorization"], ".")[1]
	text, err := base64.RawURLEncoding.DecodeString(raw)
	if err != nil || json.Unmarshal(text, &claims) != nil {
		t.Fatalf("the token of http-2-get.json cannot be read: %v", err)
	}
	f.issued, f.expires = time.Unix(claims.IssuedAt, 0), time.Unix(claims.Expires, 0)
	return f
}

// decodeFile reads a file below events/.
func decodeFile(t *testing.T, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(eventsDir, name))
	must(t, err)
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// answer feeds one event file to its function and returns what Lambda would
// answer.
func (f files) answer(t *testing.T, id, name string) (answer any) {
	t.Helper()
	l := &localRun{t: t, now: f.issued.Add(time.Minute)}
	w := worldOf(t, l, nil, "-template", "../../template.yaml")
	w.url = "http://localhost:3000"
	w.functions = &invoke.Functions{Log: w.log, ByID: map[string]invoke.Function{}}
	w.mails = page.NewMailbox(w.now, w.log)
	open := f.stores(t, w)
	build := func(id string) {
		function, _ := w.stack.Function(id)
		maps.Copy(function.Environment, f.env[id])
		h, err := w.build(t.Context(), function, open)
		must(t, err)
		w.functions.ByID[id] = invoke.Function{Handler: h, Timeout: time.Minute}
	}
	if id != "RotateKeysFunction" {
		must(t, w.makeKeys(t.Context(), open))
	}
	if id == "SignUpFunction" || id == "SignInFunction" {
		build("SignUpFunction")
		event := `{"version":"2.0","routeKey":"POST /auth/signup","headers":{"content-type":"application/json"},"body":` + quote(person) + `}`
		if answer, err := w.functions.Invoke(t.Context(), "SignUpFunction", []byte(event)); err != nil || !strings.Contains(string(answer), `"statusCode":200`) {
			t.Fatalf("sign-up = %s, %v, want 200", answer, err)
		}
	}
	build(id)
	event, err := os.ReadFile(filepath.Join(eventsDir, name+".json"))
	must(t, err)
	text, err := w.functions.Invoke(t.Context(), id, event)
	if err != nil {
		text, _ = json.Marshal(err)
	}
	must(t, json.Unmarshal(text, &answer))
	return answer
}

// stores returns an opener of stores with Ada's sessions and the issuer. What
// env.json gives a function as public keys stands for the table of keys.
func (f files) stores(t *testing.T, w world) opener {
	t.Helper()
	open := inMemory(w)
	b, err := open(t.Context(), setup.Config{SessionsTable: "sessions", KeysTable: "keys"})
	must(t, err)
	must(t, errors.Join(
		eventstest.Seed(t.Context(), b.Sessions, f.issued), b.Keys.SetIssuer(t.Context(), w.url+"/auth", apiID),
	))
	return func(ctx context.Context, cfg setup.Config) (api.Backends, error) {
		b, err := open(ctx, cfg)
		if cfg.PublicKeys != "" {
			base, errPublic := setup.AWS(cfg)
			b.Public, err = base.Public, errors.Join(err, errPublic)
		}
		return b, err
	}
}

// want returns the expected answer, with the times of this run filled in.
func (f files) want(t *testing.T, name string) (want any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(eventsDir, name+".want.json"))
	must(t, err)
	times := strings.NewReplacer("$EXPIRES", fmt.Sprint(f.expires.Unix()), "$DECIDED", fmt.Sprint(f.issued.Unix()+60))
	must(t, json.Unmarshal([]byte(times.Replace(string(data))), &want))
	return want
}

// Every function has event files, and every file has its answer beside it.
func TestEvents(t *testing.T) {
	f, seen := readFiles(t), 0
	for id := range constructors() {
		matches, err := filepath.Glob(filepath.Join(eventsDir, folderOf(id), "*.json"))
		must(t, err)
		if len(matches) == 0 {
			t.Errorf("%s has no event file", id)
		}
		for _, match := range matches {
			if strings.HasSuffix(match, ".want.json") {
				continue
			}
			seen++
			name := folderOf(id) + "/" + strings.TrimSuffix(filepath.Base(match), ".json")
			t.Run(name, func(t *testing.T) {
				if got, want := f.answer(t, id, name), f.want(t, name); !eventstest.Agrees(name, got, want) {
					t.Errorf("answer = %v, want %v", got, want)
				}
			})
		}
	}
	wants, err := filepath.Glob(eventsDir + "/*/*.want.json")
	if err != nil || len(wants) != seen {
		t.Errorf("%d files of answers, %v, to %d events", len(wants), err, seen)
	}
}
