// Package token makes and checks access tokens, and holds the rules of the
// keys that sign them.
//
// An access token is a JWT (RFC 7519) in compact form. Its header is alg, kid
// and typ "at+jwt" (RFC 9068), nothing else; the key that kid names fixes the
// algorithm. Verification is strict and has no option that switches a check
// off: what a [Verifier] returns has passed all of them.
//
// Start with [Keyring], which loads keys from a [KeyStore] and hands out the
// [Signer] that is active now and the [KeySet] that verifies now.
package token

import (
	"encoding/json"
	"time"
)

// Claims are the contents of one access token. The value a Verifier returns
// is the value that was checked: the token is decoded once.
type Claims struct {
	Issuer     string    // iss: the API's base URL for sign-in
	Audience   string    // aud: equal to the issuer
	Subject    string    // sub: the user id
	RecipeUser string    // rsub: the login method's user id
	Tenant     string    // tId
	Handle     string    // sessionHandle: which session this is (in place of sid)
	IssuedAt   time.Time // iat, whole seconds
	Expires    time.Time // exp, whole seconds: the first instant the token is no longer good

	// Custom holds the custom claims, which stand at the top level of the
	// token, as one compact JSON object. It is nil when there are none.
	// Callers must not change its bytes.
	Custom json.RawMessage
}
