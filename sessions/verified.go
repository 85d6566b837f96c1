package sessions

import "encoding/json"

// ClaimVerified is the user's claim that says whether the address is verified,
// in SuperTokens' form: {"v":bool,"t":ms}.
const ClaimVerified = "st-ev"

// Verified returns what claims say of the user's address, and whether they say
// anything. Claims that cannot be read say nothing.
func Verified(claims json.RawMessage) (is, said bool) {
	var c struct {
		Verified struct {
			Value *bool `json:"v"`
		} `json:"st-ev"`
	}
	if json.Unmarshal(claims, &c) != nil || c.Verified.Value == nil {
		return false, false
	}
	return *c.Verified.Value, true
}

// IsVerified reports whether claims say that the user's address is verified.
func IsVerified(claims json.RawMessage) bool {
	is, _ := Verified(claims)
	return is
}
