package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// launch runs cmd/local as a process, and returns its URL.
func launch(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "local")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/local").CombinedOutput(); err != nil {
		t.Fatalf("go build = %v\n%s", err, out)
	}
	local := exec.Command(binary, "-addr", "127.0.0.1:0", "-set", "AllowedOrigins=http://localhost:3000,capacitor://localhost")
	local.Dir = "../.."
	var stderr bytes.Buffer
	local.Stderr = &stderr
	stdout, err := local.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := local.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { local.Process.Kill(); local.Wait() })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if api, found := strings.CutPrefix(lines.Text(), "Latchkey on "); found {
			go io.Copy(io.Discard, stdout)
			return api
		}
	}
	t.Fatalf("it ended before it served: %s", stderr.String())
	return ""
}

// gateway stands between the command and the API. It breaks one fact, and
// keeps the access tokens that pass.
type gateway struct {
	flaw
	forward *httputil.ReverseProxy

	mu     sync.Mutex
	tokens []string
}

// flaw is how a gateway is not as it should be. Whatever is nil is in order.
type flaw struct {
	instead func(http.ResponseWriter, *http.Request) bool // answers itself
	request func(*http.Request)                           // changes what the API gets
	answer  func(*http.Response)                          // changes what the client gets
	deaf    bool                                          // to names of headers in capitals
}

// serve starts a gateway with the flaw before the API.
func serve(t *testing.T, api string, f flaw) (*gateway, string) {
	t.Helper()
	to, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{flaw: f}
	g.forward = &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(to) }, ModifyResponse: g.modify}
	server := httptest.NewUnstartedServer(g)
	if f.deaf {
		server.Listener = deafListener{server.Listener}
	}
	server.Start()
	t.Cleanup(server.Close)
	return g, server.URL
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.instead != nil && g.instead(w, r) {
		return
	}
	if g.request != nil {
		g.request(r)
	}
	g.forward.ServeHTTP(w, r)
}

func (g *gateway) modify(a *http.Response) error {
	g.mu.Lock()
	if s := (answer{header: a.Header}).session(); s.access != "" {
		g.tokens = append(g.tokens, s.access)
	}
	g.mu.Unlock()
	if g.answer != nil {
		g.answer(a)
	}
	return nil
}

// ended fails the test if a session that began behind the gateway is live.
func (g *gateway) ended(t *testing.T, api string) {
	t.Helper()
	w := &walk{api: api, origin: "http://localhost:3000", client: newClient()}
	for _, access := range g.tokens {
		if err := w.do(t.Context(), "POST", "/notes", note, (&session{access: access}).dress).want(401).err; err != nil {
			t.Errorf("a session is left over: %v", err)
		}
	}
}
