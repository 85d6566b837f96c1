package endpoints_test

import (
	"fmt"
	"testing"
	"time"
)

func TestEmailExists(t *testing.T) {
	c := signedUp(t, "cookie")
	for _, path := range []string{"/emailpassword/email/exists", "/signup/email/exists"} {
		expectNothing(t, c.send(request{route: "GET /auth" + path, query: map[string]string{"email": "x"}}), 200, `{"exists":false,"status":"OK"}`)
		of := request{route: "GET /auth/{tenantId}" + path, params: map[string]string{"tenantId": "acme"}, query: map[string]string{"email": alice}}
		expectNothing(t, c.send(of), 200, `{"exists":false,"status":"OK"}`)
		expectNothing(t, c.send(request{route: "GET /auth" + path}), 400, `{"message":"Please provide the email as a GET param"}`)
	}
}

// What the request says of its source counts for nothing.
func TestSourceIsTheGateways(t *testing.T) {
	c := newStack(t).client("cookie")
	exists := func(forwarded, ip string) string {
		c.source = ip
		return c.send(request{route: takenRoute, query: map[string]string{"email": "a@example.com"}, headers: map[string]string{"x-forwarded-for": forwarded}}).Body
	}
	const throttled = `{"message":"Too many attempts. Please try again later.","status":"GENERAL_ERROR"}`
	for i := range 100 {
		exists(fmt.Sprintf("198.51.100.%d", i), "192.0.2.7")
	}
	if got := exists("198.51.100.200", "192.0.2.7"); got != throttled {
		t.Errorf("look-up 101 of one source = %s, want it throttled", got)
	}
	if got := exists("192.0.2.7", "192.0.2.8"); got == throttled {
		t.Error("a source is throttled for what another one did")
	}
	c.advance(15 * time.Minute)
	if got := exists("", "192.0.2.7"); got == throttled {
		t.Error("a source stays throttled for more than its span")
	}
}
