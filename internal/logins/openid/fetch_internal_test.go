package openid

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A connection of the login before may be dead by now, as a sandbox is frozen in
// between. A code is not sent into it: nobody could tell whether it was spent.
func TestConnectionsAreNotKept(t *testing.T) {
	used := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if used[r.RemoteAddr] {
			panic(http.ErrAbortHandler)
		}
		used[r.RemoteAddr] = true
	}))
	defer server.Close()
	client := newHTTP(nil)
	for i := range 3 {
		response, err := client.Post(server.URL, "text/plain", strings.NewReader("code"))
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("request %d = %v, %v, want an answer", i+1, response, err)
		}
	}
}
