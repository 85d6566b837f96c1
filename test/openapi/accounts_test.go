package openapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const (
	askReset  = "POST /auth/user/password/reset/token"
	askVerify = "POST /auth/user/email/verify/token"
)

// accounts does what only users with a password of their own can do.
func (w *world) accounts() {
	const change = "POST /auth/user/password"
	bob := w.signUp("bob@example.com", "nine tall birches by the river")
	for _, body := range []string{
		`{"currentPassword":"wrong","password":"ten old oaks on the hill"}`,
		`{"currentPassword":"nine tall birches by the river","password":"short"}`,
		`{"currentPassword":"nine tall birches by the river","password":"ten old oaks on the hill"}`,
	} {
		w.send(request{route: change, by: sessionBearer, about: bob, body: body}).want(200)
	}
	verified := `{"st-ev":{"v":true,"t":1700000000000}}`
	w.send(request{route: "PATCH /admin/users/{userId}/claims", by: signature, about: bob, body: verified}).want(200)
	for _, route := range []string{askVerify, "GET /auth/user/email/verify"} {
		w.send(request{route: route, by: sessionBearer, about: bob}).want(200)
	}
}

// mails does what only a link in a mail opens.
func (w *world) mails() {
	const carl = "carl@example.com"
	about := w.signUp(carl, "nine tall birches by the river")
	w.send(request{route: askVerify, by: sessionBearer, about: about}).want(200)
	verify := text(map[string]any{"method": "token", "token": w.mailed(carl, "/verify-email")})
	w.send(request{route: "POST /auth/user/email/verify", by: sessionBearer, about: about, body: verify}).want(200)

	field := func(id, value string) []any { return []any{map[string]any{"id": id, "value": value}} }
	w.send(request{route: askReset, body: text(map[string]any{"formFields": field("email", carl)})}).want(200)
	reset := text(map[string]any{"token": w.mailed(carl, "/reset-password"), "formFields": field("password", "ten old oaks on the hill")})
	w.send(request{route: "POST /auth/user/password/reset", body: reset}).want(200)
}

// mailed waits for a mail to the address with a link to the page, and returns
// the link's token.
func (w *world) mailed(to, page string) string {
	w.Helper()
	for n := range 100 {
		response, err := http.Get(fmt.Sprintf("%s/_local/mails?after=%d", w.run.URL, n)) // it waits for more than n
		must(w, err)
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		var mails []struct{ To, Link string }
		if err != nil || json.Unmarshal(body, &mails) != nil {
			w.Fatalf("mails of the local run are %.200s, %v", body, err)
		}
		for _, m := range mails {
			if link, err := url.Parse(m.Link); err == nil && m.To == to && strings.HasSuffix(link.Path, page) {
				return link.Query().Get("token")
			}
		}
	}
	w.Fatalf("no mail came to %s", to)
	return ""
}

// withoutMails asks for mails where none are sent.
func (w *world) withoutMails() {
	w.launch("MailFrom=")
	w.send(request{route: askReset, body: w.operations[askReset].bodies()[0]}).want(200)
	w.send(request{route: askVerify, by: sessionBearer, about: w.session(w.operations[askVerify])}).want(200)
}

const changeUser = "PATCH /admin/users/{userId}"

// meetings changes and adds users where others are there already, or none.
func (w *world) meetings() {
	about := w.session(w.operations["GET /auth/sessions"])
	add := func(id, email string) result {
		body := map[string]any{"userId": id, "email": email}
		return w.send(request{route: "POST /admin/users", by: signature, body: text(body)})
	}
	move := request{route: changeUser, by: signature, about: about, body: text(map[string]any{"email": "taken@example.com"})}
	w.send(move).want(404)
	add("first", "taken@example.com").want(201)
	add("first", "other@example.com").want(409)
	add(about.user, "taken@example.com").want(409)
	add(about.user, "mine@example.com").want(201)
	w.send(move).want(409)
}

// signUp returns the session of a new user.
func (w *world) signUp(email, password string) session {
	w.Helper()
	body := text(map[string]any{"formFields": []any{
		map[string]any{"id": "email", "value": email}, map[string]any{"id": "password", "value": password},
	}})
	a := w.send(request{route: "POST /auth/signup", body: body}).want(200)
	var signedUp struct{ User struct{ ID string } }
	must(w, json.Unmarshal(a.body, &signedUp))
	return session{user: signedUp.User.ID, access: a.header.Get("St-Access-Token"), refresh: a.header.Get("St-Refresh-Token")}
}
