package frontend

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/sessions"
)

// fits returns sessions.ErrClaims if what the provider says fits no user, a new
// one included.
func (s *Service) fits(p logins.Person) error {
	patch, err := s.said(p, nil)
	if err != nil {
		return err
	}
	patch[sessions.ClaimVerified] = stamped(p.Verified, s.Now())
	text, err := jsonv2.Marshal(patch)
	if err != nil {
		return err
	}
	return s.Sessions.CheckUserClaims(text)
}

// takeOver makes the user's claims and address what the provider says, and
// writes nothing if they are that already. It returns sessions.ErrClaims if a
// claim does not fit: nobody continues with outdated roles; and
// sessions.ErrConflict, with nothing written, if the claims are others by now.
//
// Before an address is replaced it counts as verified no more, so that what the
// old one was never holds for the new one. A provider that says that the address
// is verified is believed. If a provider does not say so about an address that
// it named before, nothing is taken back: a mailed link may have verified it.
func (s *Service) takeOver(ctx context.Context, a accounts.Arrival, before sessions.User, p logins.Person) error {
	patch, err := s.said(p, before.Claims)
	if err != nil {
		return err
	}
	_, said := sessions.Verified(before.Claims)
	switch {
	case a.Moved():
		patch[sessions.ClaimVerified] = stamped(false, s.Now())
	case !said:
		patch[sessions.ClaimVerified] = stamped(p.Verified, s.Now())
	}
	now, err := s.patch(ctx, a.User, patch, &userClaims{before.Claims, before.ClaimsVersion})
	if err != nil {
		return err
	}
	if a.Moved() {
		if err := s.Accounts.Readdress(ctx, a); err != nil {
			return err
		}
	}
	switch {
	case p.Verified:
		return s.verified(ctx, a.User, now)
	case a.Moved(): // a link to the old address may have been used meanwhile
		text := fmt.Appendf(nil, `{%q:%s}`, sessions.ClaimVerified, stamped(false, s.Now()))
		_, _, err = s.Sessions.MergeUserClaims(ctx, a.User.Tenant, a.User.ID, text, nil)
	}
	return err
}

// patch merges a patch into the user's claims if they are those of before, and
// returns them as they are after that.
func (s *Service) patch(
	ctx context.Context, u accounts.User, patch map[string]jsontext.Value, before *userClaims,
) (*userClaims, error) {
	if len(patch) == 0 {
		return before, nil
	}
	text, err := jsonv2.Marshal(patch)
	if err != nil {
		return nil, err
	}
	claims, version, err := s.Sessions.MergeUserClaims(ctx, u.Tenant, u.ID, text, &before.version)
	return &userClaims{claims, version}, err
}

// said returns the patch that makes claims those that the provider's mapping
// names.
func (s *Service) said(p logins.Person, claims json.RawMessage) (map[string]jsontext.Value, error) {
	old := map[string]jsontext.Value{}
	if len(claims) > 0 {
		if err := jsonv2.Unmarshal(claims, &old); err != nil {
			return nil, fmt.Errorf("%w: stored claims of the user", sessions.ErrCorrupt)
		}
	}
	patch := map[string]jsontext.Value{}
	for _, name := range slices.Sorted(maps.Keys(p.Claims)) {
		if err := mapped(patch, old, name, jsontext.Value(p.Claims[name]), s.Now()); err != nil {
			return nil, err
		}
	}
	return patch, nil
}

// mapped adds a claim to the patch if it differs from before. Roles and
// permissions, which providers have as texts, get SuperTokens' form, with the
// time of the change.
func mapped(patch, old map[string]jsontext.Value, name string, value jsontext.Value, now time.Time) error {
	was, there := old[name]
	if value.Kind() == 'n' {
		if there {
			patch[name] = value
		}
		return nil
	}
	if name == "st-role" || name == "st-perm" {
		list, err := texts(value)
		if err != nil {
			return fmt.Errorf("%w: %q is made of no text and no list of texts", sessions.ErrClaims, name)
		}
		var shaped struct {
			V []string `json:"v"`
		}
		if jsonv2.Unmarshal(was, &shaped) != nil || !slices.Equal(shaped.V, list) {
			patch[name] = stamped(list, now)
		}
		return nil
	}
	if !there || !equal(was, value) {
		patch[name] = value
	}
	return nil
}

// texts reads one text or several.
func texts(value jsontext.Value) ([]string, error) {
	if value.Kind() == '"' {
		var one string
		err := jsonv2.Unmarshal(value, &one)
		return []string{one}, err
	}
	list := []string{}
	err := jsonv2.Unmarshal(value, &list)
	return list, err
}

// stamped is a claim in SuperTokens' form.
func stamped(v any, now time.Time) jsontext.Value {
	// Neither value can fail.
	text, _ := jsonv2.Marshal(map[string]any{"v": v, "t": now.UnixMilli()}, jsonv2.Deterministic(true))
	return text
}

// equal reports whether two values mean the same.
func equal(a, b jsontext.Value) bool {
	a, b = a.Clone(), b.Clone()
	return a.Canonicalize() == nil && b.Canonicalize() == nil && bytes.Equal(a, b)
}
