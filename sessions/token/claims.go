// Package token makes and checks access tokens, and holds the rules of the
// keys that sign them.
//
// An access token is a JWT (RFC 7519) in compact form. Its header holds alg,
// kid and typ "at+jwt" (RFC 9068), and nothing else. The key that kid names
// fixes the algorithm. Verification is strict, and no option switches a check
// off: claims that a [Verifier] returns have passed all checks.
//
// Start with a [Keyring]. It loads keys from a [KeyStore] and returns the
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

	// Custom holds the custom claims as one compact JSON object; they stand at
	// the top level of the token. It is nil if there are none. Callers must not
	// change its bytes.
	Custom json.RawMessage
}
