//go:build sam

package sam_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// client calls the API with what it holds of a session.
type client struct {
	url     string
	mode    string // st-auth-mode: header or cookie
	access  string // sent as a Bearer token when not empty
	cookies string // sent as the Cookie header when not empty
}

// answer is what a call came back with.
type answer struct {
	status int
	body   string
	header http.Header
}

func (c client) call(t *testing.T, method, path, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	headers := map[string]string{
		"Content-Type": "application/json", "rid": "anti-csrf", "st-auth-mode": c.mode, "Cookie": c.cookies,
	}
	if c.access != "" {
		headers["Authorization"] = "Bearer " + c.access
	}
	for name, value := range headers {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, string(text), response.Header}
}

// expect calls and fails the test at once unless the answer has the status and
// its body contains the text: what follows would mean nothing.
func (c client) expect(t *testing.T, method, path, body string, status int, text string) answer {
	t.Helper()
	a := c.call(t, method, path, body)
	if a.status != status || !strings.Contains(a.body, text) {
		t.Fatalf("%s %s = %d %s, want %d and %q", method, path, a.status, a.body, status, text)
	}
	return a
}

// signedIn returns a client with a new session of its own, from sign-up or
// sign-in with the form.
func (c client) signedIn(t *testing.T, path, form string) (with client, refresh string) {
	t.Helper()
	a := c.expect(t, "POST", path, form, http.StatusOK, `"status":"OK"`)
	return c.keep(a), a.header.Get("st-refresh-token")
}

// keep returns a client with the tokens that the answer brought.
func (c client) keep(a answer) client {
	if access := a.header.Get("st-access-token"); access != "" {
		c.access = access
	}
	var cookies []string
	for _, cookie := range (&http.Response{Header: a.header}).Cookies() {
		cookies = append(cookies, cookie.Name+"="+cookie.Value)
	}
	c.cookies = strings.Join(cookies, "; ")
	return c
}

// form is the body of sign-up and sign-in.
func form(t *testing.T, email string) string {
	t.Helper()
	type field struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	}
	fields := []field{{"email", email}, {"password", "a fine day in the hills"}}
	b, err := json.Marshal(map[string][]field{"formFields": fields})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
