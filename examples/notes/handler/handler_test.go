package handler_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/examples/notes/handler"
)

var now = time.Unix(1_700_000_000, 0)

func newHandler() *handler.Handler {
	return handler.New(authorizer.Backend{Now: func() time.Time { return now }})
}

// decided is the context of an authorizer that found the user's session live a
// second ago, with some of it replaced.
func decided(user string, replaced map[string]any) map[string]any {
	context := map[string]any{
		"latchkey": "1", "user": user, "recipeUser": user, "tenant": "public", "handle": "h",
		"expires": epoch(now.Add(time.Hour)), "decided": epoch(now.Add(-time.Second)),
		"checked": "store", "payload": "{}",
	}
	maps.Copy(context, replaced)
	return context
}

func epoch(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

func event(route, body string, context map[string]any) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{RouteKey: route, Body: body}
	e.RequestContext.HTTP.Method, _, _ = strings.Cut(route, " ")
	if context != nil {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: context}
	}
	return e
}

// call returns the status and the body of the answer to a request.
func call(t *testing.T, h *handler.Handler, e events.APIGatewayV2HTTPRequest) (int, string) {
	t.Helper()
	r, err := h.Handle(t.Context(), e)
	if err != nil {
		t.Fatalf("Handle(%s) = %v, want a response", e.RouteKey, err)
	}
	if !json.Valid([]byte(r.Body)) || r.Headers["cache-control"] != "no-store" {
		t.Errorf("Handle(%s) = body %s, headers %v, want JSON that nobody keeps", e.RouteKey, r.Body, r.Headers)
	}
	return r.StatusCode, r.Body
}

func expect(t *testing.T, h *handler.Handler, e events.APIGatewayV2HTTPRequest, status int, body string) {
	t.Helper()
	if gotStatus, got := call(t, h, e); gotStatus != status || got != body {
		t.Errorf("Handle(%s %.60s) = %d %s, want %d %s", e.RouteKey, e.Body, gotStatus, got, status, body)
	}
}

const (
	unauthorised = `{"message":"unauthorised"}`
	refusedNote  = `{"message":"a note is a JSON object with a text of at most 1,000 bytes"}`
)

func TestNotes(t *testing.T) {
	h, alice := newHandler(), decided("alice", nil)
	expect(t, h, event("GET /notes", "", alice), 200, `{"notes":[]}`)
	expect(t, h, event("POST /notes", `{"text":"milk"}`, alice), 201, `{"text":"milk"}`)
	expect(t, h, event("POST /notes", `{"text":"bread"}`, alice), 201, `{"text":"bread"}`)
	expect(t, h, event("GET /notes", "", alice), 200, `{"notes":[{"text":"milk"},{"text":"bread"}]}`)
}

func TestNotesAreTheirOwnersAlone(t *testing.T) {
	h := newHandler()
	expect(t, h, event("POST /notes", `{"text":"x"}`, decided("alice", nil)), 201, `{"text":"x"}`)
	expect(t, h, event("GET /notes", "", decided("bob", nil)), 200, `{"notes":[]}`)
	sameIDElsewhere := decided("alice", map[string]any{"tenant": "acme"})
	expect(t, h, event("GET /notes", "", sameIDElsewhere), 200, `{"notes":[]}`)
}

// The backend trusts no event that lacks a decision which covers the request.
func TestWhoIsRefused(t *testing.T) {
	const get, post, greeting, reports = "GET /notes", "POST /notes", "GET /greeting", "GET /reports"
	for _, test := range []struct {
		name    string
		context map[string]any
		routes  []string
	}{
		{"no authorizer", nil, []string{get, post, greeting, reports}},
		{"another authorizer", map[string]any{"user": "alice"}, []string{get, post, greeting, reports}},
		{"expired", decided("alice", map[string]any{"expires": epoch(now)}), []string{get, post, greeting, reports}},
		{"anonymous", map[string]any{"latchkey": "1", "anonymous": "1"}, []string{get, post, reports}},
		{"by the token alone", decided("alice", map[string]any{"checked": "token"}), []string{post}},
		{"long ago", decided("alice", map[string]any{"decided": epoch(now.Add(-31 * time.Second))}), []string{post}},
	} {
		for _, route := range test.routes {
			t.Run(test.name+", "+route, func(t *testing.T) {
				h := newHandler()
				expect(t, h, event(route, `{"text":"x"}`, test.context), 401, unauthorised)
				expect(t, h, event(get, "", decided("alice", nil)), 200, `{"notes":[]}`)
			})
		}
	}
}

func TestNotesThatAreNone(t *testing.T) {
	h, alice := newHandler(), decided("alice", nil)
	for _, body := range []string{
		``, `null`, `[]`, `"text"`, `{}`, `{"text":""}`, `{"text":null}`, `{"text":1}`, `{"text":"x"`, `{"text":"x"} {}`,
		fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 1001)),
	} {
		expect(t, h, event("POST /notes", body, alice), 400, refusedNote)
	}
	spoiled := event("POST /notes", `{"text":"x"}`, alice)
	spoiled.IsBase64Encoded = true
	expect(t, h, spoiled, 400, refusedNote)
	expect(t, h, event("GET /notes", "", alice), 200, `{"notes":[]}`)
}

// API Gateway encodes bodies whose Content-Type it does not know as text, such
// as that of a form, which curl sends unless told otherwise.
func TestNoteInBase64(t *testing.T) {
	e := event("POST /notes", base64.StdEncoding.EncodeToString([]byte(`{"text":"milk"}`)), decided("alice", nil))
	e.IsBase64Encoded = true
	expect(t, newHandler(), e, 201, `{"text":"milk"}`)
}

func TestOldNotesGiveWay(t *testing.T) {
	h, alice := newHandler(), decided("alice", nil)
	for i := range 101 {
		call(t, h, event("POST /notes", fmt.Sprintf(`{"text":"%d"}`, i), alice))
	}
	_, body := call(t, h, event("GET /notes", "", alice))
	var list struct {
		Notes []struct {
			Text string `json:"text"`
		} `json:"notes"`
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatal(err)
	}
	if n := len(list.Notes); n != 100 || list.Notes[0].Text != "1" || list.Notes[99].Text != "100" {
		t.Errorf("notes after 101 were added = %d, want 100, from 1 to 100", n)
	}
}

func TestRoomForUsersIsBounded(t *testing.T) {
	h := newHandler()
	for i := range 1000 {
		call(t, h, event("POST /notes", `{"text":"x"}`, decided(strconv.Itoa(i), nil)))
	}
	if status, body := call(t, h, event("POST /notes", `{"text":"x"}`, decided("one more", nil))); status != http.StatusInsufficientStorage {
		t.Errorf("a note of user 1001 = %d %s, want 507", status, body)
	}
	expect(t, h, event("POST /notes", `{"text":"y"}`, decided("0", nil)), 201, `{"text":"y"}`)
}

func TestGreeting(t *testing.T) {
	h := newHandler()
	expect(t, h, event("GET /greeting", "", map[string]any{"latchkey": "1", "anonymous": "1"}), 200, `{"message":"Hello, stranger"}`)
	expect(t, h, event("GET /greeting", "", decided("alice", nil)), 200, `{"message":"Hello, alice"}`)
}

// The handler asks for the role itself, whatever the authorizer's rules are.
func TestReportsAreForAdministrators(t *testing.T) {
	h := newHandler()
	for payload, want := range map[string]int{
		`{}`:                                        403,
		`{"st-role":{"v":["user"],"t":1}}`:          403,
		`{"st-role":{"v":"admin","t":1}}`:           403,
		`{"st-role":["admin"]}`:                     403,
		`{"st-role":{"v":["user","admin"],"t":1}}`:  200,
		`{"st-perm":{"v":["admin"],"t":1}}`:         403,
		`{"st-role":{"v":["administrator"],"t":1}}`: 403,
	} {
		status, body := call(t, h, event("GET /reports", "", decided("alice", map[string]any{"payload": payload})))
		if status != want {
			t.Errorf("GET /reports with claims %s = %d %s, want %d", payload, status, body, want)
		}
		if refused := strings.Contains(body, `"claimValidationErrors":[{"id":"st-role"`); refused != (want == 403) {
			t.Errorf("GET /reports with claims %s = body %s, names st-role: %v", payload, body, refused)
		}
	}
}

func TestUnknownRoutes(t *testing.T) {
	for _, route := range []string{"", "$default", "DELETE /notes", "GET /notes/", "get /notes"} {
		expect(t, newHandler(), event(route, "", decided("alice", nil)), 404, `{"message":"no such route"}`)
	}
}
