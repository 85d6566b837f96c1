package admin

import (
	"encoding/json"
	"fmt"

	"github.com/latchkey-auth/latchkey/sessions"
)

// verified is the change of claims after which the address is verified, or not
// verified. The latter always fits.
func (s *Service) verified(is bool) json.RawMessage {
	if !is {
		return fmt.Appendf(nil, `{%q:null}`, sessions.ClaimVerified)
	}
	return fmt.Appendf(nil, `{%q:{"v":true,"t":%d}}`, sessions.ClaimVerified, s.Now().UnixMilli())
}
