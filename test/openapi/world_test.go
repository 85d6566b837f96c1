package openapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/test/client"
	"github.com/latchkey-auth/latchkey/test/localrun"
)

// The security schemes of the document.
const (
	nobody         = ""
	sessionCookie  = "sessionCookie"
	sessionBearer  = "bearer"
	refreshCookie  = "refreshCookie"
	refreshBearer  = "refreshBearer"
	signature      = "sigv4"
	page           = "http://localhost:3000" // of AllowedOrigins
	anotherPage    = "https://other.example"
	unknownHandle  = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	unknownVersion = `"41"`
)

// world is a local run that answers requests made of the document, and what
// came of them.
type world struct {
	*testing.T
	binary     string
	run        *localrun.Process
	operations map[string]operation
	start      string          // the body of a start, an example of the document
	users      int             // for whom a session was started with it, each with an id of their own
	seen       map[string]bool // summaries of operations with statuses that were answered
}

// newWorld starts a run. Tokens are replaced at once and good for one use.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, binary: localrun.Build(t), operations: operations(read(t)), seen: map[string]bool{}}
	w.start = text(w.operations["POST /admin/sessions"].content().Examples["least"].Value.Value)
	w.launch("AttemptsPerSource=1000000")
	return w
}

// launch starts a run, in place of the one before, with a parameter set.
func (w *world) launch(set string) {
	w.run = localrun.Launch(w.T, w.binary, "-set", set, "-set", "SigningAlgorithm=ES256", "-set", "Tenants=public,x",
		"-set", "ReplayWindowSeconds=0", "-set", "RotationGapSeconds=0")
}

// session is one of the user's, with tokens that nobody used yet.
type session struct{ user, handle, access, refresh string }

// session starts a session of a new user, as a backend, if the operation needs
// one.
func (w *world) session(o operation) session {
	w.Helper()
	if len(o.schemes()) == 0 {
		return session{}
	}
	w.users++
	body := strings.Replace(w.start, `"u1"`, fmt.Sprintf(`"user.%d"`, w.users), 1)
	var given struct {
		Session struct {
			Handle string `json:"sessionHandle"`
			User   string `json:"userId"`
		}
		Reply struct{ Headers map[string]string }
	}
	a := w.send(request{route: "POST /admin/sessions", by: signature, body: body})
	must(w, json.Unmarshal(a.want(201).body, &given))
	if o.key() == changeUser {
		account := map[string]any{"userId": given.Session.User, "email": given.Session.User + "@example.com"}
		w.send(request{route: "POST /admin/users", by: signature, body: text(account)}).want(201)
	}
	tokens := given.Reply.Headers
	return session{given.Session.User, given.Session.Handle, tokens["st-access-token"], tokens["st-refresh-token"]}
}

// request is a request by a route of the document. What is not said is what
// makes a good request of it.
type request struct {
	route  string
	by     string            // the security scheme
	about  session           // whose tokens are sent, and who is named in the path
	path   map[string]string // parameters of the path that are otherwise
	query  url.Values
	header map[string]string
	body   string
}

// String says what is sent.
func (r request) String() string {
	return fmt.Sprintf("%s by %q %v %v %v %.200q", r.route, r.by, r.path, r.query, r.header, r.body)
}

// placed returns the request's path with its parameters filled in.
func (w *world) placed(r request) string {
	_, path, _ := strings.Cut(r.route, " ")
	values := map[string]string{"handle": r.about.handle, "userId": r.about.user, "tenantId": "public"}
	for name, value := range r.path {
		values[name] = value
	}
	for name, value := range values {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
	}
	if len(r.query) > 0 {
		path += "?" + r.query.Encode()
	}
	return path
}

// send sends the request and holds the answer against the document.
func (w *world) send(r request) result {
	w.Helper()
	o, found := w.operations[r.route]
	if !found {
		w.Fatalf("%s is not described", r.route)
	}
	r.body = strings.ReplaceAll(r.body, "lovelace@", r.about.user+"@") // an address is one user's
	h, err := http.NewRequestWithContext(w.Context(), o.method, w.run.URL+w.placed(r), strings.NewReader(r.body))
	must(w, err)
	w.authorize(h, r)
	response, err := http.DefaultClient.Do(h)
	must(w, err)
	defer response.Body.Close()
	a := answer{status: response.StatusCode, header: response.Header}
	if a.body, err = io.ReadAll(response.Body); err != nil {
		w.Fatal(err)
	}
	if err := o.check(a); err != nil {
		w.Errorf("%v = %d %v %s: %v", r, a.status, a.header, a.body, err)
	}
	w.seen[o.Summary+" "+response.Status[:3]+" "+outcome(a.body)] = true
	return result{a, w, r}
}

// authorize adds headers and credentials.
func (w *world) authorize(h *http.Request, r request) {
	h.Header.Set("Content-Type", "application/json")
	switch r.by {
	case sessionCookie:
		h.AddCookie(&http.Cookie{Name: "sAccessToken", Value: r.about.access})
	case refreshCookie:
		h.AddCookie(&http.Cookie{Name: "sRefreshToken", Value: r.about.refresh})
	case sessionBearer:
		h.Header.Set("Authorization", "Bearer "+r.about.access)
	case refreshBearer:
		h.Header.Set("Authorization", "Bearer "+r.about.refresh)
	}
	if r.by == sessionCookie || r.by == refreshCookie {
		h.Header.Set("Rid", "session")
		h.Header.Set("Origin", page)
	}
	for name, value := range r.header {
		h.Header.Set(name, value)
	}
	if r.by == signature {
		must(w, client.Sign(h, w.run.Key, r.body, time.Now()))
	}
}

// result is an answer that was as described.
type result struct {
	answer
	w  *world
	of request
}

// want fails the test unless the answer has the status.
func (a result) want(status int) result {
	a.w.Helper()
	if a.status != status {
		a.w.Errorf("%v = %d %s, want %d", a.of, a.status, a.body, status)
	}
	return a
}

// outcome is the status in the body of a frontend's answer, the code in that of
// a problem, "" where there is neither.
func outcome(body []byte) string {
	var b struct {
		Status any    `json:"status"`
		Code   string `json:"code"`
	}
	json.Unmarshal(body, &b) // what is no object has none
	if s, isText := b.Status.(string); isText {
		return s
	}
	return b.Code
}

// text writes a value as JSON.
func text(value any) string {
	b, _ := json.Marshal(value) // it came of a document that was JSON
	return string(b)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
