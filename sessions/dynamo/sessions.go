package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// The conditions and changes of a session item. Every attribute is named by a
// placeholder, and nothing is written to an item of another schema.
const (
	isNew = "attribute_not_exists(#user)"

	rotateSet = "SET #gen = :next, #h = :child, #ph = :token, #salt = :salt, #ckid = :kid," +
		" #rot = :now, #idle = :idle, #expires = :expires"
	rotateIf = "#state = :live AND #gen = :gen AND #h = :token AND #idle > :now AND #abs > :now" +
		" AND #rot <= :rotatedBy AND #created >= :createdSince AND #v = :v"

	revokeSet = "SET #state = :revoked, #xat = if_not_exists(#xat, :now)," +
		" #why = if_not_exists(#why, :why), #expires = :expires"
	revokeIf = "attribute_exists(#user)"

	claimsSet = "SET #claims = :claims, #cv = :next"
	claimsIf  = "#state = :live AND #cv = :cv AND #v = :v"
)

// Create implements sessions.SessionStore, with one conditional put. A put
// whose answer was lost and which is repeated meets itself: ErrExists.
func (st *Store) Create(ctx context.Context, s sessions.Session) error {
	added, err := st.table.put(ctx, encodeSession(s), isNew, nil)
	if err == nil && !added {
		return sessions.ErrExists
	}
	return err
}

// Get implements sessions.SessionStore, with one consistent read.
func (st *Store) Get(ctx context.Context, h sessions.Handle) (sessions.Session, error) {
	it, err := st.table.get(ctx, sessionKey(h))
	if err != nil {
		return sessions.Session{}, err
	}
	return found(it, h)
}

// Rotate implements sessions.SessionStore, with one conditional update. The
// time to live goes by the new idle expiry: near the absolute expiry, which is
// not known before the write, the item is removed that much later.
func (st *Store) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (sessions.Session, bool, error) {
	applied, it, err := st.table.update(ctx, update{
		key: sessionKey(h), set: rotateSet, condition: rotateIf, answer: true,
		values: item{
			":gen": number(int64(r.From)), ":next": number(int64(r.From + 1)),
			":token": binary(r.Hash[:]), ":child": binary(r.Child[:]),
			":salt": binary(r.Salt[:]), ":kid": text(r.MAC),
			":now": millis(r.Now), ":idle": millis(r.Idle), ":expires": removable(r.Idle),
			":rotatedBy": millis(r.RotatedBy), ":createdSince": millis(r.CreatedSince),
			":live": text(string(sessions.Live)), ":v": number(schema),
		},
	})
	if err != nil {
		return sessions.Session{}, false, err
	}
	s, err := found(it, h)
	if err != nil {
		return sessions.Session{}, false, err
	}
	return s, applied, nil
}

// Revoke implements sessions.SessionStore, with one conditional update that
// asks nothing of the item but that it is there: one that is corrupt is
// revoked as well.
func (st *Store) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	_, _, err := st.table.update(ctx, update{
		key: sessionKey(h), set: revokeSet, condition: revokeIf,
		values: item{
			":revoked": text(string(sessions.Revoked)), ":now": millis(at),
			":why": text(reason), ":expires": removable(at),
		},
	})
	return err
}

// List implements sessions.SessionStore, with one consistent query for each
// page of 1 MB. Where some of what is stored is corrupt it yields all the rest
// before it returns ErrCorrupt, so that whoever revokes what is listed gets as
// far as he can.
func (st *Store) List(ctx context.Context, u sessions.UserKey, yield func([]sessions.Session) error) error {
	var corrupt error
	err := st.table.query(ctx, query{attrUser, u.String(), sessionPrefix}, func(items []item) error {
		page := make([]sessions.Session, 0, len(items))
		for _, it := range items {
			s, err := decodeSession(it)
			if err != nil {
				corrupt = fmt.Errorf("a session of user %s: %w", u, err)
				continue
			}
			page = append(page, s)
		}
		if len(page) == 0 {
			return nil
		}
		return yield(page)
	})
	if err != nil {
		return err
	}
	return corrupt
}

// SetClaims implements sessions.SessionStore, with one conditional update. One
// whose answer was lost and which is repeated meets itself: ErrConflict.
func (st *Store) SetClaims(ctx context.Context, h sessions.Handle, claims json.RawMessage, version int64) error {
	set, it, err := st.table.update(ctx, update{
		key: sessionKey(h), set: claimsSet, condition: claimsIf, answer: true,
		values: item{
			":claims": text(string(claims)), ":cv": number(version), ":next": number(version + 1),
			":live": text(string(sessions.Live)), ":v": number(schema),
		},
	})
	if err != nil {
		return err
	}
	s, err := found(it, h)
	switch {
	case err != nil || set:
		return err
	case s.State != sessions.Live:
		return sessions.ErrNotFound
	default:
		return sessions.ErrConflict
	}
}

// found returns the session of an item that was read by the handle.
func found(it item, h sessions.Handle) (sessions.Session, error) {
	if len(it) == 0 {
		return sessions.Session{}, sessions.ErrNotFound
	}
	s, err := decodeSession(it)
	if err == nil {
		err = s.Validate(h)
	}
	if errors.Is(err, sessions.ErrCorrupt) {
		return sessions.Session{}, fmt.Errorf("session %s: %w", h, err)
	}
	return s, err
}
