package authorizer_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
)

func handleOf(tenant, user string) string {
	return sessions.NewHandle(sessions.KeyOf(tenant, user)).String()
}

// contextWith returns what the authorizer says of a checked request at the
// clock's time, with some members changed; a change to "-" removes one.
func contextWith(c *clock, changes ...string) map[string]string {
	m := map[string]string{
		"latchkey": "1", "user": "u1", "recipeUser": "u1", "tenant": "public", "handle": handleOf("public", "u1"),
		"expires": strconv.FormatInt(c.Now().Add(time.Hour).Unix(), 10), "decided": strconv.FormatInt(c.Now().Unix(), 10),
		"checked": "store", "payload": `{}`,
	}
	for i := 0; i < len(changes); i += 2 {
		m[changes[i]] = changes[i+1]
		if changes[i+1] == "-" {
			delete(m, changes[i])
		}
	}
	return m
}

func anyMap(m map[string]string) map[string]any {
	out := map[string]any{}
	for name, value := range m {
		out[name] = value
	}
	return out
}

func restRequest(method string, context map[string]any) events.APIGatewayProxyRequest {
	e := events.APIGatewayProxyRequest{HTTPMethod: method}
	e.RequestContext.HTTPMethod, e.RequestContext.Authorizer = method, context
	return e
}

func socketRequest(kind string, context map[string]any) events.APIGatewayWebsocketProxyRequest {
	var e events.APIGatewayWebsocketProxyRequest
	e.RequestContext.EventType, e.RequestContext.Authorizer = kind, context
	return e
}

// ways are the ways in which a backend may ask for its caller.
func ways(c *clock) map[string]func(method string, context map[string]string) (authorizer.Caller, error) {
	b := authorizer.Backend{Now: c.Now}
	through := func(ctx context.Context, method string) (authorizer.Caller, error) {
		return b.CallerFromRequest(httptest.NewRequestWithContext(ctx, method, "/notes", nil))
	}
	return map[string]func(string, map[string]string) (authorizer.Caller, error){
		"HTTP": func(method string, context map[string]string) (authorizer.Caller, error) {
			return b.CallerFromHTTP(httpRequest(event{method: method}, context))
		},
		"REST": func(method string, context map[string]string) (authorizer.Caller, error) {
			return b.CallerFromREST(restRequest(method, anyMap(context)))
		},
		"net/http, HTTP": func(method string, m map[string]string) (authorizer.Caller, error) {
			return through(authorizer.WithEvent(context.Background(), httpRequest(event{method: method}, m)), method)
		},
		"net/http, REST": func(method string, m map[string]string) (authorizer.Caller, error) {
			return through(authorizer.WithEvent(context.Background(), restRequest(method, anyMap(m))), method)
		},
	}
}

func TestCaller(t *testing.T) {
	c := newClock()
	for way, ask := range ways(c) {
		m := contextWith(c, "payload", `{"st-role":{"v":["admin"],"t":1}}`)
		got, err := ask("POST", m)
		if err != nil {
			t.Errorf("%s: %v", way, err)
			continue
		}
		expires, decided := time.Unix(c.Now().Add(time.Hour).Unix(), 0), time.Unix(c.Now().Unix(), 0)
		if got.User != "u1" || got.RecipeUser != "u1" || got.Tenant != "public" || got.Session != m["handle"] || got.Checked != "store" ||
			!got.Expires.Equal(expires) || !got.Decided.Equal(decided) || string(got.Claims) != m["payload"] {
			t.Errorf("%s: caller = %+v, want that of %v", way, got, m)
		}
		if err := got.Require(authorizer.Includes("st-role", "admin")); err != nil {
			t.Errorf("%s: Require = %v, want nil", way, err)
		}
	}
}

func TestCallerIsRefused(t *testing.T) {
	c := newClock()
	at := func(d time.Duration) string { return strconv.FormatInt(c.Now().Add(d).Unix(), 10) }
	for _, test := range []struct {
		name        string
		context     map[string]string
		read, write error
	}{
		{"nothing amiss", contextWith(c), nil, nil},
		{"no context", nil, authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"no marker", contextWith(c, "latchkey", "-"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"marker of another version", contextWith(c, "latchkey", "2"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"another authorizer's context", map[string]string{"principalId": "u1", "user": "u1", "sub": "u1"}, authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"a denial's context", map[string]string{"error": "invalid claim", "body": "{}"}, authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"no user", contextWith(c, "user", "-"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"no tenant", contextWith(c, "tenant", "-"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"no session", contextWith(c, "handle", "-"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"no expiry", contextWith(c, "expires", "-"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"expiry that is no number", contextWith(c, "expires", "never"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"no time of decision", contextWith(c, "decided", "-"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"checked by nobody", contextWith(c, "checked", "-"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"checked otherwise", contextWith(c, "checked", "cache"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"claims that are no object", contextWith(c, "payload", "[]"), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"claims that are cut off", contextWith(c, "payload", `{"a":`), authorizer.ErrNoCaller, authorizer.ErrNoCaller},
		{"anonymous", map[string]string{"latchkey": "1", "anonymous": "1", "decided": at(0), "checked": "token"}, authorizer.ErrAnonymous, authorizer.ErrAnonymous},
		{"anonymous with a user", contextWith(c, "anonymous", "1"), nil, nil},
		{"expires now", contextWith(c, "expires", at(0)), authorizer.ErrExpired, authorizer.ErrExpired},
		{"expired", contextWith(c, "expires", at(-time.Hour)), authorizer.ErrExpired, authorizer.ErrExpired},
		{"token only", contextWith(c, "checked", "token"), nil, authorizer.ErrStale},
		{"decided 29 s ago", contextWith(c, "decided", at(-29*time.Second)), nil, nil},
		{"decided 31 s ago", contextWith(c, "decided", at(-31*time.Second)), nil, authorizer.ErrStale},
		{"decided long ago", contextWith(c, "decided", "0"), nil, authorizer.ErrStale},
		{"decided in the future", contextWith(c, "decided", at(time.Minute)), nil, authorizer.ErrStale},
	} {
		for way, ask := range ways(c) {
			for _, method := range []string{"GET", "HEAD", "POST", "get", ""} {
				want := test.write
				if method == "GET" || method == "HEAD" {
					want = test.read
				}
				if method == "" && way[:3] == "net" {
					continue // an http.Request without a method is a GET
				}
				caller, err := ask(method, test.context)
				if !errors.Is(err, want) {
					t.Errorf("%s, %s %q = %v, want %v", test.name, way, method, err, want)
				}
				if err != nil && (caller.User != "" && test.context["anonymous"] == "1") {
					t.Errorf("%s, %s %q: a refused caller has a name", test.name, way, method)
				}
			}
		}
	}
}

// The token ends at the very second it names.
func TestCallerExpiresOnTheSecond(t *testing.T) {
	c := &clock{}
	c.at.Store(1_772_366_400_000)
	for way, ask := range ways(c) {
		if _, err := ask("GET", contextWith(c, "expires", "1772366401")); err != nil {
			t.Errorf("%s, a second before = %v, want nil", way, err)
		}
		if _, err := ask("GET", contextWith(c, "expires", "1772366400")); !errors.Is(err, authorizer.ErrExpired) {
			t.Errorf("%s, on the second = %v, want %v", way, err, authorizer.ErrExpired)
		}
	}
}

// A refused caller is the zero Caller, so that a backend that forgets to look
// at the error has nobody.
func TestRefusedCallerIsNobody(t *testing.T) {
	c := newClock()
	for name, m := range map[string]map[string]string{
		"expired": contextWith(c, "expires", "1"), "stale": contextWith(c, "checked", "token"), "unmarked": contextWith(c, "latchkey", "-"),
	} {
		for way, ask := range ways(c) {
			if caller, err := ask("POST", m); err == nil || caller.User != "" || caller.Session != "" || caller.Claims != nil {
				t.Errorf("%s, %s = %+v, %v, want nobody and an error", name, way, caller, err)
			}
		}
	}
}

func TestValuesMustBeText(t *testing.T) {
	c := newClock()
	for name, value := range map[string]any{"latchkey": 1.0, "user": 7.0, "expires": 1e12, "decided": nil} {
		m := anyMap(contextWith(c))
		m[name] = value
		e := httpRequest(event{method: "GET"}, nil)
		e.RequestContext.Authorizer.Lambda = m
		if _, err := (authorizer.Backend{Now: c.Now}).CallerFromHTTP(e); !errors.Is(err, authorizer.ErrNoCaller) {
			t.Errorf("%s = %v: %v, want %v", name, value, err, authorizer.ErrNoCaller)
		}
	}
}

// A method that a header or the event itself puts in doubt is no read.
func TestCallerOfADoubtfulRead(t *testing.T) {
	c := newClock()
	b := authorizer.Backend{Now: c.Now}
	m := contextWith(c, "checked", "token")
	override := httpRequest(event{method: "GET"}, m)
	override.Headers = map[string]string{"x-http-method-override": "DELETE"}
	rest := restRequest("GET", anyMap(m))
	rest.MultiValueHeaders = map[string][]string{"X-HTTP-Method-Override": {"DELETE"}}
	two := restRequest("GET", anyMap(m))
	two.RequestContext.HTTPMethod = "DELETE"
	rewritten := httptest.NewRequest("DELETE", "/notes", nil)
	rewritten = rewritten.WithContext(authorizer.WithEvent(rewritten.Context(), httpRequest(event{method: "GET"}, m)))
	added := httptest.NewRequest("GET", "/notes", nil)
	added.Header.Set("X-Method-Override", "DELETE")
	added = added.WithContext(authorizer.WithEvent(added.Context(), httpRequest(event{method: "GET"}, m)))
	for name, ask := range map[string]func() (authorizer.Caller, error){
		"override header":                 func() (authorizer.Caller, error) { return b.CallerFromHTTP(override) },
		"override header, REST":           func() (authorizer.Caller, error) { return b.CallerFromREST(rest) },
		"two methods":                     func() (authorizer.Caller, error) { return b.CallerFromREST(two) },
		"another method than the event's": func() (authorizer.Caller, error) { return b.CallerFromRequest(rewritten) },
		"override header, net/http":       func() (authorizer.Caller, error) { return b.CallerFromRequest(added) },
	} {
		if _, err := ask(); !errors.Is(err, authorizer.ErrStale) {
			t.Errorf("%s = %v, want %v", name, err, authorizer.ErrStale)
		}
	}
}

// Headers are never asked who the caller is.
func TestRequestWithoutEvent(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/notes", nil)
	r.Header.Set("latchkey", "1")
	r.Header.Set("user", "u1")
	if _, err := authorizer.CallerFromRequest(r); !errors.Is(err, authorizer.ErrNoCaller) {
		t.Errorf("CallerFromRequest = %v, want %v", err, authorizer.ErrNoCaller)
	}
	if _, signedIn, err := authorizer.OptionalCallerFromRequest(r); !errors.Is(err, authorizer.ErrNoCaller) || signedIn {
		t.Errorf("OptionalCallerFromRequest = %v, %v, want %v", signedIn, err, authorizer.ErrNoCaller)
	}
}

func TestOptionalCaller(t *testing.T) {
	c := newClock()
	b := authorizer.Backend{Now: c.Now}
	anonymous := map[string]string{"latchkey": "1", "anonymous": "1", "decided": "1", "checked": "token"}
	for _, test := range []struct {
		name     string
		context  map[string]string
		signedIn bool
		want     error
	}{
		{"signed in", contextWith(c), true, nil},
		{"anonymous", anonymous, false, nil},
		{"no authorizer", nil, false, authorizer.ErrNoCaller},
		{"anonymous without marker", map[string]string{"anonymous": "1"}, false, authorizer.ErrNoCaller},
		{"neither", map[string]string{"latchkey": "1"}, false, authorizer.ErrNoCaller},
		{"expired", contextWith(c, "expires", "1"), false, authorizer.ErrExpired},
		{"stale", contextWith(c, "checked", "token"), false, authorizer.ErrStale},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r = r.WithContext(authorizer.WithEvent(r.Context(), restRequest("POST", anyMap(test.context))))
		for way, ask := range map[string]func() (authorizer.Caller, bool, error){
			"HTTP": func() (authorizer.Caller, bool, error) {
				return b.OptionalCallerFromHTTP(httpRequest(event{method: "POST"}, test.context))
			},
			"REST": func() (authorizer.Caller, bool, error) {
				return b.OptionalCallerFromREST(restRequest("POST", anyMap(test.context)))
			},
			"net/http": func() (authorizer.Caller, bool, error) { return b.OptionalCallerFromRequest(r) },
		} {
			caller, signedIn, err := ask()
			if signedIn != test.signedIn || !errors.Is(err, test.want) || (caller.User != "") != test.signedIn {
				t.Errorf("%s, %s = %q, %v, %v, want %v, %v", test.name, way, caller.User, signedIn, err, test.signedIn, test.want)
			}
		}
	}
}

// A WebSocket's handshake must be fresh; its messages carry the handshake's
// decision until the token ends.
func TestCallerOfAWebSocket(t *testing.T) {
	c := newClock()
	b := authorizer.Backend{Now: c.Now}
	old := contextWith(c, "decided", strconv.FormatInt(c.Now().Add(-10*time.Minute).Unix(), 10))
	for _, test := range []struct {
		kind    string
		context any
		want    error
	}{
		{"CONNECT", anyMap(contextWith(c)), nil},
		{"CONNECT", anyMap(old), authorizer.ErrStale},
		{"", anyMap(old), authorizer.ErrStale},
		{"MESSAGE", anyMap(old), nil},
		{"DISCONNECT", anyMap(old), nil},
		{"MESSAGE", anyMap(contextWith(c, "checked", "token")), authorizer.ErrStale},
		{"MESSAGE", anyMap(contextWith(c, "expires", "1")), authorizer.ErrExpired},
		{"MESSAGE", nil, authorizer.ErrNoCaller},
		{"MESSAGE", "text", authorizer.ErrNoCaller},
	} {
		var e events.APIGatewayWebsocketProxyRequest
		e.RequestContext.EventType, e.RequestContext.Authorizer = test.kind, test.context
		if _, err := b.CallerFromWebSocket(e); !errors.Is(err, test.want) {
			t.Errorf("%s = %v, want %v", test.kind, err, test.want)
		}
	}
	r := httptest.NewRequest("POST", "/", nil)
	r = r.WithContext(authorizer.WithEvent(r.Context(), socketRequest("MESSAGE", anyMap(old))))
	if _, err := b.CallerFromRequest(r); err != nil {
		t.Errorf("a message through net/http = %v, want nil", err)
	}
}

// The functions are the methods by the wall clock.
func TestFunctionsUseTheWallClock(t *testing.T) {
	now := &clock{}
	now.at.Store(time.Now().UnixMilli())
	m := contextWith(now)
	r := httptest.NewRequest("POST", "/", nil)
	r = r.WithContext(authorizer.WithEvent(r.Context(), restRequest("POST", anyMap(m))))
	_, errHTTP := authorizer.CallerFromHTTP(httpRequest(event{method: "POST"}, m))
	_, errREST := authorizer.CallerFromREST(restRequest("POST", anyMap(m)))
	_, errSocket := authorizer.CallerFromWebSocket(socketRequest("CONNECT", anyMap(m)))
	_, errRequest := authorizer.CallerFromRequest(r)
	_, _, errOptHTTP := authorizer.OptionalCallerFromHTTP(httpRequest(event{method: "POST"}, m))
	_, _, errOptREST := authorizer.OptionalCallerFromREST(restRequest("POST", anyMap(m)))
	_, _, errOptRequest := authorizer.OptionalCallerFromRequest(r)
	if err := errors.Join(errHTTP, errREST, errSocket, errRequest, errOptHTTP, errOptREST, errOptRequest); err != nil {
		t.Errorf("a decision of now = %v, want nil", err)
	}
}
