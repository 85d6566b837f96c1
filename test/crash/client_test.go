//go:build dynamodb

package crash_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"

	"github.com/latchkey-auth/latchkey/test/client"
)

var (
	// errUnknown means that a request was not acknowledged: it may have had
	// its effect or not.
	errUnknown = errors.New("answered with 5xx")
	// errKilled means the same, and that there is no process any more.
	errKilled = errors.New("killed")
)

// caller calls one life of the API.
type caller struct {
	life *life
	http *http.Client
	// patience is how often a request that was answered with 5xx is sent
	// again: the engine may be slow.
	patience int
}

// from returns one that calls from that address: attempts are counted by
// source.
func (l *life) from(source net.IP) *caller {
	dialer := &net.Dialer{}
	if runtime.GOOS == "linux" { // where all of 127.0.0.0/8 is this machine
		dialer.LocalAddr = &net.TCPAddr{IP: source}
	}
	return &caller{life: l, http: &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}, patience: 10}
}

// as calls with a token of the user's, or none, and wants the status.
func (c *caller) as(bearer string, want int, method, path, body string) (client.Answer, error) {
	return c.do(client.Client{URL: c.life.URL, Bearer: bearer, HTTP: c.http}, want, method, path, body)
}

// admin calls as a backend does, signed.
func (c *caller) admin(method, path, body string) (client.Answer, error) {
	return c.do(client.Client{URL: c.life.URL, Key: c.life.Key, HTTP: c.http}, http.StatusOK, method, path, body)
}

// do returns an answer that arrived whole. One below 500 but of another status
// than is wanted comes with an error.
func (c *caller) do(by client.Client, want int, method, path, body string) (client.Answer, error) {
	for try := 0; ; try++ {
		a, err := by.Send(context.Background(), method, path, body)
		switch {
		case err != nil && c.life.db.hasKilled():
			return a, errKilled
		case err != nil:
			return a, fmt.Errorf("%s: %w, though nobody killed the process", path, err)
		case a.Status < 500:
			c.life.db.acknowledge(a.Call)
			return a, a.Check(want)
		case try >= c.patience:
			return a, fmt.Errorf("%s: %w: %d %s", a.Call, errUnknown, a.Status, a.Body)
		}
	}
}
