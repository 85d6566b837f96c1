package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/test/client"
)

// patience is as long as API Gateway waits for a function.
const patience = 30 * time.Second

// newClient speaks HTTP/1.1, the version in which the case of header names is
// the client's own, and follows nobody elsewhere.
func newClient() *http.Client {
	old := new(http.Protocols)
	old.SetHTTP1(true)
	return &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{Protocols: old, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

const accessCookie = "sAccessToken"

// dress changes the headers of a request.
type dress func(http.Header)

// with sets a header to the value, under the name as it is spelled.
func with(name, value string) dress {
	return func(h http.Header) {
		h.Del(name)
		h[name] = []string{value}
	}
}

// without takes a header away.
func without(name string) dress { return func(h http.Header) { h.Del(name) } }

// dress adds the access token, where the session keeps it.
func (s *session) dress(h http.Header) {
	if s.cookie {
		h.Set("Cookie", accessCookie+"="+s.access)
		return
	}
	h.Set("Authorization", "Bearer "+s.access)
}

// do sends a request as SuperTokens' frontends do from a page, and reads the
// answer.
func (w *walk) do(ctx context.Context, method, path, body string, dresses ...dress) answer {
	a := answer{call: method + " " + path}
	r, err := http.NewRequestWithContext(ctx, method, w.api+path, strings.NewReader(body))
	if err != nil {
		a.err = err
		return a
	}
	r.Header.Set("Origin", w.origin)
	r.Header.Set("Rid", "anti-csrf")
	r.Header.Set("Fdi-Version", "4.1")
	r.Header.Set("St-Auth-Mode", "header")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, d := range dresses {
		d(r.Header)
	}
	response, err := w.client.Do(r)
	if err != nil {
		a.err = err
		return a
	}
	defer response.Body.Close()
	a.code, a.header = response.StatusCode, response.Header
	a.body, a.err = io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return a
}

// answer is a response. What is asked of it comes to nothing once err is set,
// which says what was wrong first.
type answer struct {
	call   string
	code   int
	header http.Header
	body   []byte
	err    error
}

// must sets err unless ok.
func (a answer) must(ok bool, format string, args ...any) answer {
	if a.err == nil && !ok {
		a.err = fmt.Errorf("%s answered %d %#.120q, %s", a.call, a.code, a.body, fmt.Sprintf(format, args...))
	}
	return a
}

// want asks for one of the status codes.
func (a answer) want(codes ...int) answer {
	found := false
	for _, code := range codes {
		found = found || a.code == code
	}
	return a.must(found, "want %d", codes)
}

// refused asks for anything but that the request passed.
func (a answer) refused() answer { return a.must(a.code >= 400, "want a refusal") }

// message asks for the text in the way of API Gateway's own answers.
func (a answer) message(text string) answer {
	var said struct{ Message string }
	json.Unmarshal(a.body, &said) // what is no object says nothing
	return a.must(said.Message == text, "want the message %q", text)
}

// status asks for the status in the way of the Frontend Driver Interface.
func (a answer) status(text string) answer {
	var said struct{ Status string }
	json.Unmarshal(a.body, &said) // as above
	return a.must(said.Status == text, "want the status %q", text)
}

// readable asks for the headers without which a page of the origin cannot read
// the answer, and its session in it.
func (a answer) readable(origin string) answer {
	a = a.must(a.header.Get("Access-Control-Allow-Origin") == origin, "want Access-Control-Allow-Origin: %s", origin)
	a = a.must(a.header.Get("Access-Control-Allow-Credentials") == "true", "want Access-Control-Allow-Credentials: true")
	for _, name := range []string{"front-token", "st-access-token", "st-refresh-token", "anti-csrf"} {
		a = a.must(lists(a.header, "Access-Control-Expose-Headers", name), "want %s in Access-Control-Expose-Headers", name)
	}
	return a
}

// lists reports whether the header lists the word.
func lists(h http.Header, header, word string) bool {
	for _, value := range h.Values(header) {
		for one := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(one), word) {
				return true
			}
		}
	}
	return false
}

// session returns the session that the answer began or went on with.
func (a answer) session() *session {
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == accessCookie {
			return &session{access: c.Value, cookie: true}
		}
	}
	return &session{access: a.header.Get("St-Access-Token"), refresh: a.header.Get("St-Refresh-Token")}
}

// form is the body of sign-up and sign-in.
func (a account) form() string { return client.Form(a.email, a.password) }
