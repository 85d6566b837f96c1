package sessions

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// The limits of custom claims, in bytes. Browsers drop a cookie above 4,096
// bytes of name and value, and frontends keep the front-token in one, as well
// as the access token, under the longer of its names in header mode.
const (
	maxClaims       = 2000
	maxCookie       = 4096
	accessTokenName = "st-access-token="
	frontTokenName  = "sFrontToken="
	noClaims        = "{}"
	millisecondsLen = len("1700000000000")
)

// MergeClaims changes the session's custom claims: each member of the patch, a
// JSON object, replaces the claim of that name, and null removes it. It
// returns the claims and their version after the change, which checked
// requests see at once and access tokens from the next refresh on.
//
// With a version it returns ErrConflict, changing nothing, if the claims have
// another; with nil it applies the patch to whatever is there. It returns
// ErrNotFound if the session is over, and ErrClaims if the patch names a
// protected claim or the result is too large.
func (m *Manager) MergeClaims(ctx context.Context, h Handle, patch json.RawMessage, version *int64) (json.RawMessage, int64, error) {
	if _, err := merge(nil, patch); err != nil {
		return nil, 0, err
	}
	s, err := retry(version, func() (Session, error) { return m.mergeClaims(ctx, h, patch, version) })
	if err != nil {
		return nil, 0, err
	}
	return s.Claims, s.ClaimsVersion, nil
}

// mergeClaims makes one attempt, and returns the session as it is after it.
func (m *Manager) mergeClaims(ctx context.Context, h Handle, patch json.RawMessage, version *int64) (Session, error) {
	s, err := m.live(ctx, h)
	if err != nil {
		return Session{}, err
	}
	if version != nil && *version != s.ClaimsVersion {
		return Session{}, ErrConflict
	}
	settings, err := m.keys.Settings(ctx)
	if err != nil {
		return Session{}, unavailable("settings", err)
	}
	if s.Claims, err = merge(s.Claims, patch); err != nil {
		return Session{}, err
	}
	if err := fits(s, settings.Issuer); err != nil {
		return Session{}, err
	}
	if err := m.store.SetClaims(ctx, h, s.Claims, s.ClaimsVersion); err != nil {
		return Session{}, storage("writing claims", err)
	}
	s.ClaimsVersion++
	return s, nil
}

// startClaims returns the claims of a new session.
func startClaims(claims json.RawMessage) (json.RawMessage, error) {
	if len(claims) == 0 {
		return json.RawMessage(noClaims), nil
	}
	return merge(nil, claims)
}

// merge returns the claims with the patch applied.
func merge(claims, patch json.RawMessage) (json.RawMessage, error) {
	changes, err := object(patch)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrClaims, err)
	}
	merged := map[string]jsontext.Value{}
	if claims != nil {
		if merged, err = object(claims); err != nil {
			return nil, fmt.Errorf("%w: stored claims: %w", ErrCorrupt, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		if token.Protected(name) {
			return nil, fmt.Errorf("%w: %q is protected", ErrClaims, name)
		}
		if changes[name].Kind() == 'n' {
			delete(merged, name)
		} else {
			merged[name] = changes[name]
		}
	}
	out, err := compose(merged)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrClaims, err)
	}
	if len(out) > maxClaims {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrClaims, len(out), maxClaims)
	}
	return out, nil
}

// object reads a JSON object strictly: duplicate names and invalid UTF-8 are
// errors, since two readers could understand them differently.
func object(raw json.RawMessage) (map[string]jsontext.Value, error) {
	if jsontext.Value(raw).Kind() != '{' {
		return nil, errNotObject
	}
	var fields map[string]jsontext.Value
	if err := jsonv2.Unmarshal(raw, &fields); err != nil {
		return nil, errNotObject
	}
	return fields, nil
}

// compose writes an object compactly, with its names in order.
func compose(fields map[string]jsontext.Value) (json.RawMessage, error) {
	return jsonv2.Marshal(fields, jsonv2.Deterministic(true))
}

// fits returns ErrClaims if an access token of s, or its front-token, each with
// the name of its cookie, would be too long. An access token is measured as RS256 makes
// it, the longest, so that a change of the algorithm never makes the tokens of
// a stored session too long.
func fits(s Session, issuer string) error {
	c := claimsOf(s, issuer)
	c.IssuedAt = s.Created.Truncate(time.Second)
	c.Expires = s.Absolute.Truncate(time.Second)
	payload, err := c.Payload()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrClaims, err)
	}
	if n := len(accessTokenName) + token.RS256.TokenSize(len(payload)); n > maxCookie {
		return fmt.Errorf("%w: access token of %d bytes with its cookie's name, at most %d", ErrClaims, n, maxCookie)
	}
	if n := frontTokenSize(s.User, len(payload)); n > maxCookie {
		return fmt.Errorf("%w: front-token of %d bytes with its cookie's name, at most %d", ErrClaims, n, maxCookie)
	}
	return nil
}

// frontTokenSize is the length of the cookie a frontend keeps the front-token
// in: base64 of {"uid":…,"ate":…,"up":…}.
func frontTokenSize(user string, payload int) int {
	uid, _ := jsontext.AppendQuote(nil, user)
	n := len(`{"uid":,"ate":,"up":}`) + len(uid) + millisecondsLen + payload
	return len(frontTokenName) + base64.StdEncoding.EncodedLen(n)
}
