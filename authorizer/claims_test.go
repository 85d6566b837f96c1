package authorizer_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// claimsCaller returns a caller with the claims, read at the clock's time.
func claimsCaller(t testing.TB, c *clock, claims string) authorizer.Caller {
	t.Helper()
	caller, err := authorizer.CallerFrom(httpRequest("GET", contextWith(c, "payload", claims)), authorizer.Backend{Now: c.Now})
	must(t, err)
	return caller
}

// bodyOf returns FDI's body for the failure, or "" for none.
func bodyOf(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var claims *authorizer.ClaimsError
	if !errors.As(err, &claims) {
		t.Fatalf("Require = %v, want a *ClaimsError", err)
	}
	return string(claims.Body())
}

// What the table of all languages cannot say: functions of one's own, and
// validators that nobody passes.
func TestValidatorsOfOnesOwn(t *testing.T) {
	c := newClock()
	failed := func(reason string) string {
		return `{"message":"invalid claim","claimValidationErrors":[{"id":"c","reason":` + reason + `}]}`
	}
	for _, test := range []struct {
		name      string
		claims    string
		validator authorizer.Validator
		want      string
	}{
		{"own, passes", `{}`, authorizer.Func("c", func(authorizer.Caller) (bool, map[string]any) { return true, map[string]any{"message": "ignored"} }), ""},
		{"own, fails", `{"c":7}`, authorizer.Func("c", func(c authorizer.Caller) (bool, map[string]any) {
			return false, map[string]any{"message": "not " + c.User, "of": string(c.Claims)[:4]}
		}), failed(`{"message":"not u1","of":"{\"c\""}`)},
		{"own, fails without a reason", `{}`, authorizer.Func("c", func(authorizer.Caller) (bool, map[string]any) { return false, nil }), `{"message":"invalid claim","claimValidationErrors":[{"id":"c"}]}`},
		{"own, with a reason that cannot be told", `{}`, authorizer.Func("c", func(authorizer.Caller) (bool, map[string]any) { return false, map[string]any{"x": func() {}} }), `{"message":"invalid claim","claimValidationErrors":[]}`},
		{"includes none of none", `{"c":{"v":[],"t":1}}`, authorizer.IncludesAll("c"), failed(`{"actualValue":[],"expectedToInclude":[],"message":"wrong value"}`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := bodyOf(t, claimsCaller(t, c, test.claims).Require(test.validator)); got != test.want {
				t.Errorf("Require = %s, want %s", got, test.want)
			}
		})
	}
}

func TestEveryFailureIsListed(t *testing.T) {
	caller := claimsCaller(t, newClock(), `{"a":{"v":false,"t":1}}`)
	err := caller.Require(authorizer.True("a"), authorizer.False("a"), authorizer.True("b"))
	var claims *authorizer.ClaimsError
	if !errors.As(err, &claims) || len(claims.Failures) != 2 || claims.Failures[0].ID != "a" || claims.Failures[1].ID != "b" {
		t.Fatalf("Require = %v, want failures of a and b", err)
	}
	if want := "authorizer: invalid claims: a, b"; err.Error() != want {
		t.Errorf("Error() = %q, want %q", err, want)
	}
}

// The zero validator, and one that asks what no caller can answer, pass nobody
// and nothing, and New refuses them.
func TestImpossibleValidatorsFail(t *testing.T) {
	caller := claimsCaller(t, newClock(), `{"":{"v":[],"t":1},"c":{"v":{},"t":1},"n":{"v":null,"t":1}}`)
	yes := func(authorizer.Caller) (bool, map[string]any) { return true, nil }
	cfg := newWorld(t, token.ES256).config
	for name, v := range map[string]authorizer.Validator{
		"zero": {}, "object": authorizer.Equals("c", map[string]int{}), "null": authorizer.Equals("n", nil),
		"function": authorizer.Equals("c", func() {}), "list of an object": authorizer.IncludesAll("c", 1, []int{}),
		"any of none": authorizer.IncludesAny("c"), "all but none": authorizer.ExcludesAll("c"), "no claim": authorizer.True("").Named("x"),
		"no function": authorizer.Func("x", nil), "no name": authorizer.Func("", yes), "an age of no claim": authorizer.Func("x", yes).MaxAge(time.Hour),
		"no tenant": authorizer.True("c").ForTenants(),
	} {
		if caller.Require(v) == nil {
			t.Errorf("Require(%s) = nil, want a failure", name)
		}
		cfg.Global = []authorizer.Validator{v}
		if _, err := authorizer.New(cfg); err == nil {
			t.Errorf("New with %s = nil, want an error", name)
		}
	}
	if err := (authorizer.Caller{}).Require(); err != nil {
		t.Errorf("Require() = %v, want nil", err)
	}
}

// A change of a slice given to a validator does not reach it, and what makes
// another of one leaves that one alone.
func TestValidatorsAreValues(t *testing.T) {
	caller := claimsCaller(t, newClock(), `{"c":{"v":["a"],"t":1}}`)
	values, tenants := []any{"a"}, []string{"other"}
	all, some, none := authorizer.IncludesAll("c", values...), authorizer.IncludesAny("c", values...), authorizer.True("x").ForTenants(tenants...)
	values[0], tenants[0] = "z", "public"
	_, _, _ = all.MaxAge(0), all.Named("y"), all.ForTenants("other")
	if err := caller.Require(all, some, none); err != nil {
		t.Errorf("Require = %v, want nil", err)
	}
}

// A caller who was read of no event is judged now: a claim of long ago is old.
func TestAgeForACallerMadeByHand(t *testing.T) {
	caller := authorizer.Caller{Claims: json.RawMessage(`{"c":{"v":true,"t":1}}`)}
	if caller.Require(authorizer.True("c")) != nil || caller.Require(authorizer.True("c").MaxAge(time.Hour)) == nil {
		t.Error("a claim of 1970 passes for younger than an hour, or does not pass at all")
	}
}
