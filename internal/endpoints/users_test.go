package endpoints_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
)

// of names a user in a path.
func of(id string) map[string]string { return map[string]string{"userId": id} }

// epoch is what a backend is told of the user's epoch.
func (c *client) epoch(id string) string {
	c.t.Helper()
	return decoded(c.t, c.asks(request{route: userRoute, params: of(id)}))["epoch"].(string)
}

// A user whom nobody has seen is one of epoch 0, without an account.
func TestUsers(t *testing.T) {
	c := newStack(t).client("header")
	nobody := decoded(t, c.asks(request{route: userRoute, params: of("nobody")}))
	want := map[string]any{
		"userId": "nobody", "tenantId": "public", "epoch": sessions.User{}.EpochText(), "disabled": false, "claimsVersion": 0.0, "account": nil,
	}
	if !maps.Equal(nobody, want) {
		t.Errorf("a user never seen = %v, want %v", nobody, want)
	}
	expectVersion(t, c.asks(request{route: getRoles, params: of("nobody")}), `{}`, `"0"`)
	expectVersion(t, c.asks(request{route: patchRoles, params: of("nobody"), body: `{"plan":1}`}), `{"plan":1}`, `"1"`)
	old := request{route: patchRoles, params: of("nobody"), body: `{"plan":2}`, headers: map[string]string{"if-match": `"0"`}}
	expectCode(t, "an old version", c.asks(old), 412, "version_conflict")
	if now := decoded(t, c.asks(request{route: userRoute, params: of("nobody")})); now["claimsVersion"] != 1.0 {
		t.Errorf("a user with claims = %v, want their version 1", now)
	}
}

// An id in a path has one spelling, which no decoding on the way changes.
func TestIDsInPaths(t *testing.T) {
	c := newStack(t).client("header")
	tilde := func(id string) string { return "~" + base64.RawURLEncoding.EncodeToString([]byte(id)) }
	for _, id := range []string{
		"u1", "a.b_c@d|e:f-g", "...", "~x", "a/b", "50%", ".", "..", "é", "a b", "auth0|1", "../sessions", strings.Repeat("x", 256),
	} {
		segment := id
		if strings.Trim(id, "abcdefghtuxz01.|_@:-") != "" || id == "." || id == ".." {
			segment = tilde(id)
		}
		got := decoded(t, c.asks(request{route: userRoute, params: of(segment)}))
		if got["userId"] != id {
			t.Errorf("the user of %s = %v, want %s", segment, got, id)
		}
		c.asks(request{route: patchRoles, params: of(segment), body: `{"of":"` + segment + `"}`})
		if a := c.asks(request{route: getRoles, params: of(segment)}); a.Body != `{"of":"`+segment+`"}` {
			t.Errorf("claims of %s = %s, want those of this id alone", segment, a.Body)
		}
	}
	for _, segment := range []string{
		"", "a/b", "50%", "a%2Fb", ".", "..", "é", "a b", "a+b", "~", tilde("u1"), tilde("..."), tilde("a/b") + "=", tilde("a/b") + "\n",
		"~!!", "~_w", tilde("a\x00b"), tilde("\xff"), tilde(strings.Repeat("/", 257)), strings.Repeat("x", 257), "u1\r\nx: y",
	} {
		for route := range routes() {
			if strings.Contains(route, "{userId}") {
				c.meddle = func(e *httpEvent) { e.PathParameters = of(segment) } // the gateway has no route for some of them
				c.free(func() {
					a := c.asks(request{route: route, params: of("u1"), body: `{"disabled":true}`})
					expectCode(t, fmt.Sprintf("%s of %.20q", route, segment), a, 400, "invalid")
				})
			}
		}
	}
}
