//go:build clients

// Package clients_test runs the clients in Node and Python: every call of the
// admin API against a server that checks its signature, and the backends of
// examples/ against the local run. run.sh installs both.
package clients_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/sessions"
)

var (
	key    = sigv4.Key{ID: "AKIDEXAMPLE", Secret: "a secret of the test", Region: "eu-west-1"}
	handle = sessions.NewHandle(sessions.KeyOf("public", "u1")).String()
)

// object is JSON.
type object = map[string]any

// language is one that a client is written in.
type language struct{ name, block, handler, caller string }

// languages have a name for their blocks of code, the file of a handler, and the
// file that makes calls.
func languages() []language {
	return []language{{"node", "js", "index.mjs", "call.mjs"}, {"python", "python", "app.py", "call.py"}}
}

// example is the folder of the example.
func (l language) example() string { return "examples/notes-" + l.name }

// run starts the first of the files, with the others beside it, where the client
// is installed. It runs until the test ends.
func (l language) run(t *testing.T, environment []string, files []string, args ...string) (io.Writer, io.Reader) {
	t.Helper()
	program, folder := env(t, "PYTHON"), t.TempDir()
	if l.name == "node" { // modules are looked for from there
		var err error
		program = "node"
		if folder, err = os.MkdirTemp(env(t, "NODE_CLIENT"), "test"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(folder) })
	}
	for _, file := range files {
		if err := exec.Command("cp", file, folder).Run(); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	cmd := exec.Command(program, append([]string{filepath.Join(folder, filepath.Base(files[0]))}, args...)...)
	cmd.Env, cmd.Stderr = append(os.Environ(), environment...), os.Stderr
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return in, out
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

// signing is the environment of a function that calls an API at url.
func signing(url string, by sigv4.Key) []string {
	return []string{
		"LATCHKEY_URL=" + url, "AWS_REGION=" + by.Region, "AWS_ACCESS_KEY_ID=" + by.ID, "AWS_SECRET_ACCESS_KEY=" + by.Secret, "AWS_SESSION_TOKEN=",
	}
}

// driver is a client that makes the calls it is told to.
type driver struct {
	in  io.Writer
	out *bufio.Scanner
}

func (l language) driver(t *testing.T, environment []string) driver {
	t.Helper()
	in, out := l.run(t, environment, []string{l.caller})
	return driver{in, bufio.NewScanner(out)}
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

// function is a function of a backend, served as Lambda's Invoke API.
type function struct{ url string }

// serve serves the handler in a folder by the server of the examples.
func (l language) serve(t *testing.T, folder, port string, environment []string) function {
	t.Helper()
	server := "../../" + l.example() + "/serve" + filepath.Ext(l.handler)
	_, out := l.run(t, environment, []string{server, filepath.Join(folder, l.handler)}, port)
	var url string
	if _, err := fmt.Fscanf(out, "Serving on %s\n", &url); err != nil {
		t.Fatalf("the function does not serve: %v", err)
	}
	go io.Copy(io.Discard, out)
	return function{url}
}

// invoke returns the function's answer, and whether it failed.
func (f function) invoke(t *testing.T, event object) (answer object, failed bool) {
	t.Helper()
	response, err := http.Post(f.url, "application/json", strings.NewReader(text(event)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("the function's answer: %v", err)
	}
	return answer, response.Header.Get("X-Amz-Function-Error") != ""
}

// api stands in for the admin API: it admits signed requests only, keeps what
// it is asked, and answers what the test wants.
type api struct {
	*httptest.Server
	t       *testing.T
	asked   []string // method, path and query, If-Match, body; H is the handle
	answers func(call string) (status int, etag string, body any)
}

func newAPI(t *testing.T) *api {
	a := &api{t: t}
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *api) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = key.Verify(r, body, time.Now())
	}
	call := r.Method + " " + strings.ReplaceAll(r.RequestURI, handle, "H")
	line := call
	if match := r.Header.Get("If-Match"); match != "" {
		line += " " + match
	}
	if len(body) > 0 {
		var value any
		if json.Unmarshal(body, &value) != nil || r.Header.Get("Content-Type") != "application/json" {
			a.t.Errorf("%s: body %q of type %q", call, body, r.Header.Get("Content-Type"))
		}
		line += " " + strings.ReplaceAll(text(value), handle, "H")
	}
	if err != nil {
		a.t.Errorf("%s: %v", line, err)
	}
	a.asked = append(a.asked, line)
	status, etag, answer := a.answers(call)
	rw.Header().Set("Content-Type", "application/json")
	if etag != "" {
		rw.Header().Set("ETag", etag)
	}
	rw.WriteHeader(status)
	json.NewEncoder(rw).Encode(answer)
}

// text spells JSON in one way.
func text(value any) string {
	b, _ := json.Marshal(value) // it came of JSON
	return string(b)
}

// token is an access token of the session by its form.
func token(handle string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"sessionHandle":"`+handle+`"}`)) + ".c2ln"
}

// decision is what the authorizer says of a checked request of now.
func decision() object {
	now := time.Now()
	at := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	return object{
		"latchkey": "1", "user": "u1", "recipeUser": "u1", "tenant": "public", "handle": handle,
		"expires": at(now.Add(time.Hour)), "decided": at(now), "checked": "store", "payload": "{}",
	}
}

// httpEvent is a POST in payload format 2.0, and restEvent in that of REST APIs.
func httpEvent(bearer, cookie string) object {
	return object{
		"version": "2.0", "headers": object{"authorization": bearer, "st-auth-mode": "cookie"}, "cookies": []string{"a=b", cookie},
		"requestContext": object{"http": object{"method": "POST"}, "authorizer": object{"lambda": decision()}},
	}
}

func restEvent(bearer, cookie string) object {
	return object{
		"httpMethod": "POST", "headers": object{"Authorization": bearer}, "multiValueHeaders": object{"Cookie": []string{"a=b; " + cookie}},
		"requestContext": object{"httpMethod": "POST", "authorizer": decision()},
	}
}

func with(m object, more object) object {
	m = maps.Clone(m)
	maps.Copy(m, more)
	return m
}
