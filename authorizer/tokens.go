package authorizer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// maxCandidates is how many different cookies of our name are judged, each at
// the cost of a signature. A browser holds one for each scope that it was ever
// set with: its own host, the present domain and three former ones. A request
// with more is refused, and not judged by some: which ones would be a guess.
const maxCandidates = 8

// identify judges the tokens that the request names, and returns what the one
// that counts says and how it came. The decision is allowed, or it is a refusal;
// of no token at all it has reasonMissing. Bad ones do not spoil a good one, but
// one that cannot be judged does: it may be of another session.
func (a *Authorizer) identify(ctx context.Context, r fdi.Request) (decision, fdi.Transport, error) {
	candidates, via, err := a.candidates(ctx, r)
	switch {
	case err != nil:
		return decision{reason: reasonDuplicate}, via, nil
	case via == fdi.None:
		return decision{reason: reasonMissing}, via, nil
	}
	refusal := decision{reason: reasonInvalid}
	var good []token.Claims
	for _, raw := range candidates {
		d, err := a.verify(ctx, raw)
		switch {
		case err != nil:
			return decision{}, via, err
		case d.outcome == allowed:
			good = append(good, d.claims)
		case d.reason == reasonExpired:
			refusal = d
		}
	}
	if len(good) == 0 {
		return refusal, via, nil
	}
	return newest(good), via, nil
}

// candidates returns the tokens that are ours to judge. A Bearer of another
// issuer does not hide the cookies, and a cookie of another stack on the parent
// domain is none of ours. A cookie that is no token at all is a bad one. The
// error is fdi.ErrDuplicate.
func (a *Authorizer) candidates(ctx context.Context, r fdi.Request) ([]string, fdi.Transport, error) {
	tokens, err := r.AccessTokens()
	if err != nil {
		return nil, fdi.None, err
	}
	foreign := func(raw string) bool {
		ours, err := a.verifier.Ours(ctx, raw)
		return err == nil && !ours && token.LooksLikeOurs(raw) // without keys Verify says that it cannot
	}
	if tokens.Bearer != "" && foreign(tokens.Bearer) {
		tokens.Bearer = ""
	}
	if tokens.Bearer == "" {
		tokens.Cookies = slices.DeleteFunc(tokens.Cookies, foreign)
	}
	found, via := tokens.Candidates()
	if len(found) > maxCandidates {
		return nil, via, fdi.ErrDuplicate
	}
	return found, via, nil
}

// verify judges one token alone.
func (a *Authorizer) verify(ctx context.Context, raw string) (decision, error) {
	claims, err := a.verifier.Verify(ctx, raw)
	switch {
	case err == nil && claims.Subject != "":
		return decision{outcome: allowed, claims: claims}, nil
	case errors.Is(err, token.ErrExpired):
		return decision{reason: reasonExpired}, nil
	case errors.Is(err, token.ErrInvalid), err == nil:
		return decision{reason: reasonInvalid}, nil
	}
	return decision{}, fmt.Errorf("%w: keys: %w", ErrUnavailable, err)
}

// newest returns the last issued of good tokens, which must be of one session:
// nobody is given one of two.
func newest(good []token.Claims) decision {
	last := good[0]
	for _, claims := range good[1:] {
		if claims.Handle != last.Handle {
			return decision{reason: reasonDuplicate}
		}
		if claims.IssuedAt.After(last.IssuedAt) {
			last = claims
		}
	}
	return decision{outcome: allowed, claims: last}
}
