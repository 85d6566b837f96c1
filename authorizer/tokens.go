package authorizer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// maxCandidates is how many different cookies of our name are verified; each
// costs a signature. A browser holds one for each scope that it was ever set
// with: its own host, the present domain and three former ones. A request with
// more is refused: to verify some of them would be a guess.
const maxCandidates = 8

// identify verifies the tokens of the request, and returns what the one that
// counts says, and how it came. The decision is allowed or refused; without any
// token its reason is reasonMissing. Bad tokens do not spoil a good one. A
// token that cannot be verified now does: it may belong to another session.
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
		case d.effect == allowed:
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

// candidates returns the tokens that may be ours. A Bearer of another issuer
// does not hide the cookies. A cookie of another stack on the parent domain is
// not ours. A cookie that is not a token at all is a bad one of ours. The error
// is fdi.ErrDuplicate.
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

// verify verifies one token.
func (a *Authorizer) verify(ctx context.Context, raw string) (decision, error) {
	claims, err := a.verifier.Verify(ctx, raw)
	switch {
	case err == nil && claims.Subject != "":
		return decision{effect: allowed, claims: claims}, nil
	case errors.Is(err, token.ErrExpired):
		return decision{reason: reasonExpired}, nil
	case errors.Is(err, token.ErrInvalid), err == nil:
		return decision{reason: reasonInvalid}, nil
	}
	return decision{}, fmt.Errorf("%w: keys: %w", ErrUnavailable, err)
}

// newest returns the good token that was issued last. All of them must belong
// to one session: to choose one of two would be a guess.
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
	return decision{effect: allowed, claims: last}
}
