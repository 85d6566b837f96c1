package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A page whose name resolves to this machine for the purpose gets nothing: not
// the API, not its page, not Lambda's Invoke API.
func TestOnlyHostsOfThisMachine(t *testing.T) {
	l, bound := start(t), start(t, "-addr", "192.0.2.7:8787")
	for _, test := range []struct {
		host string
		run  *localRun
		ours bool
	}{
		{"127.0.0.1:8787", l, true}, {"localhost:8787", l, true}, {"localhost", l, true}, {"LOCALHOST.:1", l, true},
		{"[::1]:8787", l, true}, {"[::1]", l, true}, {"127.1.2.3", l, true}, {"api.shop.localhost:8787", l, true}, {"192.0.2.7:8787", bound, true},
		{"evil.example:8787", l, false}, {"localhost.evil.example", l, false}, {"127.0.0.1.evil.example", l, false}, {"evillocalhost", l, false},
		{"0.0.0.0:8787", l, false}, {"192.0.2.7:8787", l, false}, {"192.0.2.8:8787", bound, false}, {"evil.example", bound, false}, {"", l, false},
	} {
		for _, r := range []*http.Request{
			httptest.NewRequest("GET", "/", nil),
			httptest.NewRequest("GET", "/greeting", nil),
			httptest.NewRequest("POST", "/2015-03-31/functions/NotesFunction/invocations", strings.NewReader(`{}`)),
		} {
			r.Host = test.host
			recorder := httptest.NewRecorder()
			test.run.handler.ServeHTTP(recorder, r)
			if ours := recorder.Code == 200; ours != test.ours || !ours && recorder.Code != 421 {
				t.Errorf("%s %s of host %q = %d %s, answered: want %t", r.Method, r.URL.Path, test.host, recorder.Code, recorder.Body, test.ours)
			}
		}
	}
}
