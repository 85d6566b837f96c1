package openapi_test

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
}

// signUp returns the session of a new user.
func (w *world) signUp(email, password string) session {
	w.Helper()
	body := text(map[string]any{"formFields": []any{
		map[string]any{"id": "email", "value": email}, map[string]any{"id": "password", "value": password},
	}})
	a := w.send(request{route: "POST /auth/signup", body: body}).want(200)
	return session{access: a.header.Get("St-Access-Token"), refresh: a.header.Get("St-Refresh-Token")}
}
