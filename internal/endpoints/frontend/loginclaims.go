package frontend

import (
	"bytes"
	"context"
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

// takeOver makes the user's claims what the provider says, and writes nothing
// if they are that already. It returns sessions.ErrClaims if a claim does not
// fit: nobody continues with outdated roles.
func (s *Service) takeOver(ctx context.Context, a accounts.Arrival, before sessions.User, p logins.Person) error {
	old := map[string]jsontext.Value{}
	if len(before.Claims) > 0 {
		if err := jsonv2.Unmarshal(before.Claims, &old); err != nil {
			return fmt.Errorf("%w: stored claims of the user", sessions.ErrCorrupt)
		}
	}
	patch := map[string]jsontext.Value{}
	for _, name := range slices.Sorted(maps.Keys(p.Claims)) {
		if err := mapped(patch, old, name, jsontext.Value(p.Claims[name]), s.Now()); err != nil {
			return err
		}
	}
	if verified, news := verifiedNow(verification(before.Claims), a, p); news {
		patch[logins.ClaimVerified] = stamped(verified, s.Now())
	}
	if len(patch) == 0 {
		return nil
	}
	text, err := jsonv2.Marshal(patch)
	if err == nil {
		_, _, err = s.Sessions.MergeUserClaims(ctx, a.User.Tenant, a.User.ID, text, nil)
	}
	return err
}

// verifiedNow returns whether the user's address is verified, and whether that
// is new. A provider that says yes is believed. If a provider does not say so
// about an address that it named before, nothing is taken back: a mailed link
// may have verified it.
func verifiedNow(was *bool, a accounts.Arrival, p logins.Person) (verified, news bool) {
	if was == nil || a.Moved || p.Verified {
		return p.Verified, was == nil || *was != p.Verified
	}
	return *was, false
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
