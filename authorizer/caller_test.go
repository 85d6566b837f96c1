package authorizer_test

import (
	"errors"
	"maps"
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
func contextWith(c *clock, changes ...any) map[string]any {
	return changed(map[string]any{
		"latchkey": "1", "user": "u1", "recipeUser": "u1", "tenant": "public", "handle": handleOf("public", "u1"),
		"expires": c.at(time.Hour), "decided": c.at(0), "checked": "store", "payload": `{}`,
	}, changes...)
}

func changed(m map[string]any, changes ...any) map[string]any {
	m = maps.Clone(m)
	for i := 0; i < len(changes); i += 2 {
		m[changes[i].(string)] = changes[i+1]
		if changes[i+1] == "-" {
			delete(m, changes[i].(string))
		}
	}
	return m
}

// at returns a moment as contexts have it.
func (c *clock) at(d time.Duration) string { return strconv.FormatInt(c.Now().Add(d).Unix(), 10) }

func httpRequest(method string, context map[string]any) events.APIGatewayV2HTTPRequest {
	var e events.APIGatewayV2HTTPRequest
	e.RequestContext.HTTP.Method = method
	e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: context}
	return e
}

func restRequest(method string, context map[string]any) events.APIGatewayProxyRequest {
	e := events.APIGatewayProxyRequest{HTTPMethod: method}
	e.RequestContext.HTTPMethod, e.RequestContext.Authorizer = method, context
	return e
}

func socketRequest(kind string, context any) events.APIGatewayWebsocketProxyRequest {
	var e events.APIGatewayWebsocketProxyRequest
	e.RequestContext.EventType, e.RequestContext.Authorizer = kind, context
	return e
}

// adapted is an http.Request as an adapter makes it of an event.
func adapted[E authorizer.Event](method string, e E) *http.Request {
	r := httptest.NewRequest(or(method, "GET"), "/notes", nil)
	return r.WithContext(authorizer.WithEvent(r.Context(), e))
}

// ways are the ways in which a backend may ask for its caller. Each asks for one
// that must be there and for one that may, whose answers must agree.
func ways(t *testing.T, b authorizer.Backend) map[string]func(string, map[string]any) (authorizer.Caller, bool, error) {
	agree := func(required authorizer.Caller, err error) func(authorizer.Caller, bool, error) (authorizer.Caller, bool, error) {
		return func(c authorizer.Caller, signedIn bool, errOptional error) (authorizer.Caller, bool, error) {
			anonymous := errOptional == nil && !signedIn
			if required.User != c.User || errors.Is(err, authorizer.ErrAnonymous) != anonymous || !anonymous && !errors.Is(err, errOptional) {
				t.Errorf("required: %q, %v, optional: %q, %t, %v", required.User, err, c.User, signedIn, errOptional)
			}
			return c, signedIn, errOptional
		}
	}
	return map[string]func(string, map[string]any) (authorizer.Caller, bool, error){
		"HTTP": func(method string, m map[string]any) (authorizer.Caller, bool, error) {
			e := httpRequest(method, m)
			return agree(b.CallerFromHTTP(e))(b.OptionalCallerFromHTTP(e))
		},
		"REST": func(method string, m map[string]any) (authorizer.Caller, bool, error) {
			e := restRequest(method, m)
			return agree(b.CallerFromREST(e))(b.OptionalCallerFromREST(e))
		},
		"net/http, HTTP": func(method string, m map[string]any) (authorizer.Caller, bool, error) {
			r := adapted(method, httpRequest(method, m))
			return agree(b.CallerFromRequest(r))(b.OptionalCallerFromRequest(r))
		},
		"net/http, REST": func(method string, m map[string]any) (authorizer.Caller, bool, error) {
			r := adapted(method, restRequest(method, m))
			return agree(b.CallerFromRequest(r))(b.OptionalCallerFromRequest(r))
		},
	}
}

// Whom a backend takes a request to be from, whatever the way in which it asks.
// A refused caller is nobody, so that a backend that forgets to look at the
// error has none.
func TestCallerIsRefused(t *testing.T) {
	c := newClock()
	c.Advance(877 * time.Millisecond) // to a whole second
	no, stale, expired := authorizer.ErrNoCaller, authorizer.ErrStale, authorizer.ErrExpired
	stranger := map[string]any{"latchkey": "1", "anonymous": "1", "decided": c.at(0), "checked": "token"}
	for _, test := range []struct {
		name        string
		context     map[string]any
		read, write error
	}{
		{"nothing amiss", contextWith(c), nil, nil},
		{"no context", nil, no, no},
		{"no marker", contextWith(c, "latchkey", "-"), no, no},
		{"marker of another version", contextWith(c, "latchkey", "2"), no, no},
		{"marker that is no text", contextWith(c, "latchkey", 1.0), no, no},
		{"marker and nothing else", map[string]any{"latchkey": "1"}, no, no},
		{"another authorizer's context", map[string]any{"principalId": "u1", "user": "u1", "sub": "u1"}, no, no},
		{"a denial's context", map[string]any{"error": "invalid claim", "body": "{}"}, no, no},
		{"no user", contextWith(c, "user", "-"), no, no},
		{"user that is no text", contextWith(c, "user", 7.0), no, no},
		{"no tenant", contextWith(c, "tenant", "-"), no, no},
		{"no session", contextWith(c, "handle", "-"), no, no},
		{"no expiry", contextWith(c, "expires", "-"), no, no},
		{"expiry that is no number", contextWith(c, "expires", "never"), no, no},
		{"expiry that is no text", contextWith(c, "expires", 1e12), no, no},
		{"no time of decision", contextWith(c, "decided", "-"), no, no},
		{"time of decision that is null", contextWith(c, "decided", nil), no, no},
		{"checked by nobody", contextWith(c, "checked", "-"), no, no},
		{"checked otherwise", contextWith(c, "checked", "cache"), no, no},
		{"claims that are no object", contextWith(c, "payload", "[]"), no, no},
		{"claims that are cut off", contextWith(c, "payload", `{"a":`), no, no},
		{"anonymous", stranger, nil, nil},
		{"anonymous without marker", changed(stranger, "latchkey", "-"), no, no},
		{"anonymous with a user", contextWith(c, "anonymous", "1"), nil, nil},
		{"expires in a second", contextWith(c, "expires", c.at(time.Second)), nil, nil},
		{"expires now", contextWith(c, "expires", c.at(0)), expired, expired},
		{"token only", contextWith(c, "checked", "token"), nil, stale},
		{"decided 30 s ago", contextWith(c, "decided", c.at(-30*time.Second)), nil, nil},
		{"decided 31 s ago", contextWith(c, "decided", c.at(-31*time.Second)), nil, stale},
		{"decided long ago", contextWith(c, "decided", "0"), nil, stale},
		{"decided 31 s ahead", contextWith(c, "decided", c.at(31*time.Second)), nil, stale},
	} {
		for way, ask := range ways(t, authorizer.Backend{Now: c.Now}) {
			for method, want := range map[string]error{"GET": test.read, "HEAD": test.read, "POST": test.write, "get": test.write, "": test.write} {
				caller, signedIn, err := ask(method, test.context)
				if known := want == nil && test.context["user"] == "u1"; !errors.Is(err, want) || signedIn != known || (caller.User == "u1") != known || !known && caller.Claims != nil {
					t.Errorf("%s, %s %q = %+v, %t, %v, want %t, %v", test.name, way, method, caller, signedIn, err, known, want)
				}
			}
		}
	}
}

func TestCaller(t *testing.T) {
	c := newClock()
	m := contextWith(c, "payload", `{"st-role":{"v":["admin"],"t":1}}`)
	for way, ask := range ways(t, authorizer.Backend{Now: c.Now}) {
		got, _, err := ask("POST", m)
		expires, decided := time.Unix(c.Now().Add(time.Hour).Unix(), 0), time.Unix(c.Now().Unix(), 0)
		if err != nil || got.RecipeUser != "u1" || got.Tenant != "public" || got.Session != m["handle"] || got.Checked != "store" ||
			!got.Expires.Equal(expires) || !got.Decided.Equal(decided) || string(got.Claims) != m["payload"] {
			t.Errorf("%s: caller = %+v, %v, want that of %v", way, got, err, m)
		}
		if err := got.Require(authorizer.Includes("st-role", "admin")); err != nil {
			t.Errorf("%s: Require = %v, want nil", way, err)
		}
	}
}

// A method that a header, the event itself or an adapter puts in doubt is no
// read, and headers are never asked who the caller is.
func TestCallerOfADoubtfulRead(t *testing.T) {
	c := newClock()
	b := authorizer.Backend{Now: c.Now}
	m := contextWith(c, "checked", "token")
	override, rest, two := httpRequest("GET", m), restRequest("GET", m), restRequest("GET", m)
	override.Headers = map[string]string{"x-http-method-override": "DELETE"}
	rest.MultiValueHeaders = map[string][]string{"X-HTTP-Method-Override": {"DELETE"}}
	two.RequestContext.HTTPMethod = "DELETE"
	added := adapted("GET", httpRequest("GET", m))
	added.Header.Set("X-Method-Override", "DELETE")
	bare := httptest.NewRequest(http.MethodGet, "/notes", nil)
	for name, value := range m {
		bare.Header.Set(name, value.(string))
	}
	of := func(_ authorizer.Caller, err error) error { return err }
	for name, test := range map[string]struct{ got, want error }{
		"override header":                 {of(b.CallerFromHTTP(override)), authorizer.ErrStale},
		"override header, REST":           {of(b.CallerFromREST(rest)), authorizer.ErrStale},
		"two methods":                     {of(b.CallerFromREST(two)), authorizer.ErrStale},
		"another method than the event's": {of(b.CallerFromRequest(adapted("DELETE", httpRequest("GET", m)))), authorizer.ErrStale},
		"override header, net/http":       {of(b.CallerFromRequest(added)), authorizer.ErrStale},
		"no event":                        {of(b.CallerFromRequest(bare)), authorizer.ErrNoCaller},
	} {
		if !errors.Is(test.got, test.want) {
			t.Errorf("%s = %v, want %v", name, test.got, test.want)
		}
	}
}

// A WebSocket's handshake must be fresh; its messages carry the handshake's
// decision until the token ends.
func TestCallerOfAWebSocket(t *testing.T) {
	c := newClock()
	b := authorizer.Backend{Now: c.Now}
	old := contextWith(c, "decided", c.at(-10*time.Minute))
	for _, test := range []struct {
		kind    string
		context any
		want    error
	}{
		{"CONNECT", contextWith(c), nil},
		{"CONNECT", old, authorizer.ErrStale},
		{"", old, authorizer.ErrStale},
		{"MESSAGE", old, nil},
		{"DISCONNECT", old, nil},
		{"MESSAGE", contextWith(c, "checked", "token"), authorizer.ErrStale},
		{"MESSAGE", contextWith(c, "expires", "1"), authorizer.ErrExpired},
		{"MESSAGE", nil, authorizer.ErrNoCaller},
		{"MESSAGE", "text", authorizer.ErrNoCaller},
	} {
		e := socketRequest(test.kind, test.context)
		_, err := b.CallerFromWebSocket(e)
		_, errAdapted := b.CallerFromRequest(adapted("POST", e))
		if !errors.Is(err, test.want) || !errors.Is(errAdapted, test.want) {
			t.Errorf("%s = %v, through net/http %v, want %v", test.kind, err, errAdapted, test.want)
		}
	}
}

// The functions are the methods by the wall clock.
func TestFunctionsUseTheWallClock(t *testing.T) {
	now := &clock{}
	now.ms.Store(time.Now().UnixMilli())
	m := contextWith(now)
	_, errHTTP := authorizer.CallerFromHTTP(httpRequest("POST", m))
	_, errREST := authorizer.CallerFromREST(restRequest("POST", m))
	_, errSocket := authorizer.CallerFromWebSocket(socketRequest("CONNECT", m))
	_, errRequest := authorizer.CallerFromRequest(adapted("POST", restRequest("POST", m)))
	_, _, errOptHTTP := authorizer.OptionalCallerFromHTTP(httpRequest("POST", m))
	_, _, errOptREST := authorizer.OptionalCallerFromREST(restRequest("POST", m))
	_, _, errOptRequest := authorizer.OptionalCallerFromRequest(adapted("POST", restRequest("POST", m)))
	if err := errors.Join(errHTTP, errREST, errSocket, errRequest, errOptHTTP, errOptREST, errOptRequest); err != nil {
		t.Errorf("a decision of now = %v, want nil", err)
	}
}
