package authorizer_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/authorizer"
)

// claimsCaller returns a caller with the claims, read at the clock's time.
func claimsCaller(t testing.TB, c *clock, claims string) authorizer.Caller {
	t.Helper()
	caller, err := authorizer.Backend{Now: c.Now}.CallerFromHTTP(httpRequest(event{method: "GET"}, contextWith(c, "payload", claims)))
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

func TestValidators(t *testing.T) {
	c := newClock()
	fresh := strconv.FormatInt(c.Now().UnixMilli()-5_000, 10)
	claim := func(v string) string { return `{"c":{"v":` + v + `,"t":` + fresh + `}}` }
	failed := func(reason string) string {
		return `{"message":"invalid claim","claimValidationErrors":[{"id":"c","reason":` + reason + `}]}`
	}
	for _, test := range []struct {
		name      string
		claims    string
		validator authorizer.Validator
		want      string
	}{
		{"true", claim(`true`), authorizer.True("c"), ""},
		{"true, found false", claim(`false`), authorizer.True("c"), failed(`{"actualValue":false,"expectedValue":true,"message":"wrong value"}`)},
		{"true, found text", claim(`"true"`), authorizer.True("c"), failed(`{"actualValue":"true","expectedValue":true,"message":"wrong value"}`)},
		{"true, found 1", claim(`1`), authorizer.True("c"), failed(`{"actualValue":1,"expectedValue":true,"message":"wrong value"}`)},
		{"true, found null", claim(`null`), authorizer.True("c"), failed(`{"actualValue":null,"expectedValue":true,"message":"wrong value"}`)},
		{"true, missing", `{}`, authorizer.True("c"), failed(`{"expectedValue":true,"message":"value does not exist"}`)},
		{"true, of another name", `{"C":{"v":true,"t":1}}`, authorizer.True("c"), failed(`{"expectedValue":true,"message":"value does not exist"}`)},
		{"true, not FDI's form", `{"c":true}`, authorizer.True("c"), failed(`{"expectedValue":true,"message":"value does not exist"}`)},
		{"true, without value", `{"c":{"t":1}}`, authorizer.True("c"), failed(`{"expectedValue":true,"message":"value does not exist"}`)},
		{"true, time as text", `{"c":{"v":true,"t":"1"}}`, authorizer.True("c"), failed(`{"expectedValue":true,"message":"value does not exist"}`)},
		{"false", claim(`false`), authorizer.False("c"), ""},
		{"false, missing", `{}`, authorizer.False("c"), failed(`{"expectedValue":false,"message":"value does not exist"}`)},
		{"false, found null", claim(`null`), authorizer.False("c"), failed(`{"actualValue":null,"expectedValue":false,"message":"wrong value"}`)},
		{"text", claim(`"a"`), authorizer.Equals("c", "a"), ""},
		{"text, escaped", claim(`"\u0061"`), authorizer.Equals("c", "a"), ""},
		{"text, other case", claim(`"A"`), authorizer.Equals("c", "a"), failed(`{"actualValue":"A","expectedValue":"a","message":"wrong value"}`)},
		{"number", claim(`2`), authorizer.Equals("c", 2), ""},
		{"number, spelled otherwise", claim(`2.0e0`), authorizer.Equals("c", 2), ""},
		{"number, large and off by one", claim(`9007199254740993`), authorizer.Equals("c", 9007199254740992), failed(`{"actualValue":9007199254740993,"expectedValue":9007199254740992,"message":"wrong value"}`)},
		{"number, found text", claim(`"2"`), authorizer.Equals("c", 2), failed(`{"actualValue":"2","expectedValue":2,"message":"wrong value"}`)},
		{"includes", claim(`["a","b"]`), authorizer.Includes("c", "b"), ""},
		{"includes, not", claim(`["a","b"]`), authorizer.Includes("c", "z"), failed(`{"actualValue":["a","b"],"expectedToInclude":"z","message":"wrong value"}`)},
		{"includes, in text", claim(`"abc"`), authorizer.Includes("c", "b"), failed(`{"actualValue":"abc","expectedToInclude":"b","message":"wrong value"}`)},
		{"includes, deeper", claim(`[["b"]]`), authorizer.Includes("c", "b"), failed(`{"actualValue":[["b"]],"expectedToInclude":"b","message":"wrong value"}`)},
		{"includes, missing", `{}`, authorizer.Includes("c", "b"), failed(`{"expectedToInclude":"b","message":"value does not exist"}`)},
		{"includes all", claim(`["a","b","c"]`), authorizer.IncludesAll("c", "a", "c"), ""},
		{"includes all, not all", claim(`["a"]`), authorizer.IncludesAll("c", "a", "c"), failed(`{"actualValue":["a"],"expectedToInclude":["a","c"],"message":"wrong value"}`)},
		{"excludes", claim(`["a"]`), authorizer.Excludes("c", "b"), ""},
		{"excludes, of nothing", claim(`[]`), authorizer.Excludes("c", "b"), ""},
		{"excludes, not", claim(`["a","b"]`), authorizer.Excludes("c", "b"), failed(`{"actualValue":["a","b"],"expectedToNotInclude":"b","message":"wrong value"}`)},
		{"excludes, of text", claim(`"a"`), authorizer.Excludes("c", "b"), failed(`{"actualValue":"a","expectedToNotInclude":"b","message":"wrong value"}`)},
		{"excludes, missing", `{}`, authorizer.Excludes("c", "b"), failed(`{"expectedToNotInclude":"b","message":"value does not exist"}`)},
		{"young enough", claim(`true`), authorizer.True("c").MaxAge(5 * time.Second), ""},
		{"too old", claim(`true`), authorizer.True("c").MaxAge(4 * time.Second), failed(`{"ageInSeconds":5,"maxAgeInSeconds":4,"message":"expired"}`)},
		{"of no age", `{"c":{"v":true}}`, authorizer.True("c"), ""},
		{"includes none of none", claim(`[]`), authorizer.IncludesAll("c"), failed(`{"actualValue":[],"expectedToInclude":[],"message":"wrong value"}`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := bodyOf(t, claimsCaller(t, c, test.claims).Require(test.validator)); got != test.want {
				t.Errorf("Require = %s, want %s", got, test.want)
			}
		})
	}
}

// A claim whose age is limited and that does not say its time is too old, and
// a limit of nothing lets nothing old pass.
func TestMaxAgeNeedsATime(t *testing.T) {
	c := newClock()
	if claimsCaller(t, c, `{"c":{"v":true}}`).Require(authorizer.True("c").MaxAge(time.Hour)) == nil {
		t.Error("Require of a claim without time = nil, want a failure")
	}
	old := `{"c":{"v":true,"t":` + strconv.FormatInt(c.Now().UnixMilli()-1, 10) + `}}`
	if claimsCaller(t, c, old).Require(authorizer.True("c").MaxAge(0)) == nil {
		t.Error("Require with no age allowed = nil, want a failure")
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

func TestNoValidatorsFailNobody(t *testing.T) {
	if err := (authorizer.Caller{}).Require(); err != nil {
		t.Errorf("Require() = %v, want nil", err)
	}
}

// The zero validator, and one of a value that no claim can equal, pass
// nothing.
func TestImpossibleValidatorsFail(t *testing.T) {
	caller := claimsCaller(t, newClock(), `{"":{"v":[],"t":1},"c":{"v":{},"t":1},"n":{"v":null,"t":1}}`)
	for name, v := range map[string]authorizer.Validator{
		"zero": {}, "object": authorizer.Equals("c", map[string]int{}), "null": authorizer.Equals("n", nil),
		"function": authorizer.Equals("c", func() {}), "list of an object": authorizer.IncludesAll("c", 1, []int{}),
	} {
		if caller.Require(v) == nil {
			t.Errorf("Require(%s) = nil, want a failure", name)
		}
	}
}

// A change of the slice given to IncludesAll does not reach the validator, and
// MaxAge leaves the one it is called on alone.
func TestValidatorsAreValues(t *testing.T) {
	caller := claimsCaller(t, newClock(), `{"c":{"v":["a"],"t":1}}`)
	values := []any{"a"}
	v := authorizer.IncludesAll("c", values...)
	values[0] = "z"
	_ = v.MaxAge(0)
	if err := caller.Require(v); err != nil {
		t.Errorf("Require = %v, want nil", err)
	}
}

// Includes and Excludes of one value are opposites on every array, and agree
// on everything else by refusing it.
func TestIncludesAndExcludes(t *testing.T) {
	c := newClock()
	word := rapid.SampledFrom([]any{"a", "b", "", 1, 1.5, true, false})
	rapid.Check(t, func(rt *rapid.T) {
		list := rapid.SliceOfN(word, 0, 4).Draw(rt, "list")
		want := word.Draw(rt, "want")
		claims, err := json.Marshal(map[string]any{"c": map[string]any{"v": list, "t": 1}})
		must(t, err)
		caller := claimsCaller(t, c, string(claims))
		in, out := caller.Require(authorizer.Includes("c", want)) == nil, caller.Require(authorizer.Excludes("c", want)) == nil
		has := false
		for _, v := range list {
			has = has || v == want
		}
		if in != has || out != !has {
			rt.Fatalf("%v of %v: includes %v, excludes %v, want %v, %v", want, list, in, out, has, !has)
		}
	})
}
