package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

// The conditions and changes of a session item. Placeholders name all
// attributes. Nothing is written to an item of another schema.
const (
	isNew = "attribute_not_exists(#user)"

	rotateSet = "SET #gen = :next, #h = :child, #ph = :token, #salt = :salt, #ckid = :kid," +
		" #rot = :now, #idle = :idle, #expires = :expires"
	rotateIf = "#state = :live AND #gen = :gen AND #h = :token AND #idle > :now AND #abs > :now" +
		" AND #rot <= :rotatedBy AND #created >= :createdSince AND #v = :v"

	revokeSet = "SET #state = :revoked, #xat = if_not_exists(#xat, :now)," +
		" #why = if_not_exists(#why, :why), #expires = :expires"
	revokeIf = "attribute_exists(#user)"

	overIf         = "#state = :revoked OR #idle < :before OR #abs < :before OR #ep < :n"
	orBeforeEpochs = " OR attribute_exists(#user) AND attribute_not_exists(#ep)"

	claimsSet = "SET #claims = :claims, #cv = :next"
	claimsIf  = "#state = :live AND #cv = :cv AND #v = :v"
)

// Create implements sessions.SessionStore, with one conditional put. If its
// answer is lost and it is repeated, it finds its own write: ErrExists.
func (st *Store) Create(ctx context.Context, s sessions.Session) error {
	added, err := st.table.Put(ctx, encodeSession(s), table.Condition{If: isNew})
	if err == nil && !added.Applied {
		return sessions.ErrExists
	}
	return err
}

// Get implements sessions.SessionStore, with one consistent request for both
// items.
func (st *Store) Get(ctx context.Context, h sessions.Handle) (sessions.Session, sessions.User, error) {
	items, err := st.table.GetEach(ctx, sessionKey(h), keyOf(h.User(), userItem))
	if err != nil {
		return sessions.Session{}, sessions.User{}, err
	}
	s, err := found(items[0], h)
	if err != nil {
		return sessions.Session{}, sessions.User{}, err
	}
	u, err := decodeUser(items[1], h.User())
	return s, u, err
}

// Rotate implements sessions.SessionStore, with one conditional update. The
// time to live follows the new idle expiry. The absolute expiry is not known
// before the write, so near it the item is removed later than needed.
func (st *Store) Rotate(ctx context.Context, h sessions.Handle, r sessions.Rotation) (sessions.Session, bool, error) {
	rotated, err := st.table.Update(ctx, table.Update{
		Key: sessionKey(h), Set: rotateSet, If: rotateIf, Wants: true,
		Values: table.Item{
			":gen": table.Value(int64(r.From)), ":next": table.Value(int64(r.From + 1)),
			":token": table.Value(r.Hash[:]), ":child": table.Value(r.Child[:]),
			":salt": table.Value(r.Salt[:]), ":kid": table.Value(r.MAC),
			":now": table.Value(r.Now), ":idle": table.Value(r.Idle), ":expires": removable(r.Idle),
			":rotatedBy": table.Value(r.RotatedBy), ":createdSince": table.Value(r.CreatedSince),
			":live": table.Value(string(sessions.Live)), ":v": table.Value(schema),
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

// Revoke implements sessions.SessionStore, with one conditional update. Its
// only condition is that the item exists, so a corrupt one is revoked as well.
func (st *Store) Revoke(ctx context.Context, h sessions.Handle, at time.Time, reason string) error {
	_, err := st.table.Update(ctx, table.Update{
		Key: sessionKey(h), Set: revokeSet, If: revokeIf,
		Values: table.Item{
			":revoked": table.Value(string(sessions.Revoked)), ":now": table.Value(at),
			":why": table.Value(reason), ":expires": removable(at),
		},
	})
	return err
}

// pageSize is how many sessions are read at a time. A page of the longest
// possible sessions has 470 KB. To decode it takes 20 ms on a whole processor.
// A function with 256 MB has a seventh of one, and needs less than half of the
// time of an attempt.
const pageSize = 200

// List implements sessions.SessionStore, with one consistent query for each
// page. The range is read backwards, so the first page begins with the user
// item, which is the last in it.
func (st *Store) List(
	ctx context.Context, key sessions.UserKey, yield func(sessions.User, []sessions.Session) error,
) error {
	all := table.Query{
		Where: "#user = :user AND #item BETWEEN :first AND :last",
		Values: table.Item{
			":user": table.Value(key.String()), ":first": table.Value(sessionPrefix), ":last": table.Value(userItem),
		},
		Newest: true, Limit: pageSize,
	}
	var u *sessions.User
	var corrupt error
	err := st.table.Pages(ctx, all, func(items []table.Item) error {
		if u == nil {
			first, rest, err := userFirst(items, key)
			if err != nil {
				return err
			}
			u, items = &first, rest
		}
		page := make([]sessions.Session, 0, len(items))
		for _, it := range items {
			s, err := decodeSession(it)
			if err != nil {
				corrupt = fmt.Errorf("a session of user %s: %w", key, err)
				continue
			}
			page = append(page, s)
		}
		return yield(*u, page)
	})
	if err != nil {
		return err
	}
	return corrupt
}

// userFirst returns the user of the first page, and the sessions on it.
func userFirst(items []table.Item, key sessions.UserKey) (sessions.User, []table.Item, error) {
	if len(items) == 0 || !isUser(items[0]) {
		return sessions.User{}, items, nil
	}
	u, err := decodeUser(items[0], key)
	return u, items[1:], err
}

func isUser(it table.Item) bool {
	sort, ok := it[attrItem].(*types.AttributeValueMemberS)
	return ok && sort.Value == userItem
}

// Remove implements sessions.SessionStore, with a conditional delete of the
// session and then a delete of its data. Data that is left over has a time to
// live of its own.
func (st *Store) Remove(ctx context.Context, h sessions.Handle, o sessions.Over) error {
	over := table.Condition{If: overIf, Values: table.Item{
		":revoked": table.Value(string(sessions.Revoked)), ":before": table.Value(o.Before), ":n": table.Value(o.Epoch),
	}}
	if o.Epoch > 0 {
		over.If += orBeforeEpochs
	}
	removed, err := st.table.Delete(ctx, sessionKey(h), over)
	if err != nil || !removed.Applied {
		return err
	}
	_, err = st.table.Delete(ctx, dataKey(h), table.Condition{})
	return err
}

// SetClaims implements sessions.SessionStore, with one conditional update. If
// its answer is lost and it is repeated, it finds its own write: ErrConflict.
func (st *Store) SetClaims(ctx context.Context, h sessions.Handle, claims json.RawMessage, version int64) error {
	set, err := st.table.Update(ctx, table.Update{
		Key: sessionKey(h), Set: claimsSet, If: claimsIf, Wants: true,
		Values: table.Item{
			":claims": table.Value(string(claims)), ":cv": table.Value(version), ":next": table.Value(version + 1),
			":live": table.Value(string(sessions.Live)), ":v": table.Value(schema),
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

// found returns the session of an item that was read by its handle.
func found(it table.Item, h sessions.Handle) (sessions.Session, error) {
	if len(it) == 0 {
		return sessions.Session{}, sessions.ErrNotFound
	}
	s, err := decodeSession(it)
	if err != nil {
		return sessions.Session{}, fmt.Errorf("session %s: %w", h, err)
	}
	return s, nil
}
