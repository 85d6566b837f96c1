//go:build clients

// Package clients_test runs the clients in Node and Python: every call of the
// admin API against a server that checks its signature, and the backends of
// examples/ against the local run. run.sh installs both.
package clients_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/sessions"
)

var key = sigv4.Key{ID: "AKIDEXAMPLE", Secret: "a secret of the test", Region: "eu-west-1"}

// call is a row of calls.json. HANDLE in it stands for the handle of a session.
type call struct {
	Name, Request, IfMatch, ETag string
	Body, Answer, Result, Error  any
	Status                       int

	line string // the row itself
}

func readCalls(t *testing.T) []call {
	t.Helper()
	data, err := os.ReadFile("calls.json")
	if err != nil {
		t.Fatal(err)
	}
	handle := sessions.NewHandle(sessions.KeyOf("public", "u1")).String()
	text := []byte(strings.ReplaceAll(string(data), "HANDLE", handle))
	var calls []call
	var lines []map[string]any
	if err := json.Unmarshal(text, &calls); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &lines); err != nil {
		t.Fatal(err)
	}
	for i, line := range lines {
		text, _ := json.Marshal(line)
		calls[i].line = string(text)
	}
	return calls
}

// api is a server that admits signed requests only, notes the last one and
// gives it the answer of a row.
type api struct {
	t       *testing.T
	path    string // at which the API is
	row     call
	request string
	ifMatch string
	body    any
}

func (a *api) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		a.t.Error(err)
	}
	if err := key.Verify(r, body, time.Now()); err != nil {
		a.t.Errorf("%s: %v", a.row.Name, err)
	}
	a.request, a.ifMatch, a.body = r.Method+" "+strings.TrimPrefix(r.RequestURI, a.path), r.Header.Get("If-Match"), nil
	if len(body) > 0 {
		if err := json.Unmarshal(body, &a.body); err != nil || r.Header.Get("Content-Type") != "application/json" {
			a.t.Errorf("%s: body %q of type %q, %v", a.row.Name, body, r.Header.Get("Content-Type"), err)
		}
	}
	rw.Header().Set("Content-Type", "application/json")
	if a.row.ETag != "" {
		rw.Header().Set("ETag", a.row.ETag)
	}
	rw.WriteHeader(max(a.row.Status, http.StatusOK))
	json.NewEncoder(rw).Encode(a.row.Answer)
}

// driver is a client that makes the calls it is told to.
type driver struct {
	in  io.Writer
	out *bufio.Scanner
}

func startDriver(t *testing.T, language string, environment ...string) driver {
	t.Helper()
	cmd := map[string]*exec.Cmd{
		"node":   exec.Command("node", env(t, "NODE_CLIENT")+"/call.mjs"),
		"python": exec.Command(env(t, "PYTHON"), "call.py"),
	}[language]
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	return driver{in, bufio.NewScanner(out)}
}

// env returns a variable that run.sh sets.
func env(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: use test/clients/run.sh", name)
	}
	return value
}

// make returns what came of a call.
func (d driver) make(t *testing.T, line string) (result, failure any) {
	t.Helper()
	if _, err := io.WriteString(d.in, line+"\n"); err != nil || !d.out.Scan() {
		t.Fatalf("the client ended: %v, %v", err, d.out.Err())
	}
	var made struct{ Result, Error any }
	if err := json.Unmarshal(d.out.Bytes(), &made); err != nil {
		t.Fatalf("the client said %q", d.out.Text())
	}
	return made.Result, made.Error
}

// Every call of the admin API, in both languages: the request is signed and is
// the one that the API takes, and its answers come back as results and errors.
// The API is at the root of its host, or at a path of it.
func TestCalls(t *testing.T) {
	for _, language := range []string{"node", "python"} {
		for _, path := range []string{"", "/identity"} {
			t.Run(language+path, func(t *testing.T) {
				a := &api{t: t, path: path}
				server := httptest.NewServer(a)
				defer server.Close()
				d := startDriver(t, language, signing(server.URL+path, key.Region, key.ID, key.Secret)...)
				for _, row := range readCalls(t) {
					a.row, a.request, a.ifMatch, a.body = row, "", "", nil
					result, failure := d.make(t, row.line)
					if a.request != row.Request || a.ifMatch != row.IfMatch || !reflect.DeepEqual(a.body, row.Body) {
						t.Errorf("%s sent %s, %q, %v, want %s, %q, %v", row.Name, a.request, a.ifMatch, a.body, row.Request, row.IfMatch, row.Body)
					}
					if !reflect.DeepEqual(result, row.Result) || !reflect.DeepEqual(failure, row.Error) {
						t.Errorf("%s = %v, %v, want %v, %v", row.Name, result, failure, row.Result, row.Error)
					}
				}
			})
		}
	}
}

// An API that is not there, and one that sends elsewhere, are errors with a code.
func TestNoAnswer(t *testing.T) {
	away := httptest.NewServer(http.RedirectHandler("https://example.com/", http.StatusTemporaryRedirect))
	defer away.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	row := readCalls(t)[0]
	for _, language := range []string{"node", "python"} {
		for _, url := range []string{away.URL, gone.URL} {
			_, failure := startDriver(t, language, signing(url, key.Region, key.ID, key.Secret)...).make(t, row.line)
			if e, ok := failure.(map[string]any); !ok || e["status"] != 0.0 && e["status"] != 307.0 || e["code"] != "unreachable" && e["code"] != "unknown" {
				t.Errorf("%s at %s = %v, want that there is no answer", language, url, failure)
			}
		}
	}
}
