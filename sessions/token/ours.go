package token

import (
	"context"

	jsonv2 "github.com/go-json-experiment/json"
)

// Ours reports whether a token of our form names our issuer or one of our keys.
// It does not say that the token is good. Access tokens of other providers may
// have the same form (RFC 9068), and we must not refuse them. The error is
// ErrUnavailable: without keys and settings this cannot be told.
//
// The keys at hand decide: a stranger's token never causes a load.
func (v *Verifier) Ours(ctx context.Context, raw string) (bool, error) {
	p, err := split(raw)
	if err != nil {
		return false, nil
	}
	var h header
	if !v.keys.spells(p.header) {
		if h, err = decodeHeader(p.header); err != nil {
			return false, nil
		}
	}
	set, err := v.keys.atHand(ctx)
	if err != nil {
		return false, err
	}
	if set.byHeader[p.header] != nil {
		return true, nil
	}
	return set.byID[h.Kid] != nil || issuerOf(p.payload) == set.settings.Issuer, nil
}

// atHand is KeySet for a token that will be verified next. If it waits for a
// load, that load counts as the one that an unknown key causes.
func (k *Keyring) atHand(ctx context.Context) (*KeySet, error) {
	l, awaited, err := k.loader.current(ctx, keepFor)
	if err != nil {
		return nil, err
	}
	if awaited {
		k.loader.mu.Lock()
		k.missedKey.at = k.now()
		k.loader.mu.Unlock()
	}
	return l.set, nil
}

// issuerOf returns the issuer that a payload names, "" if it cannot be read.
func issuerOf(segment string) string {
	var claims struct {
		Issuer string `json:"iss"`
	}
	text, err := decode64(segment)
	if err != nil || jsonv2.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Issuer
}
