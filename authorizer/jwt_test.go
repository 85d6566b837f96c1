package authorizer_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/authorizer"
)

// jwtClaims are the claims of an access token as API Gateway's own JWT
// authorizer passes them on, with some changed.
func jwtClaims(c *clock, changes ...any) map[string]any {
	return changed(map[string]any{
		"iss": issuer, "aud": issuer, "sub": "u1", "rsub": "u1", "tId": "public", "sessionHandle": handleOf("public", "u1"),
		"iat": c.at(0), "exp": c.at(time.Hour), "st-role": "map[t:1 v:[admin]]",
	}, changes...)
}

func jwtRequest(method string, claims map[string]any) events.APIGatewayV2HTTPRequest {
	e := httpRequest(method, nil)
	texts := map[string]string{}
	for name, value := range claims {
		texts[name] = value.(string)
	}
	e.RequestContext.Authorizer.JWT = &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: texts}
	return e
}

// Claims of API Gateway's own JWT authorizer name a caller of reads, if they are
// of the backend's issuer. The gateway's text of a custom claim cannot be read
// back, so a validator fails on it.
func TestCallerOfTheGatewaysJWTAuthorizer(t *testing.T) {
	c := newClock()
	no := authorizer.ErrNoCaller
	for _, test := range []struct {
		name, method, issuer string
		claims               map[string]any
		want                 error
	}{
		{"read", "GET", issuer, jwtClaims(c), nil},
		{"head", "HEAD", issuer, jwtClaims(c), nil},
		{"write", "POST", issuer, jwtClaims(c), authorizer.ErrStale},
		{"no method", "", issuer, jwtClaims(c), authorizer.ErrStale},
		{"expired", "GET", issuer, jwtClaims(c, "exp", c.at(-time.Second)), authorizer.ErrExpired},
		{"no expiry", "GET", issuer, jwtClaims(c, "exp", "-"), no},
		{"no user", "GET", issuer, jwtClaims(c, "sub", "-"), no},
		{"no tenant", "GET", issuer, jwtClaims(c, "tId", "-"), no},
		{"no session", "GET", issuer, jwtClaims(c, "sessionHandle", "-"), no},
		{"a session of another user", "GET", issuer, jwtClaims(c, "sessionHandle", handleOf("public", "u2")), no},
		{"a session of another tenant", "GET", issuer, jwtClaims(c, "sessionHandle", handleOf("other", "u1")), no},
		{"a session of nobody", "GET", issuer, jwtClaims(c, "sub", "", "sessionHandle", handleOf("public", "")), no},
		{"a session of no tenant", "GET", issuer, jwtClaims(c, "tId", "", "sessionHandle", handleOf("", "u1")), no},
		{"another issuer", "GET", issuer, jwtClaims(c, "iss", "https://other.example"), no},
		{"an issuer below ours", "GET", issuer, jwtClaims(c, "iss", issuer+"/x"), no},
		{"no issuer", "GET", issuer, jwtClaims(c, "iss", "-"), no},
		{"a backend that knows no issuer", "GET", "", jwtClaims(c), no},
		{"a backend that knows none, nor the claims", "GET", "", jwtClaims(c, "iss", "-"), no},
		{"no claims", "GET", issuer, nil, no},
	} {
		b := authorizer.Backend{Now: c.Now, Issuer: test.issuer}
		caller, err := b.CallerFromHTTP(jwtRequest(test.method, test.claims))
		_, errREST := b.CallerFromREST(restRequest(test.method, map[string]any{"claims": test.claims, "scopes": nil}))
		if !errors.Is(err, test.want) || !errors.Is(errREST, test.want) {
			t.Errorf("%s = %v, payload 1.0: %v, want %v", test.name, err, errREST, test.want)
		}
		if err != nil {
			continue
		}
		if caller.User != "u1" || caller.Checked != "token" || caller.Session != test.claims["sessionHandle"] || !caller.Decided.IsZero() {
			t.Errorf("%s: caller = %+v", test.name, caller)
		}
		if string(caller.Claims) != `{"st-role":"map[t:1 v:[admin]]"}` || caller.Require(authorizer.Includes("st-role", "admin")) == nil {
			t.Errorf("%s: claims = %s, want the gateway's text, on which validators fail", test.name, caller.Claims)
		}
	}
}

// Where both speak, our own authorizer's word counts, refusals included.
func TestOurContextComesFirst(t *testing.T) {
	c := newClock()
	b := authorizer.Backend{Now: c.Now, Issuer: issuer}
	e := jwtRequest("GET", jwtClaims(c))
	e.RequestContext.Authorizer.Lambda = contextWith(c, "user", "u2", "latchkey", "-")
	if _, err := b.CallerFromHTTP(e); !errors.Is(err, authorizer.ErrNoCaller) {
		t.Errorf("CallerFromHTTP = %v, want %v", err, authorizer.ErrNoCaller)
	}
	caller, err := b.CallerFromREST(restRequest("GET", contextWith(c, "user", "u2", "claims", jwtClaims(c))))
	if err != nil || caller.User != "u2" {
		t.Errorf("CallerFromREST = %q, %v, want u2", caller.User, err)
	}
}
