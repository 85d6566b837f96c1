package handler_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/authorizer/authorizertest"
	"github.com/latchkey-auth/latchkey/examples/notes/handler"
)

// undecided is an event that no authorizer has seen.
func undecided(route, body string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{RouteKey: route, Body: body}
	e.RequestContext.HTTP.Method, _, _ = strings.Cut(route, " ")
	return e
}

// event is one whose caller's session was just found live.
func event(route, body, user string) events.APIGatewayV2HTTPRequest {
	return authorizertest.Allowed(undecided(route, body), authorizertest.Caller(user))
}

func newHandler() *handler.Handler { return handler.New(authorizer.Backend{}) }

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

// Notes are their owner's alone. API Gateway encodes bodies whose Content-Type
// it does not know as text, such as that of a form, which curl sends.
func TestNotes(t *testing.T) {
	h := newHandler()
	expect(t, h, event("GET /notes", "", "alice"), 200, `{"notes":[]}`)
	expect(t, h, event("POST /notes", `{"text":"milk"}`, "alice"), 201, `{"text":"milk"}`)
	encoded := event("POST /notes", base64.StdEncoding.EncodeToString([]byte(`{"text":"bread"}`)), "alice")
	encoded.IsBase64Encoded = true
	expect(t, h, encoded, 201, `{"text":"bread"}`)
	for _, body := range []string{
		``, `null`, `[]`, `"text"`, `{}`, `{"text":""}`, `{"text":null}`, `{"text":1}`, `{"text":"x"`, `{"text":"x"} {}`,
		fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", 1001)),
	} {
		refused := event("POST /notes", body, "alice")
		for _, encoded := range []bool{false, true} {
			refused.IsBase64Encoded = encoded
			expect(t, h, refused, 400, `{"message":"a note is a JSON object with a text of at most 1,000 bytes"}`)
		}
	}
	expect(t, h, event("GET /notes", "", "alice"), 200, `{"notes":[{"text":"milk"},{"text":"bread"}]}`)
	expect(t, h, event("GET /notes", "", "bob"), 200, `{"notes":[]}`)
	elsewhere := authorizertest.Caller("alice")
	elsewhere.Tenant = "acme"
	expect(t, h, authorizertest.Allowed(undecided("GET /notes", ""), elsewhere), 200, `{"notes":[]}`)
	for _, route := range []string{"", "$default", "DELETE /notes", "GET /notes/", "get /notes"} {
		expect(t, h, event(route, "", "alice"), 404, `{"message":"no such route"}`)
	}
}

// The backend trusts no event that lacks a decision which covers the request.
func TestWhoIsRefused(t *testing.T) {
	byToken, longAgo := authorizertest.Caller("alice"), authorizertest.Caller("alice")
	byToken.Checked, longAgo.Decided = "token", time.Now().Add(-time.Minute)
	for _, route := range []string{"GET /notes", "POST /notes", "GET /greeting", "GET /reports"} {
		e := undecided(route, `{"text":"x"}`)
		refused := []events.APIGatewayV2HTTPRequest{e}
		if route != "GET /greeting" {
			refused = append(refused, authorizertest.Anonymous(e))
		}
		if route == "POST /notes" {
			refused = append(refused, authorizertest.Allowed(e, byToken), authorizertest.Allowed(e, longAgo))
		}
		for _, e := range refused {
			h := newHandler()
			expect(t, h, e, 401, `{"message":"unauthorised"}`)
			expect(t, h, event("GET /notes", "", "alice"), 200, `{"notes":[]}`)
		}
	}
	stranger := authorizertest.Anonymous(undecided("GET /greeting", ""))
	expect(t, newHandler(), stranger, 200, `{"message":"Hello, stranger"}`)
	expect(t, newHandler(), event("GET /greeting", "", "alice"), 200, `{"message":"Hello, alice"}`)
}

func TestOldNotesGiveWay(t *testing.T) {
	h := newHandler()
	for i := range 101 {
		call(t, h, event("POST /notes", fmt.Sprintf(`{"text":"%d"}`, i), "alice"))
	}
	_, body := call(t, h, event("GET /notes", "", "alice"))
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
		call(t, h, event("POST /notes", `{"text":"x"}`, strconv.Itoa(i)))
	}
	if status, body := call(t, h, event("POST /notes", `{"text":"x"}`, "one more")); status != http.StatusInsufficientStorage {
		t.Errorf("a note of user 1001 = %d %s, want 507", status, body)
	}
	expect(t, h, event("POST /notes", `{"text":"y"}`, "0"), 201, `{"text":"y"}`)
}

// The handler asks for the role itself, whatever the authorizer's rules are.
func TestReportsAreForAdministrators(t *testing.T) {
	for payload, want := range map[string]int{
		`{}`: 403, `{"st-role":{"v":["user"],"t":1}}`: 403, `{"st-role":{"v":["user","admin"],"t":1}}`: 200,
	} {
		caller := authorizertest.Caller("alice")
		caller.Claims = json.RawMessage(payload)
		status, body := call(t, newHandler(), authorizertest.Allowed(undecided("GET /reports", ""), caller))
		refused := strings.Contains(body, `"claimValidationErrors":[{"id":"st-role"`)
		if status != want || refused != (want == 403) {
			t.Errorf("GET /reports with claims %s = %d %s, names st-role: %v, want %d", payload, status, body, refused, want)
		}
	}
}
