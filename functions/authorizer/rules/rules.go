// Package rules says what the routes of this stack's own API ask for beyond a
// session. A route that is not named here needs a session that is live
// wherever the method is not GET or HEAD.
//
// The rules hold for this API only. Rules for another one need an authorizer of
// its own: see latchkey.NewAuthorizer. What Global asks for holds on every API
// that the authorizer is attached to.
package rules

import (
	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
)

// All returns both, where EmailVerification is required or not.
func All(verified bool) ([]authorizer.Rule, []authorizer.Validator) {
	return Rules(verified), Global(verified)
}

// Rules returns the rules by route key.
func Rules(verified bool) []authorizer.Rule {
	return append([]authorizer.Rule{
		// A list of sessions shows what a revoke has just done.
		{Route: "GET /auth/sessions", Check: authorizer.Always},
		{Route: "GET /greeting", Session: authorizer.Optional},
		{Route: "GET /reports", Claims: []authorizer.Validator{authorizer.Includes("st-role", "admin")}},
	}, verification(verified)...)
}

// verification are the rules of what verifies an address, which is open to those
// whose address is not. A link works wherever it is opened.
func verification(verified bool) []authorizer.Rule {
	var without []string
	if verified {
		without = []string{sessions.ClaimVerified}
	}
	var all []authorizer.Rule
	for _, path := range []string{"/auth", "/auth/{tenantId}"} {
		all = append(all,
			authorizer.Rule{Route: "GET " + path + "/user/email/verify", Without: without},
			authorizer.Rule{
				Route: "POST " + path + "/user/email/verify", Without: without, Session: authorizer.Optional,
			},
			authorizer.Rule{Route: "POST " + path + "/user/email/verify/token", Without: without},
		)
	}
	return all
}

// Global returns what the claims of every signed-in caller must be, on every
// API: where EmailVerification is required, that the address is verified.
func Global(verified bool) []authorizer.Validator {
	if !verified {
		return nil
	}
	return []authorizer.Validator{authorizer.True(sessions.ClaimVerified)}
}
