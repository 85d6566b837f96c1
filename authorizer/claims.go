package authorizer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// Validator is a condition on one claim of the caller's session. Claims have
// FDI's form, {"v": value, "t": time of setting in ms}. A claim that is
// missing or of another type fails every validator, and so does the zero
// Validator. Values are compared as JSON, by type and value.
type Validator struct {
	claim    string
	operator operator
	want     []jsontext.Value // scalars in canonical form (RFC 8785)
	expected any              // as FDI's reason shows it
	limited  bool             // by maxAge
	maxAge   time.Duration
}

// operator is a validator's question. The zero value is answered no.
type operator int

const (
	never    operator = iota
	equals            // the value is the wanted one
	includes          // the value is an array with all the wanted ones in it
	excludes          // the value is an array with none of them in it
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

// Excludes passes if the claim's value is an array in which value is not.
func Excludes(claim string, value any) Validator { return validator(claim, excludes, value, value) }

// MaxAge returns a validator that also fails if the claim was set longer than
// d ago.
func (v Validator) MaxAge(d time.Duration) Validator {
	v.limited, v.maxAge = true, d
	return v
}

// validator returns the zero question if a wanted value is no scalar.
func validator(claim string, op operator, expected any, values ...any) Validator {
	v := Validator{claim: claim, operator: op, expected: expected}
	for _, value := range values {
		text, err := jsonv2.Marshal(value)
		if err != nil || !scalar(text) {
			return Validator{claim: claim}
		}
		v.want = append(v.want, canonical(text))
	}
	return v
}

// fault returns an error if the validator could never pass.
func (v Validator) fault() error {
	if v.claim == "" || v.operator == never || len(v.want) == 0 {
		return fmt.Errorf("authorizer: validator of claim %q: no name, or a value that is no string, number or boolean", v.claim)
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

// canonical spells a value in the one way in which it can be compared.
// Whole numbers keep all their digits.
func canonical(v jsontext.Value) jsontext.Value {
	v = v.Clone()
	if v.Canonicalize(jsontext.CanonicalizeRawInts(false)) != nil {
		return nil
	}
	return v
}

// ClaimFailure is one validator that failed, in FDI's form.
type ClaimFailure struct {
	ID     string         `json:"id"`     // the claim's name
	Reason map[string]any `json:"reason"` // message, what was expected, what was found
}

// ClaimsError means that the caller's claims do not allow the request.
type ClaimsError struct {
	Failures []ClaimFailure
}

// Error names the claims, not their values.
func (e *ClaimsError) Error() string {
	return "authorizer: invalid claims: " + strings.Join(e.ids(), ", ")
}

// Body returns the body of the 403 with which FDI answers.
func (e *ClaimsError) Body() []byte {
	body, err := jsonv2.Marshal(struct {
		Message string         `json:"message"`
		Errors  []ClaimFailure `json:"claimValidationErrors"`
	}{fdi.MessageInvalidClaim, e.Failures}, jsonv2.Deterministic(true))
	if err != nil {
		return []byte(`{"message":"` + fdi.MessageInvalidClaim + `","claimValidationErrors":[]}`)
	}
	return body
}

func (e *ClaimsError) ids() []string {
	ids := make([]string, len(e.Failures))
	for i, f := range e.Failures {
		ids[i] = f.ID
	}
	return ids
}

// failuresOf asks every validator; it does not stop at the first failure,
// because a frontend may act on each.
func failuresOf(custom json.RawMessage, now time.Time, lists ...[]Validator) []ClaimFailure {
	var claims map[string]jsontext.Value
	if len(custom) > 0 && jsonv2.Unmarshal(custom, &claims) != nil {
		claims = nil
	}
	var failures []ClaimFailure
	for _, v := range slices.Concat(lists...) {
		if reason := v.reason(claims[v.claim], now); reason != nil {
			failures = append(failures, ClaimFailure{ID: v.claim, Reason: reason})
		}
	}
	return failures
}

// reason returns why the claim fails, in the words of FDI's libraries, or nil
// if it passes.
func (v Validator) reason(claim jsontext.Value, now time.Time) map[string]any {
	var c struct {
		Value jsontext.Value `json:"v"`
		Time  float64        `json:"t"`
	}
	if len(claim) == 0 || jsonv2.Unmarshal(claim, &c) != nil || len(c.Value) == 0 {
		return map[string]any{"message": "value does not exist", v.expectation(): v.expected}
	}
	age := float64(now.UnixMilli()) - c.Time
	if v.limited && age > float64(v.maxAge.Milliseconds()) {
		return map[string]any{"message": "expired", "ageInSeconds": age / 1000, "maxAgeInSeconds": v.maxAge.Seconds()}
	}
	if !v.passes(c.Value) {
		return map[string]any{"message": "wrong value", v.expectation(): v.expected, "actualValue": c.Value}
	}
	return nil
}

// expectation is the member of a reason that shows the wanted value.
func (v Validator) expectation() string {
	switch v.operator {
	case includes:
		return "expectedToInclude"
	case excludes:
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
	have := make(map[string]bool, len(elements))
	for _, e := range elements {
		have[string(canonical(e))] = true
	}
	for _, want := range v.want {
		if have[string(want)] != (v.operator == includes) {
			return false
		}
	}
	return true
}
