package endpoints_test

import (
	"fmt"
	"testing"
	"time"
)

func TestSignUpRefusals(t *testing.T) {
	c := newStack(t).client("cookie")
	c.signUp("alice@example.com")
	c = c.stack.client("cookie")
	a := c.send(request{route: signUpRoute, body: form(" ALICE@example.com ", password)})
	expectNothing(t, a, 200, `{"formFields":[{"id":"email","error":"This email already exists. Please sign in instead."}],"status":"FIELD_ERROR"}`)
	weak := c.send(request{route: signUpRoute, body: form("bob@example.com", "12345678")})
	if body := decoded(t, weak); body["status"] != "FIELD_ERROR" || weak.Headers["front-token"] != "" {
		t.Errorf("sign-up with 12345678 = %s, want FIELD_ERROR", weak.Body)
	}
}

func TestEmailExists(t *testing.T) {
	c := newStack(t).client("cookie")
	c.signUp("alice@example.com")
	for _, path := range []string{"/emailpassword/email/exists", "/signup/email/exists"} {
		for email, want := range map[string]string{
			"alice@example.com": `{"exists":true,"status":"OK"}`, "ALICE@example.com": `{"exists":true,"status":"OK"}`,
			"bob@example.com": `{"exists":false,"status":"OK"}`, "": `{"exists":false,"status":"OK"}`, "x": `{"exists":false,"status":"OK"}`,
		} {
			expectNothing(t, c.send(request{route: "GET /auth" + path, query: map[string]string{"email": email}}), 200, want)
		}
		expectNothing(t, c.send(request{route: "GET /auth" + path}), 400, `{"message":"Please provide the email as a GET param"}`)
		of := request{route: "GET /auth/{tenantId}" + path, params: map[string]string{"tenantId": "acme"}, query: map[string]string{"email": "alice@example.com"}}
		expectNothing(t, c.send(of), 200, `{"exists":false,"status":"OK"}`)
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
