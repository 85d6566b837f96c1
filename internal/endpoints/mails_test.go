package endpoints_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/sessions"
)

const (
	askResetRoute  = "POST /auth/user/password/reset/token"
	resetRoute     = "POST /auth/user/password/reset"
	askVerifyRoute = "POST /auth/user/email/verify/token"
	verifyRoute    = "POST /auth/user/email/verify"
	isVerified     = "GET /auth/user/email/verify"
)

// link returns the token of a link that the mail function would mail to the
// user.
func (s *stack) link(p accounts.Purpose, u accounts.User) string {
	s.t.Helper()
	a, err := accounts.New(accounts.Config{Store: s.accounts, MinPassword: 8, PerSource: 100, Now: s.now})
	if err != nil {
		s.t.Fatal(err)
	}
	token, err := a.IssueLink(s.t.Context(), p, u)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(token)
}

// account is the user of the address.
func (s *stack) account(email string) accounts.User {
	s.t.Helper()
	u, err := s.accounts.ByEmail(s.t.Context(), "public", email)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// resetting is the body of a reset.
func resetting(token, password string) string {
	return fmt.Sprintf(`{"method":"token","token":%q,"formFields":[{"id":"password","value":%q}]}`, token, password)
}

// verifying is the body of a verification.
func verifying(token string) string { return fmt.Sprintf(`{"method":"token","token":%q}`, token) }

const (
	alice   = "alice@example.com"
	noReset = `{"status":"RESET_PASSWORD_INVALID_TOKEN_ERROR"}`
	noProof = `{"status":"EMAIL_VERIFICATION_INVALID_TOKEN_ERROR"}`
)

func forgotten(email string) string {
	return fmt.Sprintf(`{"formFields":[{"id":"email","value":%q}]}`, email)
}

// A forgotten password is replaced by a mailed link, which works once, and
// verifies the address. What it ends is in the list of operations.
func TestReset(t *testing.T) {
	c := signedUp(t, "header")
	const ok = `{"status":"OK"}`
	expectNothing(t, c.send(request{route: askResetRoute, body: forgotten(" Alice@Example.com")}), 200, ok)
	if got := fmt.Sprint(c.mail.asked); got != "[{reset public alice@example.com }]" {
		t.Errorf("mails asked for are %s", got)
	}
	token := c.link(accounts.ResetPassword, c.account(alice))
	expectNothing(t, c.send(request{route: resetRoute, body: resetting(token, "short")}), 200,
		`{"formFields":[{"id":"password","error":"Password must contain at least 8 characters"}],"status":"FIELD_ERROR"}`)
	c.expect(201, request{route: "POST /notes", body: aNote})
	expectNothing(t, c.send(request{route: resetRoute, body: resetting(token, newPassword)}), 200, ok)
	expectNothing(t, c.send(request{route: resetRoute, body: resetting(token, password)}), 200, noReset)
	c.expect(200, request{route: signInRoute, body: form(alice, newPassword)})
	expectNothing(t, c.send(request{route: isVerified}), 200, `{"isVerified":true,"status":"OK"}`)
}

// An address is verified by a mailed link. The caller's token says so at once.
func TestVerify(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		c.verifies = "required"
		c.start()
		c.expect(200, request{route: refreshRoute})
		c.expect(403, request{route: "GET /notes"})
		expectNothing(t, c.send(request{route: isVerified}), 200, `{"isVerified":false,"status":"OK"}`)
		expectNothing(t, c.send(request{route: askVerifyRoute}), 200, `{"status":"OK"}`)
		if len(c.mail.asked) != 1 || c.mail.asked[0].Purpose != accounts.VerifyEmail || c.mail.asked[0].UserID == "" {
			t.Errorf("mails asked for are %v", c.mail.asked)
		}
		a := c.expect(200, request{route: verifyRoute, body: verifying(c.link(accounts.VerifyEmail, c.account(alice)))})
		if a.Body != `{"status":"OK"}` || a.Headers["front-token"] == "" {
			t.Errorf("verification = %s with front-token %q, want OK and a new one", a.Body, a.Headers["front-token"])
		}
		c.expect(200, request{route: "GET /notes"})
		c.expect(201, request{route: "POST /notes", body: aNote})
		expectNothing(t, c.send(request{route: askVerifyRoute}), 200, `{"status":"EMAIL_ALREADY_VERIFIED_ERROR"}`)
		expectNothing(t, c.send(request{route: isVerified}), 200, `{"isVerified":true,"status":"OK"}`)
		c.expect(200, request{route: refreshRoute})
	})
}

// record returns what an answer is and what calls it was made by.
func (c *client) record(r request) string {
	c.t.Helper()
	var calls []string
	told := func(op string) { calls = append(calls, op) }
	c.sessions.told, c.accounts.told, c.mail.told = told, told, told
	a := c.send(r)
	c.sessions.told, c.accounts.told, c.mail.told = nil, nil, nil
	delete(a.Headers, "apigw-requestid")
	return fmt.Sprintf("%d %s %v %v by %v", a.StatusCode, a.Body, a.Headers, a.Cookies, calls)
}

// Neither the answer to a request for a mail nor what it causes here depends on
// whether there is a user of the address, or what the user is like.
func TestRequestsForMailsTellNothing(t *testing.T) {
	c := signedUp(t, "header")
	guest := c.stack.client("header")
	if err := c.accounts.Create(t.Context(), accounts.User{ID: "none", Tenant: "public", Email: "none@example.com", Joined: c.now()}); err != nil {
		t.Fatal(err)
	}
	disabled := c.stack.client("header")
	disabled.signUp("disabled@example.com")
	gone := decoded(t, c.stack.client("header").signUp("gone@example.com"))["user"].(map[string]any)["id"].(string)
	c.asks(request{route: patchUser, params: map[string]string{"userId": c.account("disabled@example.com").ID}, body: `{"disabled":true}`})
	want := guest.record(request{route: askResetRoute, body: forgotten(alice)})
	if !strings.HasPrefix(want, `200 {"status":"OK"} `) || !strings.HasSuffix(want, " by [Take Request]") {
		t.Errorf("a request to reset a password is answered %s", want)
	}
	for _, email := range []string{"nobody@example.com", "none@example.com", "disabled@example.com", "ALICE@example.com"} {
		if got := guest.record(request{route: askResetRoute, body: forgotten(email)}); got != want {
			t.Errorf("a request to reset the password of %s is answered %s, want %s", email, got, want)
		}
	}
	known := c.record(request{route: askVerifyRoute})
	ghost := newGround(c.stack, nil)
	for _, id := range []string{"nobody", "none", gone} {
		epoch, err := ghost.manager.Epoch(t.Context(), "public", id)
		if err != nil {
			t.Fatal(err)
		}
		grant, err := ghost.manager.Start(t.Context(), sessions.StartRequest{Epoch: epoch})
		if err != nil {
			t.Fatal(err)
		}
		guest.access = grant.Access
		if got := guest.record(request{route: askVerifyRoute}); got != known || !strings.Contains(got, "Take Request") {
			t.Errorf("a request to verify the address of %s is answered %s, want %s", id, got, known)
		}
	}
}

// A source asks for so many mails in a quarter of an hour, for whomever, and
// nothing is asked of the mail function beyond them.
func TestRequestsForMailsAreBounded(t *testing.T) {
	c := signedUp(t, "header")
	for i := range 100 {
		r := request{route: askResetRoute, body: forgotten(fmt.Sprintf("u%d@example.com", i))}
		if i%2 == 1 {
			r = request{route: askVerifyRoute}
		}
		expectNothing(t, c.send(r), 200, `{"status":"OK"}`)
	}
	for _, r := range []request{{route: askResetRoute, body: forgotten(alice)}, {route: askVerifyRoute}} {
		expectNothing(t, c.send(r), 200, `{"message":"Too many attempts. Please try again later.","status":"GENERAL_ERROR"}`)
	}
	if n := len(c.mail.asked); n != 100 {
		t.Errorf("%d mails were asked for, want 100", n)
	}
	c.source = "198.51.100.9"
	expectNothing(t, c.send(request{route: askResetRoute, body: forgotten(alice)}), 200, `{"status":"OK"}`)
}

// What is refused of requests and of what comes of mailed links, without a call
// to a store.
func TestFormsOfMails(t *testing.T) {
	c := signedUp(t, "header")
	c.expect(200, request{route: "GET /notes"}) // the authorizer has its keys
	c.access = ""
	const pass = `"formFields":[{"id":"password","value":"purple wombat stapler 7"}]`
	for _, test := range []struct {
		route, body string
		status      int
		want        string
	}{
		{askResetRoute, `{}`, 400, `{"message":"Missing input param: formFields"}`},
		{askResetRoute, form(alice, password), 400, `{"message":"Are you sending too many formFields?"}`},
		{askResetRoute, `{"formFields":[{"id":"password","value":"x"}]}`, 400, `{"message":"Are you sending too many formFields?"}`},
		{askResetRoute, `{"formFields":[{"id":"email","value":1}]}`, 400, `{"message":"email value must be a string"}`},
		{askResetRoute, `{"formFields":[]}`, 200, `{"formFields":[{"id":"email","error":"Field is not optional"}],"status":"FIELD_ERROR"}`},
		{askResetRoute, forgotten("x"), 200, `{"formFields":[{"id":"email","error":"Email is invalid"}],"status":"FIELD_ERROR"}`},
		{resetRoute, `{"token":"x"}`, 400, `{"message":"Missing input param: formFields"}`},
		{resetRoute, `{` + pass + `}`, 400, `{"message":"Please provide the password reset token"}`},
		{resetRoute, `{"token":1,` + pass + `}`, 400, `{"message":"The password reset token must be a string"}`},
		{resetRoute, `{"token":"x","formFields":[]}`, 200, `{"formFields":[{"id":"password","error":"Field is not optional"}],"status":"FIELD_ERROR"}`},
		{resetRoute, resetting("x", "password1"), 200, `{"formFields":[{"id":"password","error":"Password is too common, please choose another one"}],"status":"FIELD_ERROR"}`},
		{verifyRoute, ``, 400, `{"message":"the body must be one JSON object, in UTF-8, with no name twice"}`},
		{verifyRoute, `{}`, 400, `{"message":"Please provide the email verification token"}`},
		{verifyRoute, `{"token":null}`, 400, `{"message":"The email verification token must be a string"}`},
	} {
		c.free(func() { expectNothing(t, c.send(request{route: test.route, body: test.body}), test.status, test.want) })
		if t.Failed() {
			t.Fatalf("that was %s with %s", test.route, test.body)
		}
	}
}

// A token that was used, of another purpose or tenant, or that differs in one bit
// is none, and is refused in the words of its route. What cannot be one costs no
// call to a store. The rest that makes one void is package accounts'.
func TestTokensOfMailsThatAreNone(t *testing.T) {
	c := signedUp(t, "header")
	c.expect(200, request{route: "GET /notes"}) // the authorizer has its keys
	c.access = ""
	for _, p := range []struct {
		purpose, other accounts.Purpose
		route, refusal string
		body           func(token string) string
	}{
		{accounts.ResetPassword, accounts.VerifyEmail, resetRoute, noReset, func(token string) string { return resetting(token, newPassword) }},
		{accounts.VerifyEmail, accounts.ResetPassword, verifyRoute, noProof, verifying},
	} {
		refused := func(what, token string) {
			t.Helper()
			expectNothing(t, c.send(request{route: p.route, body: p.body(token)}), 200, p.refusal)
			if t.Failed() {
				t.Fatalf("that was %s of %s", what, p.purpose)
			}
		}
		refused("a token", c.link(p.other, c.account(alice)))
		token, second := c.link(p.purpose, c.account(alice)), c.link(p.purpose, c.account(alice))
		for _, garbage := range []string{"", "x", token[1:], token + "A", token[:63] + "é", strings.Repeat("A", 8000)} {
			c.free(func() { refused("garbage", garbage) })
		}
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			t.Fatal(err)
		}
		for i := range raw {
			raw[i] ^= 1
			refused("a token with another bit", base64.RawURLEncoding.EncodeToString(raw))
			raw[i] ^= 1
		}
		acme := request{
			route: strings.Replace(p.route, "/auth/", "/auth/{tenantId}/", 1), params: map[string]string{"tenantId": "acme"}, body: p.body(token),
		}
		expectNothing(t, c.send(acme), 200, p.refusal)
		acme.params["tenantId"] = "public"
		expectNothing(t, c.send(acme), 200, `{"status":"OK"}`)
		refused("a token that was used", token)
		refused("a token beside it", second)
	}
}

// Where no mails are sent, users are told so.
func TestNoMails(t *testing.T) {
	c := signedUp(t, "header")
	c.mail.closed = true
	c.start()
	const why = "No mails are sent here. Please ask those who run this service."
	expectNothing(t, c.send(request{route: askResetRoute, body: forgotten(alice)}), 200, `{"reason":"`+why+`","status":"PASSWORD_RESET_NOT_ALLOWED"}`)
	expectNothing(t, c.send(request{route: askVerifyRoute}), 200, `{"message":"`+why+`","status":"GENERAL_ERROR"}`)
}

// A link that is opened where somebody else is signed in verifies the address
// of its own user, and says nothing of it to the other.
func TestVerificationInASessionOfSomebodyElse(t *testing.T) {
	c := signedUp(t, "cookie")
	bob := c.stack.client("cookie")
	bob.signUp("bob@example.com")
	expectNothing(t, bob.send(request{route: verifyRoute, body: verifying(c.link(accounts.VerifyEmail, c.account(alice)))}), 200, `{"status":"OK"}`)
	expectNothing(t, bob.send(request{route: isVerified}), 200, `{"isVerified":false,"status":"OK"}`)
	a := c.expect(200, request{route: isVerified})
	if a.Body != `{"isVerified":true,"status":"OK"}` || a.Headers["front-token"] == "" {
		t.Errorf("of her own address alice is told %s with front-token %q, want a new one", a.Body, a.Headers["front-token"])
	}
	// A link is good for whom a session is over, as well.
	token := c.link(accounts.VerifyEmail, c.account("bob@example.com"))
	bob.expect(200, request{route: signOutRoute})
	expectNothing(t, bob.send(request{route: verifyRoute, body: verifying(token)}), 200, `{"status":"OK"}`)
}

// A new token takes the way of the one that it replaces, whatever the request
// asks for: no page reads what is kept in a cookie.
func TestNewTokensTakeTheirWay(t *testing.T) {
	for _, route := range []string{isVerified, verifyRoute, askVerifyRoute} {
		for mode, other := range map[string]string{"cookie": "header", "header": "cookie"} {
			c := signedUp(t, mode)
			token := c.link(accounts.VerifyEmail, c.account(alice))
			if route != verifyRoute {
				c.asks(request{route: patchRoles, params: map[string]string{"userId": c.account(alice).ID}, body: `{"st-ev":{"v":true,"t":1}}`})
			}
			a := c.expect(200, request{route: route, body: verifying(token), headers: map[string]string{"st-auth-mode": other}})
			inHeader, inCookie := a.Headers["st-access-token"] != "", strings.Contains(strings.Join(a.Cookies, " "), "sAccessToken=ey")
			if inHeader != (mode == "header") || inCookie != (mode == "cookie") || a.Headers["front-token"] == "" || a.Headers["st-refresh-token"] != "" {
				t.Errorf("%s by %s gives tokens in headers: %t, in cookies: %t", route, mode, inHeader, inCookie)
			}
			expectNothing(t, c.send(request{route: isVerified}), 200, `{"isVerified":true,"status":"OK"}`)
		}
	}
}
