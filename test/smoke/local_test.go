package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/latchkey-auth/latchkey/test/localrun"
)

// launch runs cmd/local as a process, and returns its URL.
func launch(t *testing.T) string {
	return localrun.Launch(t, localrun.Build(t), "-set", "AllowedOrigins=http://localhost:3000,capacitor://localhost").URL
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
