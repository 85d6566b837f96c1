package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/internal/table"
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
	added, err := st.table.Put(ctx, encodeSession(s), table.Condition{If: isNew})
	if err == nil && !added.Applied {
		return sessions.ErrExists
	}
	return err
}

// Get implements sessions.SessionStore, with one consistent read.
func (st *Store) Get(ctx context.Context, h sessions.Handle) (sessions.Session, error) {
	it, err := st.table.Get(ctx, sessionKey(h))
	if err != nil {
		return sessions.Session{}, err
	}
	return found(it, h)
}

// Rotate implements sessions.SessionStore, with one conditional update. The
// time to live goes by the new idle expiry: near the absolute expiry, which is
// not known before the write, the item is removed that much later.
func (st *Store) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (sessions.Session, bool, error) {
	rotated, err := st.table.Update(ctx, table.Update{
		Key: sessionKey(h), Set: rotateSet, If: rotateIf, Wants: true,
		Values: table.Item{
			":gen": table.Number(int64(r.From)), ":next": table.Number(int64(r.From + 1)),
			":token": table.Binary(r.Hash[:]), ":child": table.Binary(r.Child[:]),
			":salt": table.Binary(r.Salt[:]), ":kid": table.Text(r.MAC),
			":now": table.Millis(r.Now), ":idle": table.Millis(r.Idle), ":expires": removable(r.Idle),
			":rotatedBy": table.Millis(r.RotatedBy), ":createdSince": table.Millis(r.CreatedSince),
			":live": table.Text(string(sessions.Live)), ":v": table.Number(schema),
		},
	})
	if err != nil {
		return sessions.Session{}, false, err
	}
	s, err := found(rotated.Item, h)
	if err != nil {
		return sessions.Session{}, false, err
	}
	return s, rotated.Applied, nil
}

// Revoke implements sessions.SessionStore, with one conditional update that
// asks nothing of the item but that it is there: one that is corrupt is
// revoked as well.
func (st *Store) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	_, err := st.table.Update(ctx, table.Update{
		Key: sessionKey(h), Set: revokeSet, If: revokeIf,
		Values: table.Item{
			":revoked": table.Text(string(sessions.Revoked)), ":now": table.Millis(at),
			":why": table.Text(reason), ":expires": removable(at),
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
	all := table.Query{
		Where:  "#user = :user AND begins_with(#item, :sessions)",
		Values: table.Item{":user": table.Text(u.String()), ":sessions": table.Text(sessionPrefix)},
	}
	err := st.table.Pages(ctx, all, func(items []table.Item) error {
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
	set, err := st.table.Update(ctx, table.Update{
		Key: sessionKey(h), Set: claimsSet, If: claimsIf, Wants: true,
		Values: table.Item{
			":claims": table.Text(string(claims)), ":cv": table.Number(version), ":next": table.Number(version + 1),
			":live": table.Text(string(sessions.Live)), ":v": table.Number(schema),
		},
	})
	if err != nil {
		return err
	}
	s, err := found(set.Item, h)
	switch {
	case err != nil || set.Applied:
		return err
	case s.State != sessions.Live:
		return sessions.ErrNotFound
	default:
		return sessions.ErrConflict
	}
}

// found returns the session of an item that was read by the handle.
func found(it table.Item, h sessions.Handle) (sessions.Session, error) {
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
