package client

import (
	"net/http"
	"testing"
)

// Walk takes a new user from sign-up to a revoked session, and checks the
// answer to each step. Refused is the status when the authorizer refuses.
func Walk(t *testing.T, c Client, email string, refused int) {
	t.Helper()
	c.T = t
	first := c.With(c.Post("/auth/signup", Form(email, Password)).Want(200).Saying(`"OK"`))
	c.Get("/auth/emailpassword/email/exists?email=" + email).Want(200).Saying(`"exists":true`)
	c.Post("/auth/signin", Form(email, "nine small birches by the river")).Want(200).Saying(`"WRONG_CREDENTIALS_ERROR"`)
	signedIn := c.Post("/auth/signin", Form(email, Password)).Want(200).Saying(`"OK"`)
	c = c.With(signedIn)
	c.Get("/notes").Want(200).Saying(`"notes":[]`)
	c.Post("/notes", `{"text":"milk"}`).Want(201)
	c.Get("/notes").Want(200).Saying("milk")
	c.Get("/greeting").Want(200).Saying("Hello, ")
	c.Get("/reports").Want(403)
	c.Get("/auth/sessions").Want(200).Saying(`"current":true`)

	c = c.refresh(t, signedIn)
	c.Post("/notes", `{"text":"eggs"}`).Want(201)
	out := c.Post("/auth/signout", "").Want(200).Saying(`"OK"`)
	if c.InCookies {
		for _, cookie := range out.Jar() {
			if cookie.Value != "" {
				t.Errorf("POST /auth/signout set %s to a value, want it cleared", cookie.Name)
			}
		}
		c.Post("/auth/session/refresh", "").Want(401)
	}
	c.Post("/notes", `{"text":"late"}`).Want(refused)
	c.Get("/notes").Want(200).Saying("eggs") // until its access token ends
	first.Post("/notes", `{"text":"another session"}`).Want(201)
}

// refresh refreshes twice with the token of an answer. The second answer must
// be like the first.
func (c Client) refresh(t *testing.T, from Answer) Client {
	t.Helper()
	if c.InCookies {
		return c.With(c.Post("/auth/session/refresh", "").Want(http.StatusOK))
	}
	_, token := from.Tokens()
	device := c
	device.Bearer = token
	one := device.Post("/auth/session/refresh", "").Want(200)
	_, next := one.Tokens()
	if _, again := device.Post("/auth/session/refresh", "").Want(200).Tokens(); again != next || next == token {
		t.Error("two refreshes with one token gave other tokens, or the old one, want twice the same new one")
	}
	return c.With(one)
}
