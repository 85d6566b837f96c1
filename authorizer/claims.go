package authorizer

import (
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// ClaimFailure is one validator that failed, in FDI's form.
type ClaimFailure struct {
	ID     string         `json:"id"`               // the claim's name, or what the validator was named
	Reason map[string]any `json:"reason,omitempty"` // message, what was expected, what was found
}

// ClaimsError means that the caller's claims do not allow the request.
type ClaimsError struct {
	Failures []ClaimFailure
}

// Error names the claims, not their values.
func (e *ClaimsError) Error() string {
	return "authorizer: invalid claims: " + strings.Join(e.ids(), ", ")
}

// Body returns the body of FDI's 403. Its member claimValidationErrors tells
// the frontend what failed.
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

// failuresOf asks every validator. It does not stop at the first failure,
// because a frontend may act on each.
func failuresOf(c Caller, validators []Validator) []ClaimFailure {
	var claims map[string]jsontext.Value
	if len(c.Claims) > 0 && jsonv2.Unmarshal(c.Claims, &claims) != nil {
		claims = nil
	}
	var failures []ClaimFailure
	for _, v := range validators {
		if ok, reason := v.accepts(c, claims); !ok {
			failures = append(failures, ClaimFailure{ID: v.id, Reason: reason})
		}
	}
	return failures
}
