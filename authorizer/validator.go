package authorizer

import (
	"fmt"
	"slices"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Validator is a condition on the claims of a signed-in caller: on one claim,
// or by a function of your own. Claims have FDI's form, {"v": value, "t": time
// of setting in ms}. A missing claim, or one of another type, fails every
// validator. The zero Validator always fails. Values are compared as JSON, by
// type and value.
type Validator struct {
	id       string
	claim    string
	operator operator
	want     []jsontext.Value // scalars in canonical form (RFC 8785)
	expected any              // as FDI's reason shows it
	limited  bool             // by maxAge
	maxAge   time.Duration
	narrowed bool // to tenants
	tenants  []string
	own      func(Caller) (bool, map[string]any)
}

// operator is what a validator asks. The zero value never passes.
type operator int

const (
	never       operator = iota
	equals               // the value is the wanted one
	includes             // the value is an array with all the wanted ones in it
	includesAny          // the value is an array with one of them in it
	excludes             // the value is an array with none of them in it
	own                  // a function says
)

// True passes if the claim's value is true.
func True(claim string) Validator { return Equals(claim, true) }

// False passes if the claim's value is false.
func False(claim string) Validator { return Equals(claim, false) }

// Equals passes if the claim's value is the given string, number or boolean.
func Equals(claim string, value any) Validator { return validator(claim, equals, value, value) }

// Includes passes if the claim's value is an array in which value is.
func Includes(claim string, value any) Validator { return validator(claim, includes, value, value) }

// IncludesAll passes if the claim's value is an array in which all values are.
func IncludesAll(claim string, values ...any) Validator {
	return validator(claim, includes, slices.Clone(values), values...)
}

// IncludesAny passes if the claim's value is an array in which one of the
// values is.
func IncludesAny(claim string, values ...any) Validator {
	return validator(claim, includesAny, slices.Clone(values), values...)
}

// Excludes passes if the claim's value is an array in which value is not.
func Excludes(claim string, value any) Validator { return validator(claim, excludes, value, value) }

// ExcludesAll passes if the claim's value is an array in which none of the
// values is.
func ExcludesAll(claim string, values ...any) Validator {
	return validator(claim, excludes, slices.Clone(values), values...)
}

// Func passes if valid returns true for the caller. Otherwise the frontend is
// told the reason that valid returns; the reasons of FDI have a member
// "message". The function must be safe for concurrent use, and must not change
// the bytes of the claims.
func Func(id string, valid func(Caller) (ok bool, reason map[string]any)) Validator {
	return Validator{id: id, operator: own, own: valid}
}

// MaxAge returns a validator that also fails if the claim was set longer than
// d ago.
func (v Validator) MaxAge(d time.Duration) Validator {
	v.limited, v.maxAge = true, d
	return v
}

// Named returns a validator whose failures have that id instead of the claim's
// name.
func (v Validator) Named(id string) Validator {
	v.id = id
	return v
}

// ForTenants returns a validator that only callers of these tenants must pass.
func (v Validator) ForTenants(tenants ...string) Validator {
	v.narrowed, v.tenants = true, slices.Clone(tenants)
	return v
}

// validator returns a Validator that never passes if a wanted value is not a
// scalar.
func validator(claim string, op operator, expected any, values ...any) Validator {
	v := Validator{id: claim, claim: claim, operator: op, expected: expected}
	for _, value := range values {
		text, err := jsonv2.Marshal(value)
		if err != nil || !scalar(text) {
			return Validator{id: claim, claim: claim}
		}
		v.want = append(v.want, canonical(text))
	}
	return v
}

// fault returns an error if the validator could never pass, or asks for
// something that it cannot know.
func (v Validator) fault() error {
	switch {
	case v.id == "", v.operator == own && (v.own == nil || v.limited):
		return fmt.Errorf("authorizer: validator %q: no name, no function, or an age where there is no claim", v.id)
	case v.narrowed && len(v.tenants) == 0:
		return fmt.Errorf("authorizer: validator %q: for no tenant", v.id)
	case v.operator != own && (v.claim == "" || len(v.want) == 0):
		return fmt.Errorf("authorizer: validator %q: no claim, or a value that is no string, number or boolean", v.id)
	}
	return nil
}

func scalar(v jsontext.Value) bool {
	switch v.Kind() {
	case '"', '0', 't', 'f':
		return true
	}
	return false
}

// canonical returns the one form of a value in which it is compared. Whole
// numbers keep all their digits.
func canonical(v jsontext.Value) jsontext.Value {
	v = v.Clone()
	if v.Canonicalize(jsontext.CanonicalizeRawInts(false)) != nil {
		return nil
	}
	return v
}

// accepts reports whether the caller, whose decoded claims are given, passes, and
// why not.
func (v Validator) accepts(c Caller, claims map[string]jsontext.Value) (ok bool, reason map[string]any) {
	sound := v.fault() == nil
	switch {
	case sound && v.narrowed && !slices.Contains(v.tenants, c.Tenant):
		return true, nil
	case sound && v.operator == own:
		return v.own(c)
	}
	reason = v.reason(claims[v.claim], c.read)
	return reason == nil, reason
}

// reason returns why the claim fails, in the words of FDI's libraries, or nil
// if it passes.
func (v Validator) reason(claim jsontext.Value, now time.Time) map[string]any {
	var c struct {
		Value jsontext.Value `json:"v"`
		Time  float64        `json:"t"`
	}
	if len(claim) == 0 || jsonv2.Unmarshal(claim, &c) != nil || len(c.Value) == 0 {
		return map[string]any{"message": "value does not exist", v.expectation(true): v.expected}
	}
	age := float64(now.UnixMilli()) - c.Time
	if v.limited && age > float64(v.maxAge.Milliseconds()) {
		return map[string]any{"message": "expired", "ageInSeconds": age / 1000, "maxAgeInSeconds": v.maxAge.Seconds()}
	}
	if !v.passes(c.Value) {
		return map[string]any{"message": "wrong value", v.expectation(false): v.expected, "actualValue": c.Value}
	}
	return nil
}

// expectation is the member of a reason that shows what was wanted. For one of
// several values it has another name if the claim is missing, as in FDI's
// libraries.
func (v Validator) expectation(missing bool) string {
	switch {
	case v.operator == includes:
		return "expectedToInclude"
	case v.operator == includesAny && !missing:
		return "expectedToIncludeAtLeastOneOf"
	case v.operator == includesAny, v.operator == excludes:
		return "expectedToNotInclude"
	}
	return "expectedValue"
}

func (v Validator) passes(value jsontext.Value) bool {
	if v.fault() != nil {
		return false
	}
	if v.operator == equals {
		return string(canonical(value)) == string(v.want[0])
	}
	var elements []jsontext.Value
	if value.Kind() != '[' || jsonv2.Unmarshal(value, &elements) != nil {
		return false
	}
	found := 0
	for _, want := range v.want {
		if slices.ContainsFunc(elements, func(e jsontext.Value) bool { return string(canonical(e)) == string(want) }) {
			found++
		}
	}
	switch v.operator {
	case includes:
		return found == len(v.want)
	case includesAny:
		return found > 0
	}
	return found == 0
}
