//go:build clients

package clients_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// object is JSON.
type object = map[string]any

// admin is an admin API with one session, which can be over. Replies are in the
// form of the real one.
type admin struct {
	t     *testing.T
	over  bool
	down  bool
	calls []string // method, path without the handle, body
}

var handle = sessions.NewHandle(sessions.KeyOf("public", "u1")).String()

func reply(name string, cookies ...string) object {
	headers := object{"front-token": name, "access-control-expose-headers": "front-token, x-" + name, "cache-control": "no-store"}
	return object{"headers": headers, "cookies": append([]string{}, cookies...)}
}

func (a *admin) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if err := key.Verify(r, body, time.Now()); err != nil {
		a.t.Error(err)
	}
	call := r.Method + " " + strings.ReplaceAll(r.RequestURI, handle, "H")
	a.calls = append(a.calls, strings.TrimSpace(call+" "+string(body)))
	session := object{
		"sessionHandle": handle, "userId": "u1", "recipeUserId": "u1", "tenantId": "public",
		"customClaimsInAccessTokenPayload": object{"plan": object{"v": "pro", "t": 1}},
	}
	answer := map[string]object{
		"DELETE /admin/sessions/H":     {"status": "OK", "reply": reply("gone", "sAccessToken=; Path=/", "sAccessToken=; Domain=example.com; Path=/")},
		"POST /admin/sessions/H/token": {"session": session, "reply": reply("new", "sAccessToken=new; Path=/")},
		"GET /admin/users/u1":          {"userId": "u1", "epoch": "0.0"},
		"POST /admin/sessions":         {"session": session, "reply": reply("started", "sAccessToken=first; Path=/", "sRefreshToken=r; Path=/auth")},
	}[call]
	rw.Header().Set("ETag", `"1"`)
	switch {
	case a.down:
		rw.WriteHeader(http.StatusServiceUnavailable)
		answer = object{"code": "unavailable"}
	case a.over && r.Method != http.MethodDelete:
		rw.WriteHeader(http.StatusNotFound)
		answer = object{"code": "session_not_found"}
	case answer == nil:
		answer = object{}
	}
	json.NewEncoder(rw).Encode(answer)
}

// function is a function of a backend in some language, served as Lambda's
// Invoke API.
type function struct{ url string }

// serve starts the handler in a folder, which is index.mjs in Node.js and app.py
// in Python, by the server of the examples.
func serve(t *testing.T, language, folder, address string, environment ...string) function {
	t.Helper()
	_, port, _ := strings.Cut(address, ":")
	server := map[string]string{"node": "../../examples/notes-node/serve.mjs", "python": "../../examples/notes-python/serve.py"}[language]
	work := map[string]string{"node": env(t, "NODE_CLIENT"), "python": t.TempDir()}[language] // modules are looked for from there
	dir, err := os.MkdirTemp(work, "handler")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	handler := map[string]string{"node": "index.mjs", "python": "app.py"}[language]
	for _, file := range []string{server, filepath.Join(folder, handler)} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(map[string]string{"node": "node", "python": env(t, "PYTHON")}[language], filepath.Join(dir, filepath.Base(server)), port)
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	var url string
	if _, err := fmt.Fscanf(out, "Serving on %s\n", &url); err != nil {
		t.Fatalf("the function does not serve: %v", err)
	}
	go io.Copy(io.Discard, out)
	return function{url}
}

// signing is the environment of a function that calls an API at url.
func signing(url, region, id, secret string) []string {
	return []string{"LATCHKEY_URL=" + url, "AWS_REGION=" + region, "AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=" + secret, "AWS_SESSION_TOKEN="}
}

// invoke returns the function's answer, and whether it failed.
func (f function) invoke(t *testing.T, event object) (answer object, failed bool) {
	t.Helper()
	text, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(f.url, "application/json", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("the function's answer: %v", err)
	}
	return answer, response.Header.Get("X-Amz-Function-Error") != ""
}

// token is an access token of the session by its form.
func token(handle string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"sessionHandle":"`+handle+`"}`)) + ".c2ln"
}

// decision is what the authorizer says of a checked request of now.
func decision() object {
	now := time.Now()
	at := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	return object{
		"latchkey": "1", "user": "u1", "recipeUser": "u1", "tenant": "public", "handle": handle,
		"expires": at(now.Add(time.Hour)), "decided": at(now), "checked": "store", "payload": "{}",
	}
}

// httpEvent is a POST in payload format 2.0, and restEvent in that of REST APIs.
func httpEvent(bearer, cookie string) object {
	return object{
		"version": "2.0", "headers": object{"authorization": bearer, "st-auth-mode": "cookie"}, "cookies": []string{"a=b", cookie},
		"requestContext": object{"http": object{"method": "POST"}, "authorizer": object{"lambda": decision()}},
	}
}

func restEvent(bearer, cookie string) object {
	return object{
		"httpMethod": "POST", "headers": object{"Authorization": bearer}, "multiValueHeaders": object{"Cookie": []string{"a=b; " + cookie}},
		"requestContext": object{"httpMethod": "POST", "authorizer": decision()},
	}
}

func with(m object, more object) object {
	m = maps.Clone(m)
	maps.Copy(m, more)
	return m
}

// What a backend does with a session reaches the API, and its answer tells the
// frontend, in both languages.
func TestSessions(t *testing.T) {
	bearer, cookie := "Bearer "+token(handle), "sAccessToken="+token(handle)
	other := "Bearer " + token("another")
	set := []any{[]any{"merge", object{"plan": object{"v": "pro"}}}}
	merged := `PATCH /admin/sessions/H/claims {"plan":{"v":"pro"}}`
	tokenBy := func(mode string) string { return `POST /admin/sessions/H/token {"mode":"` + mode + `"}` }
	plain := object{"statusCode": 200.0, "body": "{}"}
	exposing := with(plain, object{"headers": object{"Access-Control-Expose-Headers": "x-own, Front-Token", "Cache-Control": "max-age=9", "x-own": "1"}})
	headers := func(name, exposed string) object {
		return object{"front-token": name, "access-control-expose-headers": exposed, "cache-control": "no-store"}
	}
	newHeaders := headers("new", "front-token, x-new")
	refused := func(status float64, message string) object {
		return object{"statusCode": status, "headers": object{"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}, "body": `{"message":"` + message + `"}`}
	}
	gone := []any{"sAccessToken=; Path=/", "sAccessToken=; Domain=example.com; Path=/"}
	rows := []struct {
		name       string
		event      object
		calls      []any
		answer     object
		over, down bool
		sent       []string
		want       object // nil: the function fails
	}{
		{name: "nothing", event: httpEvent(bearer, ""), answer: plain, want: plain},
		{name: "claims, by a bearer", event: httpEvent(bearer, ""), calls: set, answer: plain, sent: []string{merged, tokenBy("header")},
			want: with(plain, object{"headers": newHeaders, "cookies": []any{"sAccessToken=new; Path=/"}})},
		{name: "claims, by a cookie", event: httpEvent(other, cookie), calls: set, answer: plain, sent: []string{merged, tokenBy("cookie")},
			want: with(plain, object{"headers": newHeaders, "cookies": []any{"sAccessToken=new; Path=/"}})},
		{name: "claims, by both", event: restEvent(bearer, cookie), calls: set, answer: plain, sent: []string{merged, tokenBy("cookie")},
			want: with(plain, object{"headers": newHeaders, "multiValueHeaders": object{"set-cookie": []any{"sAccessToken=new; Path=/"}}})},
		{name: "claims, by neither", event: httpEvent(other, "sAccessToken="+token("another")), calls: set, answer: plain},
		{name: "a claim is removed", event: httpEvent(bearer, ""), calls: []any{[]any{"removeClaim", "plan"}}, answer: plain,
			sent: []string{`PATCH /admin/sessions/H/claims {"plan":null}`, tokenBy("header")},
			want: with(plain, object{"headers": newHeaders, "cookies": []any{"sAccessToken=new; Path=/"}})},
		{name: "revoke", event: httpEvent(bearer, ""), calls: []any{[]any{"revoke"}}, answer: with(exposing, object{"cookies": []any{"own=1"}}),
			sent: []string{"DELETE /admin/sessions/H"},
			want: with(plain, object{"headers": with(headers("gone", "x-own, Front-Token, x-gone"), object{"x-own": "1"}), "cookies": append([]any{"own=1"}, gone...)})},
		{name: "revoke, payload 1.0", event: restEvent(bearer, ""), calls: []any{[]any{"revoke"}},
			answer: with(exposing, object{"multiValueHeaders": object{"Set-Cookie": []any{"own=1"}, "X-Many": []any{"1", "2"}}}),
			sent:   []string{"DELETE /admin/sessions/H"},
			want: with(plain, object{"headers": with(headers("gone", "x-own, Front-Token, x-gone"), object{"x-own": "1"}),
				"multiValueHeaders": object{"X-Many": []any{"1", "2"}, "set-cookie": append([]any{"own=1"}, gone...)}})},
		{name: "revoke after claims", event: httpEvent(bearer, ""), calls: append(slices.Clone(set), []any{"revoke"}), answer: plain,
			sent: []string{merged, tokenBy("header"), "DELETE /admin/sessions/H"},
			want: with(plain, object{"headers": headers("gone", "front-token, x-gone"), "cookies": gone})},
		{name: "revoke of a session that is over", event: httpEvent(bearer, ""), calls: []any{[]any{"revoke"}}, answer: plain, over: true,
			sent: []string{"DELETE /admin/sessions/H"}, want: with(plain, object{"headers": headers("gone", "front-token, x-gone"), "cookies": gone})},
		{name: "a start, and claims", event: with(httpEvent("", ""), object{"requestContext": object{"http": object{"method": "POST"}}}), calls: set, answer: plain,
			sent: []string{`POST /admin/sessions {"epoch":"0.0","mode":"cookie","userId":"u1"}`, merged, tokenBy("cookie")},
			want: with(plain, object{"headers": headers("new", "front-token, x-started, x-new"), "cookies": []any{"sRefreshToken=r; Path=/auth", "sAccessToken=new; Path=/"}})},
		{name: "data", event: httpEvent(bearer, ""), calls: []any{[]any{"putData", object{"a": 1}}, []any{"data"}, []any{"info"}}, answer: plain,
			sent: []string{`PUT /admin/sessions/H/data {"a":1}`, "GET /admin/sessions/H/data", "GET /admin/sessions/H"}, want: plain},
		{name: "data of a session that is over", event: httpEvent(bearer, ""), calls: []any{[]any{"data"}}, answer: plain, over: true,
			sent: []string{"GET /admin/sessions/H/data"}, want: refused(401, "unauthorised")},
		{name: "the store does not answer", event: httpEvent(bearer, ""), calls: []any{[]any{"revoke"}}, answer: plain, down: true,
			sent: []string{"DELETE /admin/sessions/H"}, want: refused(503, "temporarily unavailable, please try again")},
		{name: "no caller", event: with(httpEvent(bearer, ""), object{"requestContext": object{"http": object{"method": "POST"}}}), calls: []any{[]any{"revoke"}}, answer: plain,
			want: refused(401, "unauthorised")},
		{name: "the function's own error", event: httpEvent(bearer, ""), calls: []any{[]any{"noSuchMethod"}}, answer: plain},
		{name: "an answer without a status, and a reply", event: httpEvent(bearer, ""), calls: []any{[]any{"revoke"}}, answer: object{}, sent: []string{"DELETE /admin/sessions/H"}},
	}
	for _, language := range []string{"node", "python"} {
		var c current
		server := httptest.NewServer(&c)
		defer server.Close()
		f := serve(t, language, "told", ":0", signing(server.URL, key.Region, key.ID, key.Secret)...)
		for _, row := range rows {
			t.Run(language+"/"+row.name, func(t *testing.T) {
				c.api = &admin{t: t, over: row.over, down: row.down}
				body, _ := json.Marshal(object{"calls": append([]any{}, row.calls...), "answer": row.answer, "start": row.name == "a start, and claims"})
				got, failed := f.invoke(t, with(row.event, object{"body": string(body)}))
				if failed != (row.want == nil) || !failed && !reflect.DeepEqual(got, row.want) {
					t.Errorf("the answer is %v, want %v", got, row.want)
				}
				if sent := sorted(t, c.api.calls); !slices.Equal(sent, row.sent) {
					t.Errorf("it asked for %q, want %q", sent, row.sent)
				}
			})
		}
	}
}

// sorted spells the bodies of calls in one way.
func sorted(t *testing.T, calls []string) (all []string) {
	t.Helper()
	for _, call := range calls {
		head, body, found := strings.Cut(call, " {")
		if found {
			var value any
			if err := json.Unmarshal([]byte("{"+body), &value); err != nil {
				t.Fatal(err)
			}
			text, _ := json.Marshal(value)
			head += " " + string(text)
		}
		all = append(all, head)
	}
	return all
}

// current hands requests over to the API of the test at hand.
type current struct{ api *admin }

func (c *current) ServeHTTP(rw http.ResponseWriter, r *http.Request) { c.api.ServeHTTP(rw, r) }
