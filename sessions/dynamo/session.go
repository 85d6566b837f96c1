package dynamo

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

// The attributes of a session. They are short, because their names count
// toward the 4 KB that one unit reads.
const (
	attrUser     = "user" // partition key
	attrTenant   = "tenant"
	attrUserID   = "uid"
	attrRecipe   = "rid"
	attrBegun    = "ep" // the user's epoch when the session began; missing means 0
	attrState    = "state"
	attrRevoked  = "xat" // when it was revoked; missing while live
	attrReason   = "why" // why it was revoked; missing while live
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
	userItem      = "user"
)

// keyOf is the key of one item of a user.
func keyOf(u sessions.UserKey, sort string) table.Item {
	return table.Item{attrUser: table.Value(u.String()), attrItem: table.Value(sort)}
}

func sessionKey(h sessions.Handle) table.Item { return keyOf(h.User(), sessionPrefix+h.ID()) }

// encodeSession writes every field of s.
func encodeSession(s sessions.Session) table.Item {
	it := sessionKey(s.Handle)
	for name, value := range map[string]string{
		attrTenant: s.Tenant, attrUserID: s.User, attrRecipe: s.RecipeUser,
		attrState: string(s.State), attrMACKey: s.MACKey,
		attrClaims: string(s.Claims), attrDevice: s.Device,
	} {
		it[name] = table.Value(value)
	}
	it[table.VersionAttribute] = table.Value(schema)
	it[attrBegun] = table.Value(s.Epoch)
	it[attrGen], it[attrClaimsV] = table.Value(int64(s.Generation)), table.Value(s.ClaimsVersion)
	it[attrHash], it[attrPrevious] = table.Value(s.Hash[:]), table.Value(s.Previous[:])
	it[attrSalt] = table.Value(s.Salt[:])
	it[attrCreated], it[attrRotated] = table.Value(s.Created), table.Value(s.Rotated)
	it[attrIdle], it[attrAbsolute] = table.Value(s.Idle), table.Value(s.Absolute)
	it[attrExpires] = removable(s.Expires())
	if s.State == sessions.Revoked {
		it[attrRevoked], it[attrReason] = table.Value(s.RevokedAt), table.Value(s.Reason)
	}
	return it
}

// decodeSession reads what encodeSession and the updates write. It returns
// ErrCorrupt for an item that it cannot read. The handle is that of the item's
// key.
func decodeSession(it table.Item) (sessions.Session, error) {
	r := reads(it)
	s := sessions.Session{
		Handle: readHandle(r),
		Tenant: r.Text(attrTenant), User: r.Text(attrUserID), RecipeUser: r.Text(attrRecipe),
		State:      sessions.State(r.Text(attrState)),
		Generation: uint32(r.Integer(attrGen, 0, math.MaxUint32)),
		MACKey:     r.Text(attrMACKey),
		Created:    r.Instant(attrCreated), Rotated: r.InstantOrNone(attrRotated),
		Idle: r.Instant(attrIdle), Absolute: r.Instant(attrAbsolute),
		Claims: json.RawMessage(r.Text(attrClaims)), ClaimsVersion: r.Count(attrClaimsV),
		Device: r.Text(attrDevice),
	}
	r.Fill(attrHash, s.Hash[:])
	r.Fill(attrPrevious, s.Previous[:])
	r.Fill(attrSalt, s.Salt[:])
	optional(r, attrBegun, func() { s.Epoch = r.Integer(attrBegun, 0, math.MaxInt64) })
	readRevocation(r, &s)
	if r.Err() != nil {
		return sessions.Session{}, r.Err()
	}
	return s, nil
}

// readRevocation reads when and why s was revoked. A live session must not say
// it.
func readRevocation(r *table.Reader, s *sessions.Session) {
	if s.State == sessions.Revoked {
		s.RevokedAt, s.Reason = r.Instant(attrRevoked), r.Text(attrReason)
	} else if r.Has(attrRevoked) || r.Has(attrReason) {
		r.Fail(attrState)
	}
}

// readHandle reads the handle from the key.
func readHandle(r *table.Reader) sessions.Handle {
	id, ok := strings.CutPrefix(r.Text(attrItem), sessionPrefix)
	var h sessions.Handle
	if !ok || !decodeHalf(h[:16], r.Text(attrUser)) || !decodeHalf(h[16:], id) {
		r.Fail(attrItem)
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
