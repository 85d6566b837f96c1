package dynamo

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"

	"github.com/latchkey-auth/latchkey/sessions"
)

// The attributes of a session. They are short, because their names count
// toward the 4 KB that one unit reads.
const (
	attrUser     = "user" // partition key
	attrTenant   = "tenant"
	attrUserID   = "uid"
	attrRecipe   = "rid"
	attrState    = "state"
	attrRevoked  = "xat" // when revoked; only where it is
	attrReason   = "why" // likewise
	attrGen      = "gen"
	attrHash     = "h"
	attrPrevious = "ph"
	attrSalt     = "salt"
	attrMACKey   = "ckid"
	attrCreated  = "created"
	attrRotated  = "rot" // 0 before the first rotation
	attrIdle     = "idle"
	attrAbsolute = "abs"
	attrClaims   = "claims"
	attrClaimsV  = "cv"
	attrDevice   = "device"
)

// The sort keys of a user's items.
const (
	sessionPrefix = "session#"
	dataPrefix    = "data#"
	epochItem     = "epoch"
)

// keyOf is the key of one item of a user.
func keyOf(u sessions.UserKey, sort string) item {
	return item{attrUser: text(u.String()), attrItem: text(sort)}
}

func sessionKey(h sessions.Handle) item { return keyOf(h.User(), sessionPrefix+h.ID()) }

// encodeSession writes every field of s.
func encodeSession(s sessions.Session) item {
	it := sessionKey(s.Handle)
	for name, value := range map[string]string{
		attrTenant: s.Tenant, attrUserID: s.User, attrRecipe: s.RecipeUser,
		attrState: string(s.State), attrMACKey: s.MACKey,
		attrClaims: string(s.Claims), attrDevice: s.Device,
	} {
		it[name] = text(value)
	}
	it[attrVersion] = number(schema)
	it[attrGen], it[attrClaimsV] = number(int64(s.Generation)), number(s.ClaimsVersion)
	it[attrHash], it[attrPrevious], it[attrSalt] = binary(s.Hash[:]), binary(s.Previous[:]), binary(s.Salt[:])
	it[attrCreated], it[attrRotated] = millis(s.Created), millis(s.Rotated)
	it[attrIdle], it[attrAbsolute] = millis(s.Idle), millis(s.Absolute)
	it[attrExpires] = removable(s.Expires())
	if s.State == sessions.Revoked {
		it[attrRevoked], it[attrReason] = millis(s.RevokedAt), text(s.Reason)
	}
	return it
}

// decodeSession reads what encodeSession and the updates write, and returns
// ErrCorrupt for everything else. The session is the one of the item's key.
func decodeSession(it item) (sessions.Session, error) {
	r := reads(it)
	s := sessions.Session{
		Handle: r.handle(),
		Tenant: r.text(attrTenant), User: r.text(attrUserID), RecipeUser: r.text(attrRecipe),
		State:      sessions.State(r.text(attrState)),
		Generation: uint32(r.integer(attrGen, 0, math.MaxUint32)),
		MACKey:     r.text(attrMACKey),
		Created:    r.instant(attrCreated), Rotated: r.instantOrNone(attrRotated),
		Idle: r.instant(attrIdle), Absolute: r.instant(attrAbsolute),
		Claims: json.RawMessage(r.text(attrClaims)), ClaimsVersion: r.count(attrClaimsV),
		Device: r.text(attrDevice),
	}
	r.fill(attrHash, s.Hash[:])
	r.fill(attrPrevious, s.Previous[:])
	r.fill(attrSalt, s.Salt[:])
	r.revocation(&s)
	if r.err != nil {
		return sessions.Session{}, r.err
	}
	if err := s.Validate(s.Handle); err != nil {
		return sessions.Session{}, err
	}
	return s, nil
}

// revocation reads when and why s was revoked, which a live session must not
// say.
func (r *reader) revocation(s *sessions.Session) {
	if s.State == sessions.Revoked {
		s.RevokedAt, s.Reason = r.instant(attrRevoked), r.text(attrReason)
	} else if r.has(attrRevoked) || r.has(attrReason) {
		r.fail(attrState)
	}
}

// handle reads the handle that the key spells.
func (r *reader) handle() sessions.Handle {
	id, ok := strings.CutPrefix(r.text(attrItem), sessionPrefix)
	var h sessions.Handle
	if !ok || !decodeHalf(h[:16], r.text(attrUser)) || !decodeHalf(h[16:], id) {
		r.fail(attrItem)
	}
	return h
}

func decodeHalf(into []byte, s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(into) {
		return false
	}
	copy(into, b)
	return base64.RawURLEncoding.EncodeToString(b) == s
}
