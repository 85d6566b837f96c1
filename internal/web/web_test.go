package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/web"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

const route = "POST /a/{b}"

// serve answers an event with a mux of one route, and returns what was logged.
func serve(t *testing.T, r web.Route, e events.APIGatewayV2HTTPRequest) (web.Response, string) {
	t.Helper()
	var log bytes.Buffer
	mux := &web.Mux{Routes: map[string]web.Route{route: r}, Log: slog.New(slog.NewJSONHandler(&log, nil))}
	event, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	text, err := mux.Invoke(t.Context(), event)
	if err != nil {
		t.Fatalf("Invoke = %v, want a response", err)
	}
	var response web.Response
	if err := json.Unmarshal(text, &response); err != nil {
		t.Fatal(err)
	}
	return response, log.String()
}

// failing is a handler that returns err.
func failing(err error) web.Handler {
	return func(context.Context, *web.Request) (web.Response, error) { return web.Response{}, err }
}

const internal = "internal error"

// told is an error and how it is answered.
type told struct {
	err        error
	status     int
	code, text string
}

func errorsTold() []told {
	const again, unauthorised = "temporarily unavailable, please try again", "unauthorised"
	return []told{
		{web.ErrBadRequest, 400, "invalid", "bad request"},
		{web.Invalid("no such thing"), 400, "invalid", "no such thing"},
		{web.ErrTooLarge, 413, "too_large", "body too large"},
		{web.ErrForbidden, 403, "forbidden", "forbidden"},
		{fdi.ErrOrigin, 403, "forbidden", "origin not allowed"},
		{authorizer.ErrNoCaller, 401, "unauthorised", unauthorised},
		{authorizer.ErrAnonymous, 401, "unauthorised", unauthorised},
		{authorizer.ErrExpired, 401, "unauthorised", unauthorised},
		{authorizer.ErrStale, 401, "unauthorised", unauthorised},
		{sessions.ErrNotFound, 404, "session_not_found", "no such session"},
		{sessions.ErrConflict, 412, "version_conflict", "the version is another"},
		{sessions.ErrClaims, 400, "invalid", "secret place: sessions: invalid claims"},
		{sessions.ErrData, 400, "invalid", "secret place: sessions: invalid data"},
		{sessions.ErrUser, 400, "invalid", "secret place: sessions: invalid user"},
		{sessions.ErrEpochText, 400, "invalid", "secret place: sessions: invalid epoch"},
		{sessions.ErrDataSize, 413, "too_large", "secret place: sessions: data larger than 358400 bytes"},
		{sessions.ErrEpoch, 409, "epoch_changed", "the user's sessions were ended since the epoch was read"},
		{sessions.ErrProof, 409, "issued_before_revoke", "the user's sessions were ended since issuedAt"},
		{sessions.ErrDisabled, 409, "user_disabled", "the user is disabled"},
		{web.ErrNoneToKeep, 409, "session_not_found", "the session to keep is not live"},
		{sessions.ErrCorrupt, 500, "internal", internal},
		{accounts.ErrCorrupt, 500, "internal", internal},
		{accounts.ErrNotFound, 404, "user_not_found", "the user has no account"},
		{accounts.ErrExists, 409, "email_taken", "another user has this e-mail address"},
		{accounts.ErrIDTaken, 409, "user_exists", "there is a user of this id, whom another request added"},
		{accounts.ErrCursor, 400, "invalid", "cursor must be one that this list gave, for the same tenant"},
		{sessions.ErrUnavailable, 503, "unavailable", again},
		{token.ErrUnavailable, 503, "unavailable", again},
		{accounts.ErrUnavailable, 503, "unavailable", again},
		{errors.New("anything else"), 500, "internal", internal},
	}
}

func TestErrors(t *testing.T) {
	for _, test := range errorsTold() {
		err := test.err
		if _, shown := err.(web.Invalid); !shown {
			err = fmt.Errorf("secret place: %w", err)
		}
		for _, form := range []web.Form{web.FDI, web.Problem} {
			r, log := serve(t, web.Route{Handler: failing(err), Errors: form}, events.APIGatewayV2HTTPRequest{RouteKey: route})
			want := fmt.Sprintf(`{"message":%q}`, test.text)
			if form == web.Problem {
				want = fmt.Sprintf(`{"type":"about:blank","title":%q,"status":%d,"detail":%q,"code":%q}`,
					http.StatusText(test.status), test.status, test.text, test.code)
			}
			if r.StatusCode != test.status || r.Body != want {
				t.Errorf("%v = %d %s, want %d %s", err, r.StatusCode, r.Body, test.status, want)
			}
			if later := r.Headers["retry-after"] != ""; later != (test.status == 503) {
				t.Errorf("%v has Retry-After: %v, want %v", err, later, test.status == 503)
			}
			if logged := log != ""; logged != (test.status >= 500) {
				t.Errorf("%v is logged: %v, want %v", err, logged, test.status >= 500)
			}
		}
	}
}

// A problem that is about fields or a user names them.
func TestSubjectsOfProblems(t *testing.T) {
	for want, err := range map[string]error{
		`"status":400,"detail":"fields are not what they must be","code":"invalid",` +
			`"fields":[{"id":"email","error":"no"}]}`: &accounts.FieldsError{Fields: []accounts.Field{{ID: "email", Error: "no"}}},
		`"code":"user_exists","userId":"u"}`: &accounts.TakenError{Err: accounts.ErrIDTaken, ID: "u"},
	} {
		err = fmt.Errorf("secret place: %w", err)
		r, _ := serve(t, web.Route{Handler: failing(err)}, events.APIGatewayV2HTTPRequest{RouteKey: route})
		if !strings.HasSuffix(r.Body, want) {
			t.Errorf("%v = %s, want …%s", err, r.Body, want)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	ok := func(context.Context, *web.Request) (web.Response, error) { return web.Message(200, "hello"), nil }
	for name, test := range map[string]struct {
		route web.Route
		kind  string
	}{
		"success":      {web.Route{Handler: ok}, "application/json; charset=utf-8"},
		"FDI error":    {web.Route{Handler: failing(web.ErrForbidden), Errors: web.FDI}, "application/json; charset=utf-8"},
		"problem":      {web.Route{Handler: failing(web.ErrForbidden)}, "application/problem+json"},
		"server error": {web.Route{Handler: failing(errors.New("x"))}, "application/problem+json"},
	} {
		r, _ := serve(t, test.route, events.APIGatewayV2HTTPRequest{RouteKey: route})
		if r.Headers["content-type"] != test.kind || r.Headers["cache-control"] != "no-store" || r.Headers["x-content-type-options"] != "nosniff" {
			t.Errorf("headers of %s = %v, want %s that nobody keeps or guesses about", name, r.Headers, test.kind)
		}
	}
}

// overloaded is the error of a store for the load on one user's items.
type overloaded struct{ error }

func (overloaded) OneKey() bool { return true }

// A user who asks too often gets a 503 for that, and no line
// that an alarm counts. Keys are everybody's.
func TestOverloadedUserRingsNoAlarm(t *testing.T) {
	err := overloaded{errors.New("throttled")}
	for _, test := range []struct {
		err   error
		alarm bool
	}{
		{fmt.Errorf("%w: reading: %w", sessions.ErrUnavailable, err), false},
		{fmt.Errorf("%w: signing key: %w: %w", sessions.ErrUnavailable, token.ErrUnavailable, err), true},
		{fmt.Errorf("%w: reading: %w", sessions.ErrUnavailable, errors.New("throttled")), true},
	} {
		r, log := serve(t, web.Route{Handler: failing(test.err), Errors: web.FDI}, events.APIGatewayV2HTTPRequest{RouteKey: route})
		if alarm := strings.Contains(log, `"request failed"`); alarm != test.alarm || r.StatusCode != 503 || log == "" {
			t.Errorf("%v = %d, logged as %s, want 503, and an alarm: %t", test.err, r.StatusCode, log, test.alarm)
		}
	}
}

// A panic is answered, and its value, which may hold anything, is not logged.
func TestPanics(t *testing.T) {
	for _, value := range []any{"secret", errors.New("secret"), 7} {
		panics := func(context.Context, *web.Request) (web.Response, error) { panic(value) }
		r, log := serve(t, web.Route{Handler: panics, Errors: web.FDI}, events.APIGatewayV2HTTPRequest{RouteKey: route})
		if r.StatusCode != 500 || r.Body != `{"message":"internal error"}` {
			t.Errorf("panic(%v) = %d %s, want 500", value, r.StatusCode, r.Body)
		}
		if !strings.Contains(log, "panicked") || !strings.Contains(log, "TestPanics") || strings.Contains(log, "secret") {
			t.Errorf("panic(%v) is logged as %s, want its place and not its value", value, log)
		}
	}
}

func TestRoutes(t *testing.T) {
	ok := func(context.Context, *web.Request) (web.Response, error) { return web.Message(200, ""), nil }
	for key, want := range map[string]int{route: 200, "": 404, "$default": 404, "POST /a/b": 404, "post /a/{b}": 404, "ANY /a/{b}": 404} {
		e := events.APIGatewayV2HTTPRequest{RouteKey: key, RawPath: "/a/{b}"}
		e.RequestContext.RouteKey = route
		if r, _ := serve(t, web.Route{Handler: ok}, e); r.StatusCode != want {
			t.Errorf("route key %q = %d, want %d", key, r.StatusCode, want)
		}
	}
}

// An event that cannot be read may hold tokens, so its error quotes none of it.
func TestUnreadableEvents(t *testing.T) {
	mux := &web.Mux{Log: slog.New(slog.DiscardHandler)}
	for _, event := range []string{``, `{"headers":{"authorization":"Bearer secret"`, `{"headers":["secret"]}`, `{"secret":1,"secret":2}`, `"secret"`, `[]`, `1`, `{} {}`, `{"routeKey":1}`, `{"cookies":{}}`} {
		answer, err := mux.Invoke(t.Context(), []byte(event))
		if err == nil || answer != nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("Invoke(%s) = %s, %v, want an error without a word of it", event, answer, err)
		}
	}
}

// A strict body has no members but those that are known, in this letter case.
func TestStrict(t *testing.T) {
	long := strings.Repeat("é", 60)
	for body, want := range map[string]error{
		`{"name":"x"}`: nil, `{}`: nil,
		`{"name":"x","other":1}`:          web.Invalid("the body must have no member /other"),
		`{"Name":"x"}`:                    web.Invalid("the body must have no member /Name"),
		`{"` + long + `":1}`:              web.Invalid("the body must have no member /" + long[:98]),
		`{"name":1}`:                      web.Invalid("the body's member /name is not what it must be"),
		`{"name":"x","name":"y"}`:         web.Invalid("the body must be one JSON object, in UTF-8, with no name twice"),
		`[]`:                              web.Invalid("the body must be one JSON object, in UTF-8, with no name twice"),
		`{"name":"` + long + long + `"} `: web.ErrTooLarge,
	} {
		var into struct {
			Name string `json:"name"`
		}
		if err := (&web.Request{Body: []byte(body)}).Strict(200, &into); !errors.Is(err, want) {
			t.Errorf("Strict(%.40s) = %v, want %v", body, err, want)
		}
	}
}

// A body is one JSON object of at most 32 bytes.
func TestJSON(t *testing.T) {
	const none = web.Invalid("the body must be one JSON object, in UTF-8, with no name twice")
	for body, want := range map[string]error{
		`{"name":"x"}`: nil, ` {"name":"x","other":1} `: nil, `{"name":"x"}` + strings.Repeat(" ", 20): nil,
		``: none, `{"name":1}`: web.Invalid("the body's member /name is not what it must be"), `{"name":"x"`: none, `{"name":"x"}{}`: none,
		`{"name":"x","name":"y"}`: none, "{\"name\":\"\xff\"}": none,
		`{"name":"x"}` + strings.Repeat(" ", 21): web.ErrTooLarge, strings.Repeat("x", 1<<20): web.ErrTooLarge,
	} {
		var into struct {
			Name string `json:"name"`
		}
		if err := (&web.Request{Body: []byte(body)}).JSON(32, &into); !errors.Is(err, want) {
			t.Errorf("JSON(%.40s) = %v, want %v", body, err, want)
		}
		if want == nil && into.Name != "x" {
			t.Errorf("JSON(%s) read %q, want x", body, into.Name)
		}
	}
}

// API Gateway encodes a body whose content type is not one of text.
func TestEncodedBodies(t *testing.T) {
	echo := func(_ context.Context, r *web.Request) (web.Response, error) {
		return web.Response{StatusCode: 200, Body: string(r.Body)}, nil
	}
	for body, want := range map[string]int{"eD3DqSYreQ==": 200, "!!!!": 400, "_-8=": 400, "eA": 400} {
		r, _ := serve(t, web.Route{Handler: echo}, events.APIGatewayV2HTTPRequest{RouteKey: route, Body: body, IsBase64Encoded: true})
		if r.StatusCode != want || want == 200 && r.Body != "x=é&+y" {
			t.Errorf("the encoded body %s = %d %q, want %d", body, r.StatusCode, r.Body, want)
		}
	}
}

// What is not a form is not read as half of one.
func TestForm(t *testing.T) {
	const none = web.Invalid("the body must be a form, application/x-www-form-urlencoded")
	for body, want := range map[string]error{"a=1": nil, "a=1&b=%": none, "a=" + strings.Repeat("1", 31): web.ErrTooLarge} {
		form, err := (&web.Request{Body: []byte(body)}).Form(32)
		if !errors.Is(err, want) || form.Has("a") != (want == nil) {
			t.Errorf("Form(%s) = %v, %v, want %v", body, form, err, want)
		}
	}
}

// Names of headers are compared without regard to case, by us and for FDI.
func TestHeaders(t *testing.T) {
	var request *web.Request
	keep := func(_ context.Context, r *web.Request) (web.Response, error) {
		request = r
		return web.Message(200, ""), nil
	}
	serve(t, web.Route{Handler: keep}, events.APIGatewayV2HTTPRequest{
		RouteKey: route, Headers: map[string]string{"If-Match": "1", "RID": "session", "x-forwarded-for": "198.51.100.1"},
		PathParameters: map[string]string{"b": "p"}, QueryStringParameters: map[string]string{"q": "v"},
		Cookies: []string{"sAccessToken=a.b.c"}, RequestContext: events.APIGatewayV2HTTPRequestContext{
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{SourceIP: "192.0.2.1"},
		},
	})
	for what, got := range map[string][2]string{
		"if-match": {request.Header("if-match"), "1"}, "no header": {request.Header("none"), ""}, "rid": {request.FDI.RID, "session"},
		"path": {request.Path["b"], "p"}, "query": {request.Query["q"], "v"}, "source": {request.Source, "192.0.2.1"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s = %q, want %q", what, got[0], got[1])
		}
	}
	if tokens, err := request.FDI.AccessTokens(); !slices.Equal(tokens.Cookies, []string{"a.b.c"}) || err != nil {
		t.Errorf("access tokens = %q, %v, want the cookie's", tokens.Cookies, err)
	}
}

func TestWith(t *testing.T) {
	r := web.With(web.Message(200, ""), fdi.Reply{Headers: map[string]string{"front-token": "x"}, Cookies: []string{"a=b", "c=d"}})
	if r.Headers["front-token"] != "x" || r.Headers["content-type"] == "" || len(r.Cookies) != 2 {
		t.Errorf("With = %v, %q, want both headers and both cookies", r.Headers, r.Cookies)
	}
}

// A value that has no JSON is a fault of ours, not half an answer.
func TestJSONOfNoValue(t *testing.T) {
	if r := web.JSON(200, make(chan int)); r.StatusCode != 500 || r.Body != `{"message":"internal error"}` {
		t.Errorf("JSON of a channel = %d %s, want 500", r.StatusCode, r.Body)
	}
}

// TestViewer: only the header that is named is believed, and only where it has
// an address.
func TestViewer(t *testing.T) {
	var source string
	keep := func(_ context.Context, r *web.Request) (web.Response, error) {
		source = r.Source
		return web.Message(200, ""), nil
	}
	const gateways = "192.0.2.1"
	for _, test := range []struct{ header, value, want string }{
		{"", "198.51.100.1", gateways},
		{"x-viewer", "198.51.100.1", "198.51.100.1"},
		{"x-viewer", "198.51.100.1:46532", "198.51.100.1"},
		{"x-viewer", "203.0.113.9, 198.51.100.1:46532 ", "198.51.100.1"},
		{"x-viewer", "198.51.100.1,unknown", gateways},
		{"x-viewer", "2001:db8:0:1:2:3:4:5:46532", "2001:db8:0:1:2:3:4:5"},
		{"x-viewer", "[2001:db8::1]:443", "2001:db8::1"},
		{"x-viewer", "[2001:db8::1]", "2001:db8::1"},
		{"x-viewer", "2001:db8::1", "2001:db8::1"},
		{"x-viewer", "", gateways},
		{"x-viewer", "ada", gateways},
		{"x-viewer", ":443", gateways},
		{"x-viewer", strings.Repeat("1", 10_000), gateways},
		{"x-another", "198.51.100.1", gateways},
	} {
		mux := &web.Mux{
			Routes: map[string]web.Route{route: {Handler: keep}}, Log: slog.New(slog.DiscardHandler), Viewer: test.header,
		}
		event, err := json.Marshal(events.APIGatewayV2HTTPRequest{
			RouteKey: route, Headers: map[string]string{"X-Viewer": test.value, "x-forwarded-for": "203.0.113.7"},
			RequestContext: events.APIGatewayV2HTTPRequestContext{
				HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{SourceIP: gateways},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mux.Invoke(t.Context(), event); err != nil || source != test.want {
			t.Errorf("with %q in the header and %q believed the source is %q, %v, want %q", test.value, test.header, source, err, test.want)
		}
	}
}
