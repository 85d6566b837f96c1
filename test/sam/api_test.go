//go:build sam

package sam_test

import (
	"net/http"
	"testing"

	"github.com/latchkey-auth/latchkey/test/client"
)

// refused is what a caller of sam local start-api sees of the authorizer's
// Unauthorized, which is a 401 on AWS (docs/sam.md).
const refused = http.StatusBadGateway

// testAPI walks the whole path, from sign-up to a POST that is refused.
func testAPI(t *testing.T, c cli) {
	stranger := client.Client{URL: c.startAPI(t)}
	t.Run("header mode", func(t *testing.T) { client.Walk(t, stranger, "barbara@example.com", refused) })
	t.Run("cookie mode", func(t *testing.T) {
		inCookies := stranger
		inCookies.InCookies = true
		client.Walk(t, inCookies, "ken@example.com", refused)
	})
	t.Run("another device", func(t *testing.T) { testAnotherDevice(t, stranger) })
	t.Run("without a session", func(t *testing.T) { testStranger(t, stranger) })
}

// testAnotherDevice revokes one session from another one of the same user.
func testAnotherDevice(t *testing.T, c client.Client) {
	c.T = t
	form := client.Form("edsger@example.com", client.Password)
	lost := c.With(c.Post("/auth/signup", form).Want(200).Saying(`"OK"`))
	here := c.With(c.Post("/auth/signin", form).Want(200).Saying(`"OK"`))
	lost.Post("/notes", `{"text":"tea"}`).Want(201)
	var list struct {
		Sessions []struct {
			Handle  string
			Current bool
		}
	}
	if here.Get("/auth/sessions").Want(200).Decode(&list); len(list.Sessions) != 2 {
		t.Fatalf("GET /auth/sessions = %+v, want two sessions", list)
	}
	for _, s := range list.Sessions {
		if !s.Current {
			here.Do("DELETE", "/auth/sessions/"+s.Handle, "").Want(200)
		}
	}
	lost.Post("/notes", `{"text":"more tea"}`).Want(refused)
	here.Post("/notes", `{"text":"coffee"}`).Want(201)
}

// testStranger asks without a token. The routes under AWS_IAM are open here
// (docs/sam.md), and the functions behind them refuse by themselves.
func testStranger(t *testing.T, c client.Client) {
	c.T = t
	c.Get("/notes").Want(refused)
	c.Post("/notes", `{"text":"spam"}`).Want(refused)
	c.Get("/greeting").Want(200).Saying("stranger")
	c.Get("/auth/jwt/jwks.json").Want(200).Saying(`"kty":"EC"`)
	c.Get("/admin/sessions/any/data").Want(403)
	c.Do("DELETE", "/admin/users/any/sessions", "").Want(403)
}
