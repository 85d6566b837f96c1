package endpoints_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// The alarm on failed requests counts the log lines "request failed" and
// "handler panicked". Nobody can have one written by sending bad tokens, not
// even by one that names a key which nobody has, though that is answered 503.
func TestBadTokensRingNoAlarm(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		access, refresh := c.tokens()
		body := base64.RawURLEncoding.EncodeToString(make([]byte, 84))
		for _, bad := range []string{
			"x", "v1.stranger." + body, "v1.m1." + body, refresh + "A", refresh[:len(refresh)-1], access + "A",
			strings.Replace(refresh, "v1.", "v1.z", 1), "eyJhbGciOiJSUzI1NiIsImtpZCI6IngiLCJ0eXAiOiJhdCtqd3QifQ.e30.AAAA", strings.Repeat("A", 9000),
		} {
			for route := range routes() {
				e := c.stack.client("header").event(request{route: route})
				e.Headers["authorization"] = "Bearer " + bad
				c.serve(t.Context(), e)
				delete(e.Headers, "authorization")
				e.Cookies = []string{"sAccessToken=" + bad, "sRefreshToken=" + bad}
				c.serve(t.Context(), e)
			}
		}
		for _, line := range []string{"request failed", "handler panicked", "request not judged"} {
			if strings.Contains(c.log.String(), line) {
				t.Errorf("bad tokens wrote %q: %s", line, c.log)
			}
		}
		c.expect(200, request{route: refreshRoute})
	})
}
