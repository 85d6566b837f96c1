//go:build dynamodb && bench && linux

package lambda_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"
)

// front is DynamoDB Local behind TLS, like the service of AWS. It notes when a
// client connects.
type front struct {
	url  string
	root string // file of the certificate to trust

	mu    sync.Mutex
	first time.Time
}

func startFront(t *testing.T, to string) *front {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	f := new(front)
	server := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if state == http.StateNew && f.first.IsZero() {
			f.first = time.Now()
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	f.url, f.root = server.URL, certificateOf(t, server)
	return f
}

// forget makes the next connection count as the first.
func (f *front) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.first = time.Time{}
}

func (f *front) connected() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.first
}
