package openid

import (
	"slices"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/internal/logins"
)

// Bounds of time. The clocks of a provider and of Latchkey differ a little. A
// login is redeemed as soon as its token is made.
const (
	leeway      = time.Minute
	oldestToken = 10 * time.Minute
	maxSubject  = 255 // characters (OpenID Connect Core 1.0, section 2)
)

// standing holds the claims that every token of a provider has.
type standing struct {
	Issuer   string         `json:"iss"`
	Audience audience       `json:"aud"`
	Subject  string         `json:"sub"`
	Expires  date           `json:"exp"`
	Issued   date           `json:"iat"`
	Starts   date           `json:"nbf"`
	Nonce    jsontext.Value `json:"nonce"`
}

// check says what is wrong with the claims of a token for the client. The token
// must not be older than oldest.
func (s standing) check(p logins.Provider, now time.Time, oldest time.Duration) error {
	switch {
	case s.Issuer != p.Issuer:
		return refused("token: of another issuer")
	case !slices.Contains(s.Audience, p.ClientID):
		return refused("token: for another client")
	case !isSubject(s.Subject):
		return refused("token: no subject, or one that can be none")
	case s.Expires == 0 || !now.Before(s.Expires.time()):
		return refused("token: expired")
	case s.Issued == 0 || s.Issued.time().After(now.Add(leeway)):
		return refused("token: of the future")
	case s.Issued.time().Before(now.Add(-oldest)):
		return refused("token: too old")
	case s.Starts.time().After(now.Add(leeway)):
		return refused("token: not good yet")
	}
	return nil
}

// isSubject reports whether s is a possible name of a user at a provider.
func isSubject(s string) bool {
	return s != "" && len(s) <= maxSubject && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// idToken holds the claims of an ID token that are judged or used.
type idToken struct {
	standing
	Party *string `json:"azp"`
	address
}

// address is what the ID token, or otherwise userinfo, says of the user's
// address.
type address struct {
	Email    string `json:"email"`
	Verified truth  `json:"email_verified"`
}

// check says what is wrong with an ID token of the login that has the nonce.
func (t idToken) check(p logins.Provider, now time.Time, nonce string) error {
	if err := t.standing.check(p, now, oldestToken); err != nil {
		return err
	}
	var theirs string
	switch {
	case t.Party == nil && len(t.Audience) > 1, t.Party != nil && *t.Party != p.ClientID:
		return refused("ID token: made for another party")
	case jsonv2.Unmarshal(t.Nonce, &theirs) != nil || theirs != nonce:
		return refused("ID token: nonce missing, or another's")
	}
	return nil
}

// audience is one text or several texts.
type audience []string

// UnmarshalJSON implements jsonv2.Unmarshaler.
func (a *audience) UnmarshalJSON(text []byte) error {
	if jsontext.Value(text).Kind() == '"' {
		*a = make(audience, 1)
		return jsonv2.Unmarshal(text, &(*a)[0])
	}
	return jsonv2.Unmarshal(text, (*[]string)(a))
}

// truth is a boolean, or a text that says the same, as some providers write it.
type truth bool

// UnmarshalJSON implements jsonv2.Unmarshaler.
func (b *truth) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `true`, `"true"`:
		*b = true
		return nil
	case `false`, `"false"`, `null`:
		*b = false
		return nil
	}
	return errTruth
}

// date is in seconds since 1970, of which RFC 7519 allows fractions; 0 is none.
type date float64

func (d date) time() time.Time {
	const last = 253402300799 // the end of the year 9999
	return time.Unix(int64(min(max(float64(d), 0), last)), 0)
}
