package authorizer_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
)

// jwtClaims are the claims of an access token as API Gateway's own JWT
// authorizer passes them on, with some changed; a change to "-" removes one.
func jwtClaims(c *clock, changes ...string) map[string]string {
	m := map[string]string{
		"iss": issuer, "aud": issuer, "sub": "u1", "rsub": "u1", "tId": "public", "sessionHandle": handleOf("public", "u1"),
		"iat": strconv.FormatInt(c.Now().Unix(), 10), "exp": strconv.FormatInt(c.Now().Add(time.Hour).Unix(), 10),
		"st-role": "map[t:1 v:[admin]]",
	}
	for i := 0; i < len(changes); i += 2 {
		m[changes[i]] = changes[i+1]
		if changes[i+1] == "-" {
			delete(m, changes[i])
		}
	}
	return m
}

func jwtRequest(method string, claims map[string]string) events.APIGatewayV2HTTPRequest {
	var e events.APIGatewayV2HTTPRequest
	e.RequestContext.HTTP.Method = method
	e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims},
	}
	return e
}

func TestCallerOfTheGatewaysJWTAuthorizer(t *testing.T) {
	c := newClock()
	b := authorizer.Backend{Now: c.Now, Issuer: issuer}
	at := func(d time.Duration) string { return strconv.FormatInt(c.Now().Add(d).Unix(), 10) }
	for _, test := range []struct {
		name, method string
		claims       map[string]string
		want         error
	}{
		{"read", "GET", jwtClaims(c), nil},
		{"head", "HEAD", jwtClaims(c), nil},
		{"write", "POST", jwtClaims(c), authorizer.ErrStale},
		{"no method", "", jwtClaims(c), authorizer.ErrStale},
		{"expired", "GET", jwtClaims(c, "exp", at(-time.Second)), authorizer.ErrExpired},
		{"no expiry", "GET", jwtClaims(c, "exp", "-"), authorizer.ErrNoCaller},
		{"no user", "GET", jwtClaims(c, "sub", "-"), authorizer.ErrNoCaller},
		{"no tenant", "GET", jwtClaims(c, "tId", "-"), authorizer.ErrNoCaller},
		{"no session: another issuer's token", "GET", jwtClaims(c, "sessionHandle", "-"), authorizer.ErrNoCaller},
		{"a session of another user", "GET", jwtClaims(c, "sessionHandle", handleOf("public", "u2")), authorizer.ErrNoCaller},
		{"a session of another tenant", "GET", jwtClaims(c, "sessionHandle", handleOf("other", "u1")), authorizer.ErrNoCaller},
		{"a session of nobody", "GET", jwtClaims(c, "sub", "", "sessionHandle", handleOf("public", "")), authorizer.ErrNoCaller},
		{"a session of no tenant", "GET", jwtClaims(c, "tId", "", "sessionHandle", handleOf("", "u1")), authorizer.ErrNoCaller},
		{"another issuer", "GET", jwtClaims(c, "iss", "https://other.example"), authorizer.ErrNoCaller},
		{"an issuer below ours", "GET", jwtClaims(c, "iss", issuer+"/x"), authorizer.ErrNoCaller},
		{"no issuer", "GET", jwtClaims(c, "iss", "-"), authorizer.ErrNoCaller},
		{"no claims", "GET", nil, authorizer.ErrNoCaller},
	} {
		caller, err := b.CallerFromHTTP(jwtRequest(test.method, test.claims))
		if !errors.Is(err, test.want) {
			t.Errorf("%s = %v, want %v", test.name, err, test.want)
		}
		if err == nil && (caller.User != "u1" || caller.Checked != "token" || caller.Session != test.claims["sessionHandle"] || !caller.Decided.IsZero()) {
			t.Errorf("%s: caller = %+v", test.name, caller)
		}
		claims := map[string]any{"claims": anyMap(test.claims), "scopes": nil}
		if _, err := b.CallerFromREST(restRequest(test.method, claims)); !errors.Is(err, test.want) {
			t.Errorf("%s, payload 1.0 = %v, want %v", test.name, err, test.want)
		}
	}
	for name, claims := range map[string]map[string]string{"its issuer": jwtClaims(c), "none": jwtClaims(c, "iss", "")} {
		if _, err := (authorizer.Backend{Now: c.Now}).CallerFromHTTP(jwtRequest("GET", claims)); !errors.Is(err, authorizer.ErrNoCaller) {
			t.Errorf("%s, in a backend that knows no issuer = %v, want %v", name, err, authorizer.ErrNoCaller)
		}
	}
}

// The gateway's text of a custom claim cannot be read back, so a validator
// fails on it.
func TestValidatorsFailOnTheGatewaysClaims(t *testing.T) {
	c := newClock()
	caller, err := authorizer.Backend{Now: c.Now, Issuer: issuer}.CallerFromHTTP(jwtRequest("GET", jwtClaims(c)))
	must(t, err)
	if want := `{"st-role":"map[t:1 v:[admin]]"}`; string(caller.Claims) != want {
		t.Errorf("claims = %s, want %s", caller.Claims, want)
	}
	if caller.Require(authorizer.Includes("st-role", "admin")) == nil {
		t.Error("Require = nil, want a failure")
	}
}

// Where both speak, our own authorizer's word counts, refusals included.
func TestOurContextComesFirst(t *testing.T) {
	c := newClock()
	e := jwtRequest("GET", jwtClaims(c))
	e.RequestContext.Authorizer.Lambda = anyMap(contextWith(c, "user", "u2", "latchkey", "-"))
	if _, err := (authorizer.Backend{Now: c.Now, Issuer: issuer}).CallerFromHTTP(e); !errors.Is(err, authorizer.ErrNoCaller) {
		t.Errorf("CallerFromHTTP = %v, want %v", err, authorizer.ErrNoCaller)
	}
	both := anyMap(contextWith(c, "user", "u2"))
	both["claims"] = anyMap(jwtClaims(c))
	caller, err := authorizer.Backend{Now: c.Now, Issuer: issuer}.CallerFromREST(restRequest("GET", both))
	if err != nil || caller.User != "u2" {
		t.Errorf("CallerFromREST = %q, %v, want u2", caller.User, err)
	}
}
