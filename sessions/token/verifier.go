package token

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// VerifierConfig configures a Verifier.
type VerifierConfig struct {
	Keys        *Keyring         // required
	MaxLifetime time.Duration    // required: the longest exp - iat that is accepted
	CacheSize   int              // how many verified tokens are remembered; 0 means 1,000
	Now         func() time.Time // nil means time.Now
}

// Verifier checks access tokens. It has no option that switches a check off.
// It may be used concurrently.
type Verifier struct {
	keys        *Keyring
	maxLifetime time.Duration
	now         func() time.Time
	cache       *cache
}

// NewVerifier returns a verifier.
func NewVerifier(cfg VerifierConfig) (*Verifier, error) {
	if cfg.Keys == nil || cfg.MaxLifetime <= 0 || cfg.CacheSize < 0 {
		return nil, errors.New("token: a verifier needs keys and a longest lifetime")
	}
	if cfg.CacheSize == 0 {
		cfg.CacheSize = 1000
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Verifier{keys: cfg.Keys, maxLifetime: cfg.MaxLifetime, now: cfg.Now, cache: newCache(cfg.CacheSize)}, nil
}

// Verify returns what the token says, if it is a whole and current access
// token of ours. It returns ErrExpired for one whose time is over, ErrInvalid
// for everything else that is not one, and ErrUnavailable if there are no keys
// to tell.
func (v *Verifier) Verify(ctx context.Context, raw string) (Claims, error) {
	now := v.now()
	c, err := v.identify(ctx, raw, now)
	if err != nil {
		return Claims{}, err
	}
	if !now.Before(c.Expires) {
		return Claims{}, ErrExpired
	}
	return c, nil
}

// Identify checks as Verify does, but accepts a token whose time is over as
// long as its key is published. It is for sign-out, which must work with an
// expired token, and proves nothing but whose session is meant.
func (v *Verifier) Identify(ctx context.Context, raw string) (Claims, error) {
	return v.identify(ctx, raw, v.now())
}

func (v *Verifier) identify(ctx context.Context, raw string, now time.Time) (Claims, error) {
	set, err := v.keys.KeySet(ctx)
	if err != nil {
		return Claims{}, err
	}
	if hit, ok := v.cache.get(raw, set); ok && hit.key.usable(now) {
		return hit.claims, nil
	}
	known, err := v.check(ctx, raw, set, now)
	if err != nil {
		return Claims{}, err
	}
	// The caller's string may be a part of a large request: keep a copy.
	v.cache.put(strings.Clone(raw), known)
	return known.claims, nil
}

// check does the whole work, cheap steps first.
func (v *Verifier) check(ctx context.Context, raw string, set *KeySet, now time.Time) (verified, error) {
	p, err := split(raw)
	if err != nil {
		return verified{}, err
	}
	set, key, err := v.keyOf(ctx, set, p.header)
	if err != nil {
		return verified{}, err
	}
	if !key.usable(now) {
		return verified{}, fmt.Errorf("%w: key", ErrInvalid)
	}
	signature, err := decode64(p.signature)
	if err != nil {
		return verified{}, fmt.Errorf("%w: spelling of the signature", ErrInvalid)
	}
	if err := key.algorithm.method().Verify(p.signed, signature, key.public); err != nil {
		return verified{}, fmt.Errorf("%w: signature", ErrInvalid)
	}
	c, err := decodeClaims(p.payload)
	if err != nil {
		return verified{}, err
	}
	return verified{set, key, c}, v.judge(c, set.settings, now)
}

// keyOf returns the key that the header names, which fixes the algorithm.
func (v *Verifier) keyOf(ctx context.Context, set *KeySet, header string) (*KeySet, *verifyKey, error) {
	if key := set.byHeader[header]; key != nil {
		return set, key, nil
	}
	h, err := decodeHeader(header)
	if err != nil {
		return nil, nil, err
	}
	set, key, err := v.keys.find(ctx, set, h.Kid)
	switch {
	case err != nil:
		return nil, nil, err
	case key == nil:
		return nil, nil, fmt.Errorf("%w: unknown key", ErrInvalid)
	case h.Alg != string(key.algorithm):
		return nil, nil, fmt.Errorf("%w: algorithm is not the key's", ErrInvalid)
	}
	return set, key, nil
}

// skew is how far the clock that issued a token may be ahead of ours.
const skew = 10 * time.Second

// judge checks issuer, audience and the times, but for whether the token has
// expired.
func (v *Verifier) judge(c Claims, s Settings, now time.Time) error {
	switch {
	case s.Issuer == "" || c.Issuer != s.Issuer:
		return fmt.Errorf("%w: issuer", ErrInvalid)
	case c.Audience != s.Issuer:
		return fmt.Errorf("%w: audience", ErrInvalid)
	case c.IssuedAt.After(now.Add(skew)):
		return fmt.Errorf("%w: issued in the future", ErrInvalid)
	case c.Expires.Before(c.IssuedAt) || c.Expires.Sub(c.IssuedAt) > v.maxLifetime:
		return fmt.Errorf("%w: lifetime", ErrInvalid)
	case c.IssuedAt.Before(s.NotBefore.Truncate(time.Second)):
		return fmt.Errorf("%w: issued before notBefore", ErrInvalid)
	}
	return nil
}
