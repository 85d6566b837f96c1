package endpoints_test

import (
	"maps"
	"strings"
	"testing"
	"time"
)

func TestSignOut(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		twin := c.stack.client("header")
		twin.access, twin.refresh = c.tokens()
		a := c.expect(200, request{route: signOutRoute, body: "odd"})
		if a.Body != `{"status":"OK"}` || a.Headers["front-token"] != "remove" {
			t.Errorf("sign-out = %s, headers %v, want OK and front-token: remove", a.Body, a.Headers)
		}
		if access, refresh := c.tokens(); access != "" || refresh != "" || c.front != "" {
			t.Error("a client keeps tokens after sign-out")
		}
		// Both transports are cleared, whichever was used.
		if _, cleared := a.Headers["st-access-token"]; !cleared || len(a.Cookies) != 2 {
			t.Errorf("sign-out cleared headers %v and cookies %q, want both", a.Headers, a.Cookies)
		}
		twin.expect(401, request{route: "POST /notes", body: aNote})
		expectOver(t, twin.send(request{route: refreshRoute}), "unauthorised")
	})
}

// A client that cannot refresh any more can still sign out.
func TestSignOutWithAnExpiredToken(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		c.advance(2 * time.Hour)
		_, refresh := c.tokens()
		c.expect(200, request{route: signOutRoute})
		c.refresh = refresh
		expectOver(t, c.send(request{route: refreshRoute}), "unauthorised")
	})
}

// Where nothing is proven, nothing is ended and nothing is cleared.
func TestSignOutsThatEndNothing(t *testing.T) {
	c := signedUp(t, "cookie")
	access, _ := c.tokens()
	forged := access[:len(access)-4] + "AAAA"
	for _, test := range []struct {
		name    string
		headers map[string]string
		cookie  string
		status  int
		message string
	}{
		{"no token", nil, "", 401, "unauthorised"},
		{"no token of ours", map[string]string{"authorization": "Bearer theirs"}, "", 401, "unauthorised"},
		{"forged cookie", nil, "sAccessToken=" + forged, 401, "try refresh token"},
		{"forged header", map[string]string{"authorization": "Bearer " + forged}, "", 401, "try refresh token"},
		{"unsigned", nil, "sAccessToken=" + access[:strings.LastIndexByte(access, '.')+1], 401, "try refresh token"},
		{"two headers", map[string]string{"authorization": "Bearer " + access + ", Bearer " + access}, "", 401, "try refresh token"},
		{"no rid", map[string]string{"rid": ""}, "sAccessToken=" + access, 401, "try refresh token"},
	} {
		headers := map[string]string{"cookie": test.cookie}
		maps.Copy(headers, test.headers)
		a := c.serve(t.Context(), request{route: signOutRoute, headers: headers})
		if a.StatusCode != test.status || a.Body != `{"message":"`+test.message+`"}` {
			t.Errorf("sign-out, %s = %d %s, want %d %s", test.name, a.StatusCode, a.Body, test.status, test.message)
		}
		if a.Headers["front-token"] != "" || len(a.Cookies) > 0 {
			t.Errorf("sign-out, %s, cleared front-token %q and cookies %q, want nothing", test.name, a.Headers["front-token"], a.Cookies)
		}
	}
	c.expect(201, request{route: "POST /notes", body: aNote})
}
