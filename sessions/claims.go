package sessions

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// The limits of custom claims, in bytes. Browsers drop a cookie above 4,096
// bytes of name and value, and frontends keep the front-token in one, as well
// as the access token, under the longer of its names in header mode.
const (
	maxUserClaims    = 600
	maxSessionClaims = 1000
	maxCookie        = 4096
	accessTokenName  = "st-access-token="
	frontTokenName   = "sFrontToken="
	noClaims         = "{}"
	millisecondsLen  = len("1700000000000")
	unverifiedLen    = len(`,"st-ev":{"t":,"v":false}`) + millisecondsLen
)

// layer is one of the two objects that the claims of a session come from.
type layer struct {
	limit   int                                           // in bytes
	refuses func(name string, value jsontext.Value) error // why it may not hold the claim
	kept    int                                           // of the limit, for st-ev where it is not there
}

// userLayer is the layer of users. Where addresses are verified, st-ev always
// has its place in it.
func (c *Checker) userLayer() layer {
	l := layer{limit: maxUserClaims, refuses: misshapen}
	if c.verifies {
		l.kept = unverifiedLen
	}
	return l
}

func sessionLayer() layer { return layer{limit: maxSessionClaims, refuses: usersOnly} }

// ofUser returns the user's layer as it is in tokens. Where addresses are
// verified, that of a user without st-ev is not.
func (c *Checker) ofUser(u User) (json.RawMessage, error) {
	if !c.verifies {
		return u.Claims, nil
	}
	claims := map[string]jsontext.Value{}
	if len(u.Claims) > 0 {
		var err error
		if claims, err = object(u.Claims); err != nil {
			return nil, fmt.Errorf("%w: stored claims of the user: %w", ErrCorrupt, err)
		}
	}
	if _, there := claims[ClaimVerified]; there {
		return u.Claims, nil
	}
	claims[ClaimVerified] = fmt.Appendf(nil, `{"t":%d,"v":false}`, moment(c.now).UnixMilli())
	return compose(claims)
}

// ofUser reports whether a claim comes from the user's layer only: roles,
// permissions and whether the address is verified. Nothing that a session was
// given forges them.
func ofUser(name string) bool {
	return name == "st-role" || name == "st-perm" || name == ClaimVerified
}

func usersOnly(name string, _ jsontext.Value) error {
	if ofUser(name) {
		return errors.New("a claim of the user's, not of a session's")
	}
	return nil
}

// misshapen refuses a claim that frontends and backends would not understand:
// they are shaped as SuperTokens has them.
func misshapen(name string, value jsontext.Value) error {
	if !ofUser(name) {
		return nil
	}
	list := struct {
		Values []*string `json:"v"`
		Time   *uint64   `json:"t"`
	}{}
	truth := struct {
		Value *bool   `json:"v"`
		Time  *uint64 `json:"t"`
	}{}
	strict := jsonv2.RejectUnknownMembers(true)
	if name == ClaimVerified {
		if jsonv2.Unmarshal(value, &truth, strict) != nil || truth.Value == nil || truth.Time == nil {
			return errors.New(`not {"v":bool,"t":milliseconds}`)
		}
		return nil
	}
	err := jsonv2.Unmarshal(value, &list, strict)
	if err != nil || list.Values == nil || slices.Contains(list.Values, nil) || list.Time == nil {
		return errors.New(`not {"v":[strings],"t":milliseconds}`)
	}
	return nil
}

// layered returns the claims of both layers. If both have a name, the user's
// claim counts.
func layered(user, session json.RawMessage) (json.RawMessage, error) {
	claims, err := object(session)
	if err != nil {
		return nil, fmt.Errorf("%w: stored claims: %w", ErrCorrupt, err)
	}
	maps.DeleteFunc(claims, func(name string, _ jsontext.Value) bool { return ofUser(name) })
	if len(user) > 0 {
		over, err := object(user)
		if err != nil {
			return nil, fmt.Errorf("%w: stored claims of the user: %w", ErrCorrupt, err)
		}
		maps.Copy(claims, over)
	}
	return compose(claims)
}

// MergeClaims changes the session's layer of claims. The patch is a JSON
// object: each member replaces the claim of that name, and null removes it.
// MergeClaims returns the layer after the change, and its version. Checked
// requests have the change at once, access tokens from the next refresh on.
//
// With a version, it returns ErrConflict and changes nothing if the claims have
// another version. With nil, it applies the patch to whatever is there. It
// returns ErrNotFound if the session is over, and ErrClaims if the patch names
// a protected claim or one of the user's, or the result is too large.
func (m *Manager) MergeClaims(
	ctx context.Context, h Handle, patch json.RawMessage, version *int64,
) (json.RawMessage, int64, error) {
	read := func() (json.RawMessage, int64, error) {
		l, err := m.live(ctx, h)
		return l.Claims, l.ClaimsVersion, err
	}
	write := func(claims json.RawMessage, base int64) error { return m.store.SetClaims(ctx, h, claims, base) }
	return change(sessionLayer(), patch, version, read, write)
}

// UserClaims returns the user's layer of claims and its version, which are `{}`
// and 0 before the first change.
func (m *Manager) UserClaims(ctx context.Context, tenant, user string) (json.RawMessage, int64, error) {
	u, err := m.User(ctx, tenant, user)
	if err != nil {
		return nil, 0, err
	}
	if u.Claims == nil {
		u.Claims = json.RawMessage(noClaims)
	}
	return u.Claims, u.ClaimsVersion, nil
}

// MergeUserClaims is MergeClaims for the user's layer. It holds for all
// sessions of the user, future ones too, and works without any. ErrClaims can
// also mean that a role, a permission or st-ev does not have the form that
// SuperTokens gives it.
func (m *Manager) MergeUserClaims(
	ctx context.Context, tenant, user string, patch json.RawMessage, version *int64,
) (json.RawMessage, int64, error) {
	read := func() (json.RawMessage, int64, error) { return m.UserClaims(ctx, tenant, user) }
	write := func(claims json.RawMessage, base int64) error {
		return m.store.SetUserClaims(ctx, KeyOf(tenant, user), claims, base)
	}
	return change(m.userLayer(), patch, version, read, write)
}

// CheckUserClaims returns ErrClaims if MergeUserClaims would refuse the patch
// of a user without claims. It asks nobody.
func (m *Manager) CheckUserClaims(patch json.RawMessage) error {
	_, err := m.userLayer().merge(nil, patch)
	return err
}

// change merges a patch into a layer of claims, and returns the layer and its
// version after that. A patch that fits nothing is refused before anything is
// read.
func change(
	of layer,
	patch json.RawMessage,
	version *int64,
	read func() (json.RawMessage, int64, error),
	write func(json.RawMessage, int64) error,
) (json.RawMessage, int64, error) {
	if _, err := of.merge(nil, patch); err != nil {
		return nil, 0, err
	}
	var merged json.RawMessage
	base, err := retry(version, func() (int64, error) {
		claims, base, err := read()
		if err != nil {
			return 0, err
		}
		if version != nil && *version != base {
			return 0, ErrConflict
		}
		if merged, err = of.merge(claims, patch); err != nil {
			return 0, err
		}
		return base, storage("writing claims", write(merged, base))
	})
	if err != nil {
		return nil, 0, err
	}
	return merged, base + 1, nil
}

// startClaims returns the claims of a new session.
func startClaims(claims json.RawMessage) (json.RawMessage, error) {
	if len(claims) == 0 {
		return json.RawMessage(noClaims), nil
	}
	return sessionLayer().merge(nil, claims)
}

// merge returns the claims with the patch applied.
func (of layer) merge(claims, patch json.RawMessage) (json.RawMessage, error) {
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
			continue
		}
		if err := of.refuses(name, changes[name]); err != nil {
			return nil, fmt.Errorf("%w: %q is %w", ErrClaims, name, err)
		}
		merged[name] = changes[name]
	}
	out, err := compose(merged)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrClaims, err)
	}
	limit := of.limit
	if _, there := merged[ClaimVerified]; !there {
		limit -= of.kept
	}
	if len(out) > limit {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrClaims, len(out), limit)
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

// leaveRoom returns ErrUser if the names in the tokens of s, with those of the
// stack, are so long that full layers of claims would not fit into the same
// token.
func leaveRoom(s Session, issuer string) error {
	c := claimsOf(s, nil, issuer)
	c.IssuedAt, c.Expires = s.Created, s.Absolute
	payload, err := c.Payload()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUser, err)
	}
	if n := longest(s.User, len(payload)+maxUserClaims+maxSessionClaims); n > maxCookie {
		return fmt.Errorf("%w: ids too long by %d bytes as tokens write them", ErrUser, n-maxCookie)
	}
	return nil
}

// fits reports whether an access token, or its front-token, each with the name
// of its cookie, is short enough for a browser.
func fits(user, access string) bool {
	_, rest, _ := strings.Cut(access, ".")
	payload, _, _ := strings.Cut(rest, ".")
	return longest(user, base64.RawURLEncoding.DecodedLen(len(payload))) <= maxCookie
}

// longest is the greater length of two: the access token and its front-token,
// which is base64 of {"uid":…,"ate":…,"up":…}, each with the name of its
// cookie. An access token is measured as RS256 makes it, which is the longest,
// so that a change of the algorithm never makes the tokens of a session too
// long.
func longest(user string, payload int) int {
	uid, _ := jsontext.AppendQuote(nil, user)
	front := len(`{"uid":,"ate":,"up":}`) + len(uid) + millisecondsLen + payload
	return max(
		len(accessTokenName)+token.RS256.TokenSize(payload),
		len(frontTokenName)+base64.StdEncoding.EncodedLen(front),
	)
}
