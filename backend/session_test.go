package backend_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/backend"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// A token goes to the frontend the way the session's own came. A script in a
// page can add a Bearer that names the session; where a cookie of the session
// is there too, the script must not be handed what the cookie hides from it.
func TestModeOfATokensReply(t *testing.T) {
	mine, others := token(handle()), token(another())
	cookie, bearer := "sAccessToken=", "Bearer "
	tests := []struct {
		name          string
		authorization string
		cookies       []string
		mode          string
	}{
		{"bearer", bearer + mine, nil, "header"},
		{"cookie", "", []string{"a=b", cookie + mine}, "cookie"},
		{"another provider's bearer", bearer + "opaque", []string{cookie + mine}, "cookie"},
		{"a bearer that says the same", bearer + mine, []string{cookie + mine}, "cookie"},
		{"another stack's cookie", bearer + mine, []string{cookie + others}, "header"},
		{"another stack's cookie and ours", "", []string{cookie + others, cookie + mine}, "cookie"},
		{"no token", "", nil, ""},
		{"another's bearer", bearer + others, nil, ""},
		{"two bearers", bearer + mine + ", " + bearer + others, nil, ""},
		{"garbage", bearer + "a.b.c", []string{cookie + "%", cookie + "a.e30.c"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := newAdmin(t)
			e := eventOf(decided("{}"))
			e.Headers["authorization"], e.Cookies = test.authorization, test.cookies
			one := restOf(decided("{}"))
			one.MultiValueHeaders = map[string][]string{
				"authorization": {test.authorization}, "COOKIE": {strings.Join(test.cookies, "; ")},
			}
			r := httptest.NewRequest("POST", "/", nil).WithContext(authorizer.WithEvent(t.Context(), e))
			r.Header["Authorization"], r.Header["Cookie"] = []string{test.authorization}, test.cookies
			ofHTTP, errHTTP := a.client().FromHTTP(e)
			ofREST, errREST := a.client().FromREST(one)
			ofRequest, errRequest := a.client().FromRequest(r)
			if err := errors.Join(errHTTP, errREST, errRequest); err != nil {
				t.Fatal(err)
			}
			for i, s := range []*backend.Session{ofHTTP, ofREST, ofRequest} {
				a.asked = nil
				err := s.Token(t.Context())
				want := []string{"POST /admin/sessions/" + handle() + `/token {"mode":"` + test.mode + `"}`}
				if test.mode == "" {
					errClaim := s.SetClaim(t.Context(), "plan", "pro")
					if !errors.Is(err, backend.ErrMode) || !errors.Is(errClaim, backend.ErrMode) || len(a.asked) > 0 {
						t.Errorf("%d: Token = %v, SetClaim = %v, asked %q, want ErrMode and nothing", i, err, errClaim, a.asked)
					}
				}
				if test.mode != "" && (err != nil || !slices.Equal(a.asked, want)) {
					t.Errorf("%d: Token = %v, asked %q, want nil, %q", i, err, a.asked, want)
				}
			}
		})
	}
}

// At a sign-in the frontend says what it wants.
func TestModeOfASignIn(t *testing.T) {
	for said, want := range map[string]fdi.Transport{
		"cookie": fdi.Cookie, "header": fdi.Header, "any": fdi.Header, "": fdi.Header,
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("St-Auth-Mode", said)
		got := []fdi.Transport{
			backend.ModeHTTP(events.APIGatewayV2HTTPRequest{Headers: map[string]string{"st-auth-mode": said}}),
			backend.ModeREST(events.APIGatewayProxyRequest{Headers: map[string]string{"St-Auth-Mode": said}}),
			backend.ModeRequest(r),
		}
		if !slices.Equal(got, []fdi.Transport{want, want, want}) {
			t.Errorf("mode of %q = %v, want %v", said, got, want)
		}
	}
}

// The session reads what the authorizer decided, as strictly as CallerFrom.
func TestSessionOfAnEvent(t *testing.T) {
	c := newAdmin(t).client()
	s, err := c.FromHTTP(eventOf(decided(`{"plan":{"v":"pro","t":1},"odd":7,"none":{"t":1}}`)))
	if err != nil {
		t.Fatal(err)
	}
	var plan string
	found, err := s.Claim("plan", &plan)
	got := []any{s.Handle(), s.User(), s.RecipeUser(), s.Tenant(), s.Expires().Unix(), plan, found, err}
	want := []any{handle(), "u1", "r1", "public", now().Add(time.Minute).Unix(), "pro", true, nil}
	if text(got) != text(want) {
		t.Errorf("session is %s, want %s", text(got), text(want))
	}
	for _, name := range []string{"missing", "odd", "none"} {
		if found, err := s.Claim(name, &plan); found || err != nil {
			t.Errorf("Claim(%s) = %v, %v, want false, nil", name, found, err)
		}
	}
	if found, err := s.Claim("plan", new(int)); found || err == nil {
		t.Errorf("Claim into another type = %v, %v, want false and an error", found, err)
	}
	if _, err := c.FromHTTP(eventOf(nil)); !errors.Is(err, authorizer.ErrNoCaller) {
		t.Errorf("FromHTTP without an authorizer = %v, want ErrNoCaller", err)
	}
}

// Merging writes and asks for the token, and the session has the claims from
// then on. All replies of one session go into one answer.
func TestMergeThenToken(t *testing.T) {
	a := newAdmin(t)
	a.says = func(line string) (int, string, string) {
		if strings.HasPrefix(line, "PATCH") {
			return 200, `"5"`, `{}`
		}
		return 200, "", `{"session":` + info + `,"reply":` + told + `}`
	}
	s, err := a.client().FromHTTP(eventOf(decided("{}")))
	if err != nil {
		t.Fatal(err)
	}
	path := " /admin/sessions/" + handle()
	tokens := `POST` + path + `/token {"mode":"header"}`
	for _, test := range []struct {
		do   func(context.Context) error
		want string
	}{
		{func(ctx context.Context) error { return s.SetClaim(ctx, "plan", "pro") },
			"PATCH" + path + `/claims {"plan":{"t":1795521600000,"v":"pro"}}`},
		{func(ctx context.Context) error { return s.RemoveClaim(ctx, "plan") },
			"PATCH" + path + `/claims {"plan":null}`},
		{func(ctx context.Context) error { return s.MergeClaims(ctx, map[string]any{"a": 1}, 4) },
			"PATCH" + path + `/claims "4" {"a":1}`},
	} {
		a.asked = nil
		if err := test.do(t.Context()); err != nil || !slices.Equal(a.asked, []string{test.want, tokens}) {
			t.Errorf("error %v, asked %q, want nil, %q", err, a.asked, []string{test.want, tokens})
		}
	}
	if got := string(s.Claims()); got != `{"plan":{"v":"pro","t":1}}` {
		t.Errorf("claims are %s, want those of the token", got)
	}
	if err := s.Require(authorizer.Equals("plan", "pro")); err != nil {
		t.Errorf("Require = %v, want nil", err)
	}
	if got, want := text(headersOf(s.Reply())), text(headersOf(reply(t, told))); got != want {
		t.Errorf("reply is %s, want %s", got, want)
	}
}

// The session is over for each of its methods, but to end it.
func TestSessionIsOver(t *testing.T) {
	a := newAdmin(t)
	a.says = func(line string) (int, string, string) {
		if strings.HasPrefix(line, "DELETE /admin/sessions/") {
			return 200, "", `{"status":"OK","reply":` + told + `}`
		}
		return 404, "", `{"code":"session_not_found"}`
	}
	s, err := a.client().FromHTTP(eventOf(decided("{}")))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, errInfo := s.Info(ctx)
	_, errData := s.Data(ctx, new(any))
	_, errPut := s.PutData(ctx, map[string]any{})
	for i, err := range []error{errInfo, errData, errPut, s.Token(ctx), s.SetClaim(ctx, "a", 1), s.RevokeOthers(ctx)} {
		if !errors.Is(err, backend.ErrOver) || !errors.Is(err, backend.ErrSessionNotFound) {
			t.Errorf("%d: error is %v, want ErrOver", i, err)
		}
	}
	if err := s.Revoke(ctx); err != nil || text(headersOf(s.Reply())) != text(headersOf(reply(t, told))) {
		t.Errorf("Revoke = %v, reply %s, want nil and what it was answered", err, text(headersOf(s.Reply())))
	}
}
