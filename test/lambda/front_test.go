//go:build dynamodb && bench && linux

package lambda_test

import (
	"encoding/pem"
	"net"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// front is DynamoDB Local behind TLS, like the service of AWS. It notes when a
// client connects.
type front struct {
	net.Listener
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
	server := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	f := &front{Listener: server.Listener, root: filepath.Join(t.TempDir(), "root.pem")}
	server.Listener = f
	server.StartTLS()
	t.Cleanup(server.Close)
	f.url = server.URL
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(f.root, root, 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// Accept notes when the first connection came.
func (f *front) Accept() (net.Conn, error) {
	conn, err := f.Listener.Accept()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.first.IsZero() {
		f.first = time.Now()
	}
	return conn, err
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
