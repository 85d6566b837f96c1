package authorizer_test

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/authorizer"
)

// callers is testdata/callers.json, whose member about says what it holds. The
// clients in other languages run it too.
type callers struct {
	Now             int64
	Issuer          string
	Context, Claims map[string]any
	Contexts        []struct {
		change
		Context     json.RawMessage
		Read, Write string
	}
	Events []struct {
		Name, Want string
		Event      json.RawMessage
	}
	JWT []struct {
		change
		Want           string
		Method, Issuer *string
		Claims         map[string]any
	}
	Validators []struct {
		Name, Claims string
		Validator    validatorRow
		Failure      json.RawMessage
	}
}

// validatorRow is a validator in the table's words.
type validatorRow struct {
	Op, Claim, Named string
	Values           []json.RawMessage
	MaxAge           *int
	Tenants          []string
}

// change is how a row differs from the base.
type change struct {
	Name    string
	With    map[string]any
	Without []string
}

func (c change) of(base map[string]any) map[string]any {
	m := maps.Clone(base)
	maps.Copy(m, c.With)
	for _, name := range c.Without {
		delete(m, name)
	}
	return m
}

func readCallers(t *testing.T) (table callers, now func() time.Time) {
	t.Helper()
	data, err := os.ReadFile("testdata/callers.json")
	must(t, err)
	must(t, json.Unmarshal(data, &table))
	return table, func() time.Time { return time.UnixMilli(table.Now) }
}

// outcome is the table's word for what became of a caller. A refused caller is
// nobody, so that a backend that forgets to look at the error has none.
func outcome(c authorizer.Caller, signedIn bool, err error) string {
	switch {
	case err == nil && signedIn:
		return "caller"
	case !reflect.DeepEqual(c, authorizer.Caller{}) || signedIn:
		return "somebody who is not signed in"
	case err == nil:
		return "anonymous"
	}
	for code, is := range map[string]error{"no_caller": authorizer.ErrNoCaller, "expired": authorizer.ErrExpired, "stale": authorizer.ErrStale} {
		if errors.Is(err, is) {
			return code
		}
	}
	return err.Error()
}

// sameAs reports whether the caller is the one that a context names.
func sameAs(c authorizer.Caller, context map[string]any) bool {
	return c.User == context["user"] && c.RecipeUser == context["recipeUser"] && c.Tenant == context["tenant"] &&
		c.Session == context["handle"] && strconv.FormatInt(c.Expires.Unix(), 10) == context["expires"] &&
		strconv.FormatInt(c.Decided.Unix(), 10) == context["decided"] && c.Checked == context["checked"] && string(c.Claims) == context["payload"]
}

// Whom a backend takes a request to be from, whatever the way in which it asks.
func TestCallerIsRefused(t *testing.T) {
	table, now := readCallers(t)
	for _, row := range table.Contexts {
		context := row.of(table.Context)
		if len(row.Context) > 0 {
			context = nil
			must(t, json.Unmarshal(row.Context, &context))
		}
		for way, ask := range ways(t, authorizer.Backend{Now: now}) {
			for method, want := range map[string]string{"GET": row.Read, "HEAD": row.Read, "POST": row.Write, "get": row.Write, "": row.Write} {
				caller, signedIn, err := ask(method, context)
				if got := outcome(caller, signedIn, err); got != want || signedIn && !sameAs(caller, context) {
					t.Errorf("%s, %s %q = %s, %+v, want %s", row.Name, way, method, got, caller, want)
				}
			}
		}
	}
}

// Methods in doubt, WebSockets, and contexts of two authorizers.
func TestCallerOfAnEvent(t *testing.T) {
	table, now := readCallers(t)
	b := authorizer.Backend{Now: now, Issuer: table.Issuer}
	for _, row := range table.Events {
		var kind struct {
			Version        string
			RequestContext struct{ ConnectionID string }
		}
		must(t, json.Unmarshal(row.Event, &kind))
		read := asked[events.APIGatewayProxyRequest]
		switch {
		case kind.Version == "2.0":
			read = asked[events.APIGatewayV2HTTPRequest]
		case kind.RequestContext.ConnectionID != "":
			read = asked[events.APIGatewayWebsocketProxyRequest]
		}
		if direct, through := read(t, row.Event, b); direct != row.Want || through != row.Want {
			t.Errorf("%s = %s, through net/http %s, want %s", row.Name, direct, through, row.Want)
		}
	}
}

// asked returns the table's words for an event's caller, asked for directly and
// through net/http.
func asked[E authorizer.Event](t *testing.T, event []byte, b authorizer.Backend) (direct, through string) {
	t.Helper()
	var e E
	must(t, json.Unmarshal(event, &e))
	return outcome(ask(t, e, b)), outcome(ask(t, adapted("GET", e), b))
}

// Claims of API Gateway's own JWT authorizer name a caller of reads, if they are
// of the backend's issuer. The gateway's text of a custom claim cannot be read
// back, so a validator fails on it.
func TestCallerOfTheGatewaysJWTAuthorizer(t *testing.T) {
	table, now := readCallers(t)
	for _, row := range table.JWT {
		method, issuer, claims := "GET", table.Issuer, row.of(table.Claims)
		if row.Method != nil {
			method = *row.Method
		}
		if row.Issuer != nil {
			issuer = *row.Issuer
		}
		if row.Claims != nil {
			claims = row.Claims
		}
		b := authorizer.Backend{Now: now, Issuer: issuer}
		caller, signedIn, err := authorizer.OptionalCallerFrom(jwtRequest(method, claims), b)
		got, gotREST := outcome(caller, signedIn, err), outcome(authorizer.OptionalCallerFrom(restRequest(method, map[string]any{"claims": claims, "scopes": nil}), b))
		if got != row.Want || gotREST != row.Want {
			t.Errorf("%s = %s, payload 1.0: %s, want %s", row.Name, got, gotREST, row.Want)
		}
		if !signedIn {
			continue
		}
		if caller.User != "u1" || caller.Checked != "token" || caller.Session != claims["sessionHandle"] || !caller.Decided.IsZero() {
			t.Errorf("%s: caller = %+v", row.Name, caller)
		}
		if string(caller.Claims) != `{"st-role":"map[t:1 v:[admin]]"}` || caller.Require(authorizer.Includes("st-role", "admin")) == nil {
			t.Errorf("%s: claims = %s, want the gateway's text, on which validators fail", row.Name, caller.Claims)
		}
	}
}

// jwtRequest is an event with claims as API Gateway's own JWT authorizer passes
// them on.
func jwtRequest(method string, claims map[string]any) events.APIGatewayV2HTTPRequest {
	e := httpRequest(method, nil)
	texts := map[string]string{}
	for name, value := range claims {
		texts[name] = value.(string)
	}
	e.RequestContext.Authorizer.JWT = &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: texts}
	return e
}

// validator makes a validator of the table's words.
func (table validatorRow) validator(t *testing.T) authorizer.Validator {
	t.Helper()
	var values []any
	for _, text := range table.Values {
		var value any
		must(t, json.Unmarshal(text, &value))
		if _, number := value.(float64); number {
			value = jsontext.Value(text) // with all its digits
		}
		values = append(values, value)
	}
	makers := map[string]func(string, ...any) authorizer.Validator{
		"includesAll": authorizer.IncludesAll, "includesAny": authorizer.IncludesAny, "excludesAll": authorizer.ExcludesAll,
		"equals":   func(claim string, v ...any) authorizer.Validator { return authorizer.Equals(claim, v[0]) },
		"includes": func(claim string, v ...any) authorizer.Validator { return authorizer.Includes(claim, v[0]) },
		"excludes": func(claim string, v ...any) authorizer.Validator { return authorizer.Excludes(claim, v[0]) },
	}
	v := makers[table.Op](table.Claim, values...)
	if table.MaxAge != nil {
		v = v.MaxAge(time.Duration(*table.MaxAge) * time.Second)
	}
	if table.Named != "" {
		v = v.Named(table.Named)
	}
	if table.Tenants != nil {
		v = v.ForTenants(table.Tenants...)
	}
	return v
}

func TestValidators(t *testing.T) {
	table, now := readCallers(t)
	for _, row := range table.Validators {
		context := change{With: map[string]any{"payload": row.Claims}}.of(table.Context)
		caller, err := authorizer.CallerFrom(httpRequest("GET", context), authorizer.Backend{Now: now})
		must(t, err)
		want := ""
		if string(row.Failure) != "null" {
			want = `{"message":"invalid claim","claimValidationErrors":[` + string(row.Failure) + `]}`
		}
		if got := bodyOf(t, caller.Require(row.Validator.validator(t))); !sameJSON(t, got, want) {
			t.Errorf("%s = %s, want %s", row.Name, got, want)
		}
	}
}

// sameJSON compares texts as JSON with all digits of numbers.
func sameJSON(t *testing.T, texts ...string) bool {
	t.Helper()
	for i, text := range texts {
		if text != "" {
			value := jsontext.Value(text)
			must(t, value.Canonicalize(jsontext.CanonicalizeRawInts(false)))
			texts[i] = value.String()
		}
	}
	return texts[0] == texts[1]
}
