package token

import (
	"context"
	"errors"
	"fmt"
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
// It is safe for concurrent use.
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

// Prepare does in advance what the first token would wait for: it loads the keys,
// and builds the decoder, which takes some 0.2 ms. Its error is that of
// [Keyring.KeySet]. Then the keys are loaded when they are needed.
func (v *Verifier) Prepare(ctx context.Context) error {
	_, _, _ = decodeClaims("e30") // the empty object, which is refused
	_, err := v.keys.KeySet(ctx)
	return err
}

// Verify returns what the token says if it is an access token of ours and still
// good. It returns ErrExpired if its time is over, ErrInvalid if it is anything
// else, and ErrUnavailable if there are no keys to tell.
func (v *Verifier) Verify(ctx context.Context, raw string) (Claims, error) {
	now := v.now().Round(0)
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
// expired token. It proves only which session is meant.
func (v *Verifier) Identify(ctx context.Context, raw string) (Claims, error) {
	return v.identify(ctx, raw, v.now().Round(0))
}

// identify makes all checks except whether the token's time is over. A token
// that was verified before is good while the key set is the same and its key
// may be used.
func (v *Verifier) identify(ctx context.Context, raw string, now time.Time) (Claims, error) {
	if hit := v.cache.get(raw); hit != nil {
		set, err := v.keys.KeySet(ctx)
		if err != nil {
			return Claims{}, err
		}
		if hit.set == set && hit.key.usable(now) {
			return hit.claims, nil
		}
	}
	proven, err := v.check(ctx, raw, now)
	if err != nil {
		return Claims{}, err
	}
	v.cache.put(raw, proven)
	return proven.claims, nil
}

// check does all the work, cheap steps first. The store is not asked before the
// token has our form.
func (v *Verifier) check(ctx context.Context, raw string, now time.Time) (verified, error) {
	p, err := split(raw)
	if err != nil {
		return verified{}, err
	}
	set, key, err := v.keyOf(ctx, p.header)
	if err != nil {
		return verified{}, err
	}
	if !key.usable(now) {
		return verified{}, fmt.Errorf("%w: key is retired", ErrInvalid)
	}
	if !key.signed(p) {
		return verified{}, fmt.Errorf("%w: signature", ErrInvalid)
	}
	c, from, err := decodeClaims(p.payload)
	if err != nil {
		return verified{}, err
	}
	if from.After(now.Add(skew)) {
		return verified{}, fmt.Errorf("%w: issued in the future", ErrInvalid)
	}
	return verified{set: set, key: key, claims: c}, v.issued(c, set.settings)
}

// keyOf returns the key that the header names, which fixes the algorithm. A
// header that our signer writes is recognised as a whole. Any other is read
// strictly.
func (v *Verifier) keyOf(ctx context.Context, segment string) (*KeySet, *verifyKey, error) {
	if v.keys.spells(segment) {
		set, err := v.keys.KeySet(ctx)
		if err != nil {
			return nil, nil, err
		}
		if key := set.byHeader[segment]; key != nil {
			return set, key, nil
		}
	}
	h, err := decodeHeader(segment)
	if err != nil {
		return nil, nil, err
	}
	set, key, err := v.keys.verifyKey(ctx, h.Kid)
	if err != nil {
		return nil, nil, err
	}
	if h.Alg != string(key.algorithm) {
		return nil, nil, fmt.Errorf("%w: algorithm is not the key's", ErrInvalid)
	}
	return set, key, nil
}

// skew is how far the clock that issued a token may be ahead of ours.
const skew = 10 * time.Second

// issued checks who the token is from and for, and for how long it was issued.
func (v *Verifier) issued(c Claims, s Settings) error {
	switch {
	case s.Issuer == "" || c.Issuer != s.Issuer:
		return fmt.Errorf("%w: issuer", ErrInvalid)
	case c.Audience != s.Issuer:
		return fmt.Errorf("%w: audience", ErrInvalid)
	case c.Expires.Sub(c.IssuedAt) > v.maxLifetime:
		return fmt.Errorf("%w: lifetime", ErrInvalid)
	case c.IssuedAt.Before(s.NotBefore):
		return fmt.Errorf("%w: issued before notBefore", ErrInvalid)
	}
	return nil
}
