package backend_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/backend"
)

// answer is what a frontend sees of a gate, whatever kind of handler is behind
// it: "" as the body of an error that fails the function.
type answer struct {
	status int
	header http.Header
	body   string
}

// throughHTTP, throughREST and throughRequest ask a handler behind the gate,
// whose context says that. The handler answers 200 and whom it sees, or returns
// what does returns.
func throughHTTP(g backend.Gate, says map[string]any, does func(context.Context) error) answer {
	handler := g.HTTP(func(ctx context.Context, _ events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: seen(ctx)}, does(ctx)
	})
	a, err := handler(context.Background(), eventOf(says))
	if err != nil {
		return answer{status: 500}
	}
	h := http.Header{"Set-Cookie": a.Cookies}
	for name, value := range a.Headers {
		h.Set(name, value)
	}
	return answer{a.StatusCode, h, a.Body}
}

func throughREST(g backend.Gate, says map[string]any, does func(context.Context) error) answer {
	handler := g.REST(func(ctx context.Context, _ events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: seen(ctx)}, does(ctx)
	})
	a, err := handler(context.Background(), restOf(says))
	if err != nil {
		return answer{status: 500}
	}
	h := http.Header(a.MultiValueHeaders).Clone()
	if h == nil {
		h = http.Header{}
	}
	for name, value := range a.Headers {
		h.Add(name, value)
	}
	return answer{a.StatusCode, h, a.Body}
}

func throughRequest(g backend.Gate, says map[string]any, does func(context.Context) error) answer {
	handler := g.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := does(r.Context()); err != nil {
			backend.Refuse(w, err)
			return
		}
		io.WriteString(w, seen(r.Context()))
	}))
	e := eventOf(says)
	r := httptest.NewRequest("POST", "/", nil).WithContext(authorizer.WithEvent(context.Background(), e))
	r.Header.Set("Authorization", e.Headers["authorization"])
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code == 500 {
		return answer{status: 500}
	}
	return answer{w.Code, w.Result().Header, w.Body.String()}
}

func ways() map[string]func(backend.Gate, map[string]any, func(context.Context) error) answer {
	return map[string]func(backend.Gate, map[string]any, func(context.Context) error) answer{
		"payload 2.0": throughHTTP, "payload 1.0": throughREST, "net/http": throughRequest,
	}
}

func seen(ctx context.Context) string {
	if s := backend.SessionOf(ctx); s != nil {
		return "hello, " + s.User()
	}
	return "hello, stranger"
}

// Who passes, and what others are answered.
func TestGates(t *testing.T) {
	c := newAdmin(t).client()
	stale, anonymous := decided("{}"), map[string]any{"latchkey": "1", "anonymous": "1"}
	stale["checked"] = "token"
	admin := authorizer.Includes("st-role", "admin")
	const unauthorised = `{"message":"unauthorised"}`
	const invalidClaim = `{"message":"invalid claim","claimValidationErrors":[{"id":"st-role",` +
		`"reason":{"expectedToInclude":"admin","message":"value does not exist"}}]}`
	tests := []struct {
		name   string
		gate   backend.Gate
		says   map[string]any
		status int
		body   string
	}{
		{"required, signed in", c.Required(), decided("{}"), 200, "hello, u1"},
		{"required, stranger", c.Required(), anonymous, 401, unauthorised},
		{"required, no authorizer", c.Required(), nil, 401, unauthorised},
		{"required, stale", c.Required(), stale, 401, unauthorised},
		{"optional, signed in", c.Optional(), decided("{}"), 200, "hello, u1"},
		{"optional, stranger", c.Optional(), anonymous, 200, "hello, stranger"},
		{"optional, no authorizer", c.Optional(), nil, 401, unauthorised},
		{"optional, stale", c.Optional(), stale, 401, unauthorised},
		{"claims missing", c.Required(admin), decided("{}"), 403, invalidClaim},
		{"claims there", c.Required(admin), decided(`{"st-role":{"v":["admin"],"t":1}}`), 200, "hello, u1"},
		{"optional, claims missing", c.Optional(admin), decided("{}"), 403, invalidClaim},
		{"optional, stranger without claims", c.Optional(admin), anonymous, 200, "hello, stranger"},
		{"zero gate", backend.Gate{}, decided("{}"), 500, ""},
	}
	for _, test := range tests {
		for way, through := range ways() {
			got := through(test.gate, test.says, func(context.Context) error { return nil })
			if got.status != test.status || got.body != test.body {
				t.Errorf("%s, %s: %d %s, want %d %s", test.name, way, got.status, got.body, test.status, test.body)
			}
		}
	}
}

// What the handler does with the session is in its answer, and in the refusal
// for an error of which there is one; other errors fail the function.
func TestGateTellsTheFrontend(t *testing.T) {
	a := newAdmin(t)
	a.says = func(string) (int, string, string) { return 200, "", `{"status":"OK","reply":` + told + `}` }
	missing := backend.SessionOf(context.Background()) == nil
	tests := []struct {
		name   string
		err    error
		status int
	}{
		{"no error", nil, 200},
		{"over", fmt.Errorf("reading the cart: %w", backend.ErrOver), 401},
		{"unavailable", &backend.Error{Status: 503, Code: "unavailable"}, 503},
		{"claims", authorizer.Caller{}.Require(authorizer.True("a")), 403},
		{"another session's", &backend.Error{Status: 404, Code: "session_not_found"}, 500},
		{"any", errors.New("any"), 500},
	}
	for _, test := range tests {
		for way, through := range ways() {
			got := through(a.client().Required(), decided("{}"), func(ctx context.Context) error {
				return errors.Join(backend.SessionOf(ctx).Revoke(ctx), test.err)
			})
			if got.status != test.status {
				t.Errorf("%s, %s: %d, want %d", test.name, way, got.status, test.status)
			}
			front, cookies := got.header.Get("Front-Token"), len(got.header["Set-Cookie"])
			if test.status != 500 && (front != "F" || cookies != 2) {
				t.Errorf("%s, %s: front-token %q, %d cookies, want those of the reply", test.name, way, front, cookies)
			}
		}
	}
	if !missing {
		t.Error("SessionOf of no gate's context is a session")
	}
}

// However a handler begins its answer, the reply is in it: by a status, by a
// byte, by a flush, or not at all. A status of its own that announces another
// does not begin it.
func TestGateBeforeTheFirstByte(t *testing.T) {
	a := newAdmin(t)
	a.says = func(string) (int, string, string) { return 200, "", `{"status":"OK","reply":` + told + `}` }
	for name, begin := range map[string]func(http.ResponseWriter){
		"status":  func(w http.ResponseWriter) { w.WriteHeader(202) },
		"byte":    func(w http.ResponseWriter) { io.WriteString(w, "x") },
		"flush":   func(w http.ResponseWriter) { http.NewResponseController(w).Flush() },
		"nothing": func(http.ResponseWriter) {},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.WithContext(authorizer.WithEvent(r.Context(), eventOf(decided("{}"))))
			a.client().Required().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(http.StatusEarlyHints)
				if err := backend.SessionOf(r.Context()).Revoke(r.Context()); err != nil {
					t.Error(err)
				}
				begin(w)
			})).ServeHTTP(w, r)
		}))
		response, err := http.Post(server.URL, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Front-Token"); got != "F" {
			t.Errorf("%s: front-token %q, want the reply's", name, got)
		}
		server.Close()
	}
}
