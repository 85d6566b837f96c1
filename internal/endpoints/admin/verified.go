package admin

import (
	"encoding/json"
	"fmt"
)

// verifiedClaim is the user's claim that the address is verified. Absent means
// that it is not.
const verifiedClaim = "st-ev"

// isVerified reports whether the user's claims say that the address is
// verified.
func isVerified(claims json.RawMessage) bool {
	var c struct {
		Verified struct {
			Value bool `json:"v"`
		} `json:"st-ev"`
	}
	return json.Unmarshal(claims, &c) == nil && c.Verified.Value
}

// verified is the change of claims after which the address is verified, or not
// verified. The latter always fits.
func (s *Service) verified(is bool) json.RawMessage {
	if !is {
		return fmt.Appendf(nil, `{%q:null}`, verifiedClaim)
	}
	return fmt.Appendf(nil, `{%q:{"v":true,"t":%d}}`, verifiedClaim, s.Now().UnixMilli())
}
