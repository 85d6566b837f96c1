//go:build sam

package sam_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// refused is what a caller of sam local start-api sees of the authorizer's
// Unauthorized, which is a 401 on AWS (docs/sam.md).
const refused = http.StatusBadGateway

// testAPI walks the whole path: sign up, sign in, GET, POST, refresh, revoke,
// POST refused, GET good until its token ends.
func testAPI(t *testing.T, c cli) {
	url := c.startAPI(t)
	t.Run("header mode", func(t *testing.T) { walk(t, client{url: url, mode: "header"}, "barbara@example.com") })
	t.Run("cookie mode", func(t *testing.T) { walk(t, client{url: url, mode: "cookie"}, "ken@example.com") })
	t.Run("refresh", func(t *testing.T) { testRefresh(t, client{url: url, mode: "header"}) })
	t.Run("another device", func(t *testing.T) { testAnotherDevice(t, client{url: url, mode: "header"}) })
	t.Run("without a session", func(t *testing.T) { testStranger(t, client{url: url}) })
}

func walk(t *testing.T, c client, email string) {
	c.signedIn(t, "/auth/signup", form(t, email))
	c, _ = c.signedIn(t, "/auth/signin", form(t, email))
	c.expect(t, "GET", "/notes", "", http.StatusOK, `"notes":[]`)
	c.expect(t, "POST", "/notes", `{"text":"milk"}`, http.StatusCreated, "milk")
	c.expect(t, "GET", "/notes", "", http.StatusOK, "milk")
	c.expect(t, "GET", "/reports", "", http.StatusForbidden, "")

	c.expect(t, "POST", "/auth/signout", "", http.StatusOK, `"status":"OK"`)
	c.expect(t, "POST", "/notes", `{"text":"late"}`, refused, "")
	c.expect(t, "GET", "/notes", "", http.StatusOK, "milk")
}

func testRefresh(t *testing.T, c client) {
	c, refresh := c.signedIn(t, "/auth/signup", form(t, "alan@example.com"))
	device := client{url: c.url, mode: c.mode, access: refresh}
	a := device.expect(t, "POST", "/auth/session/refresh", "", http.StatusOK, "")
	if next := a.header.Get("st-refresh-token"); next == "" || next == refresh {
		t.Errorf("POST /auth/session/refresh brought no new refresh token")
	}
	c.keep(a).expect(t, "POST", "/notes", `{"text":"eggs"}`, http.StatusCreated, "eggs")
}

// testAnotherDevice revokes one session from another one of the same user.
func testAnotherDevice(t *testing.T, c client) {
	lost, _ := c.signedIn(t, "/auth/signup", form(t, "edsger@example.com"))
	here, _ := c.signedIn(t, "/auth/signin", form(t, "edsger@example.com"))
	lost.expect(t, "POST", "/notes", `{"text":"tea"}`, http.StatusCreated, "tea")

	var list struct {
		Sessions []struct {
			Handle  string
			Current bool
		}
	}
	a := here.expect(t, "GET", "/auth/sessions", "", http.StatusOK, "")
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || len(list.Sessions) != 2 {
		t.Fatalf("GET /auth/sessions = %s, want two sessions", a.body)
	}
	for _, s := range list.Sessions {
		if !s.Current {
			here.expect(t, "DELETE", "/auth/sessions/"+s.Handle, "", http.StatusOK, "")
		}
	}
	lost.expect(t, "POST", "/notes", `{"text":"more tea"}`, refused, "")
	here.expect(t, "POST", "/notes", `{"text":"coffee"}`, http.StatusCreated, "coffee")
}

// testStranger asks without a token. The routes under AWS_IAM are open here
// (docs/sam.md), and the functions behind them refuse by themselves.
func testStranger(t *testing.T, c client) {
	c.expect(t, "GET", "/notes", "", refused, "")
	c.expect(t, "POST", "/notes", `{"text":"spam"}`, refused, "")
	c.expect(t, "GET", "/greeting", "", http.StatusOK, "stranger")
	c.expect(t, "GET", "/auth/jwt/jwks.json", "", http.StatusOK, `"kty":"RSA"`)
	c.expect(t, "GET", "/auth/emailpassword/email/exists?email=barbara@example.com", "", http.StatusOK, `"exists":true`)
	c.expect(t, "GET", "/admin/sessions/any/data", "", http.StatusForbidden, "")
	c.expect(t, "DELETE", "/admin/users/any/sessions", "", http.StatusForbidden, "")
}
