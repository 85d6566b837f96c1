//go:build sam

package sam_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// serve serves h until the test ends and returns the URL under which a
// container reaches it. Containers come by another interface than loopback,
// so it listens on all of them.
func serve(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return "http://host.docker.internal:" + port
}

// forward makes a server of this machine's loopback interface reachable from
// containers.
func forward(t *testing.T, endpoint string) (reachable string) {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, httputil.NewSingleHostReverseProxy(target))
}
