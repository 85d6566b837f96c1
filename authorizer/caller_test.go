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

// adapted is an http.Request as an adapter makes it of an event.
func adapted[E authorizer.Event](method string, e E) *http.Request {
	r := httptest.NewRequest(or(method, "GET"), "/notes", nil)
	return r.WithContext(authorizer.WithEvent(r.Context(), e))
}

// ask returns whom a backend takes an event to be from. It asks for a caller who
// must be there and for one who may be, whose answers must agree.
func ask[E authorizer.Event | *http.Request](t *testing.T, e E, b authorizer.Backend) (authorizer.Caller, bool, error) {
	t.Helper()
	required, errRequired := authorizer.CallerFrom(e, b)
	c, signedIn, err := authorizer.OptionalCallerFrom(e, b)
	anonymous := err == nil && !signedIn
	if required.User != c.User || errors.Is(errRequired, authorizer.ErrAnonymous) != anonymous ||
		!anonymous && !errors.Is(errRequired, err) {
		t.Errorf("required: %q, %v, optional: %q, %t, %v", required.User, errRequired, c.User, signedIn, err)
	}
	return c, signedIn, err
}

// ways are the ways in which a backend may ask for its caller.
func ways(t *testing.T, b authorizer.Backend) map[string]func(string, map[string]any) (authorizer.Caller, bool, error) {
	return map[string]func(string, map[string]any) (authorizer.Caller, bool, error){
		"HTTP": func(method string, m map[string]any) (authorizer.Caller, bool, error) {
			return ask(t, httpRequest(method, m), b)
		},
		"REST": func(method string, m map[string]any) (authorizer.Caller, bool, error) {
			return ask(t, restRequest(method, m), b)
		},
		"net/http, HTTP": func(method string, m map[string]any) (authorizer.Caller, bool, error) {
			return ask(t, adapted(method, httpRequest(method, m)), b)
		},
		"net/http, REST": func(method string, m map[string]any) (authorizer.Caller, bool, error) {
			return ask(t, adapted(method, restRequest(method, m)), b)
		},
	}
}

// What an adapter puts in doubt is no read, and headers are never asked who the
// caller is.
func TestCallerOfADoubtfulRequest(t *testing.T) {
	c := newClock()
	b := authorizer.Backend{Now: c.Now}
	m := contextWith(c, "checked", "token")
	added := adapted("GET", httpRequest("GET", m))
	added.Header.Set("X-Method-Override", "DELETE")
	bare := httptest.NewRequest(http.MethodGet, "/notes", nil)
	for name, value := range m {
		bare.Header.Set(name, value.(string))
	}
	for name, test := range map[string]struct {
		request *http.Request
		want    error
	}{
		"another method than the event's": {adapted("DELETE", httpRequest("GET", m)), authorizer.ErrStale},
		"override header":                 {added, authorizer.ErrStale},
		"no event":                        {bare, authorizer.ErrNoCaller},
	} {
		if _, err := authorizer.CallerFrom(test.request, b); !errors.Is(err, test.want) {
			t.Errorf("%s = %v, want %v", name, err, test.want)
		}
	}
}

// Without a Backend the wall clock counts, and of several the last.
func TestWhichBackendCounts(t *testing.T) {
	now := &clock{}
	now.ms.Store(time.Now().UnixMilli())
	e := httpRequest("POST", contextWith(now))
	_, err := authorizer.CallerFrom(e)
	_, signedIn, errOptional := authorizer.OptionalCallerFrom(e)
	if err != nil || errOptional != nil || !signedIn {
		t.Errorf("a decision of now = %v, %t, %v, want a caller", err, signedIn, errOptional)
	}
	late := authorizer.Backend{Now: func() time.Time { return now.Now().Add(time.Minute) }}
	if _, err := authorizer.CallerFrom(e, authorizer.Backend{}, late); !errors.Is(err, authorizer.ErrStale) {
		t.Errorf("a minute later = %v, want ErrStale", err)
	}
}
