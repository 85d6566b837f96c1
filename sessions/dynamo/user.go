package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

// The attributes of a user item. All of them may be missing except the version
// of the schema. The claims and their version are attrClaims and attrClaimsV.
const (
	attrEpoch    = "n"
	attrMoved    = "at"
	attrWhy      = "why"
	attrKept     = "kept" // the part of the session's handle that is not the user's
	attrOp       = "op"
	attrDisabled = "disabled"
)

// The conditions and changes of a user item. Single attributes of it are
// changed. It is never put as a whole and never deleted.
const (
	moveSet  = "SET #v = :v, #n = if_not_exists(#n, :zero) + :one, #at = :at, #why = :why"
	opSet    = ", #op = :op"
	keptSet  = ", #kept = :kept"
	emptySet = ", #claims = :none, #cv = if_not_exists(#cv, :zero) + :one"
	keptGone = " REMOVE #kept"

	isOurs      = "(attribute_not_exists(#v) OR #v = :v)"
	notLostIf   = " AND (attribute_exists(#n) OR attribute_not_exists(#at))"
	movedOnceIf = " AND (attribute_not_exists(#op) OR #op <> :op)"
	unmovedIf   = " AND #n = :from"
	nobodyIf    = " AND attribute_not_exists(#n)"

	enableSet = "SET #disabled = :false"
	enableIf  = "#v = :v AND #disabled = :true AND #n = :from"

	userClaimsSet = "SET #v = :v, #claims = :claims, #cv = :next"
	userClaimsIf  = " AND #cv = :cv"
	firstClaimsIf = " AND attribute_not_exists(#cv)"
)

// User implements sessions.UserStore, with one consistent read.
func (st *Store) User(ctx context.Context, u sessions.UserKey) (sessions.User, error) {
	it, err := st.table.Get(ctx, keyOf(u, userItem))
	if err != nil {
		return sessions.User{}, err
	}
	return decodeUser(it, u)
}

// Move implements sessions.UserStore, with one conditional update.
func (st *Store) Move(ctx context.Context, u sessions.UserKey, m sessions.Move) (sessions.User, bool, error) {
	moved, err := st.table.Update(ctx, moveOf(u, m))
	if err != nil {
		return sessions.User{}, false, err
	}
	user, err := decodeUser(moved.Item, u)
	return user, moved.Applied, err
}

func moveOf(u sessions.UserKey, m sessions.Move) table.Update {
	w := table.Update{Key: keyOf(u, userItem), Set: moveSet, If: isOurs + notLostIf, Wants: true, Values: table.Item{
		":v": table.Value(schema), ":zero": table.Value(0), ":one": table.Value(1),
		":at": table.Value(m.At), ":why": table.Value(m.Reason),
	}}
	set := func(more, name string, value any) {
		w.Set += more
		switch value := value.(type) {
		case string:
			w.Values[name] = table.Value(value)
		case bool:
			w.Values[name] = table.Value(value)
		case []byte:
			w.Values[name] = table.Value(value)
		}
	}
	if m.Empty {
		set(emptySet, ":none", "{}")
	}
	if m.Disable {
		set(", #disabled = :true", ":true", true)
	}
	switch {
	case m.Keep == sessions.Handle{}:
		set(opSet, ":op", m.Op[:])
		w.Set += keptGone
		w.If += movedOnceIf
	case m.From == 0:
		set(keptSet, ":kept", m.Keep.ID())
		w.If += nobodyIf
	default:
		set(keptSet, ":kept", m.Keep.ID())
		w.If += unmovedIf
		w.Values[":from"] = table.Value(m.From)
	}
	return w
}

// Enable implements sessions.UserStore, with one conditional update.
func (st *Store) Enable(ctx context.Context, u sessions.UserKey, epoch int64) error {
	return st.changeUser(ctx, table.Update{
		Key: keyOf(u, userItem), Set: enableSet, If: enableIf,
		Values: table.Item{
			":v": table.Value(schema), ":from": table.Value(epoch),
			":true": table.Value(true), ":false": table.Value(false),
		},
	})
}

// SetUserClaims implements sessions.UserStore, with one conditional update. If
// its answer is lost and it is repeated, it finds its own write: ErrConflict.
func (st *Store) SetUserClaims(ctx context.Context, u sessions.UserKey, claims json.RawMessage, version int64) error {
	w := table.Update{
		Key: keyOf(u, userItem), Set: userClaimsSet, If: isOurs + firstClaimsIf,
		Values: table.Item{
			":v": table.Value(schema), ":claims": table.Value(string(claims)), ":next": table.Value(version + 1),
		},
	}
	if version != 0 {
		w.If = isOurs + userClaimsIf
		w.Values[":cv"] = table.Value(version)
	}
	return st.changeUser(ctx, w)
}

func (st *Store) changeUser(ctx context.Context, u table.Update) error {
	changed, err := st.table.Update(ctx, u)
	if err == nil && !changed.Applied {
		return sessions.ErrConflict
	}
	return err
}

// decodeUser reads the item of that user. A missing item, or a missing
// attribute, is one that was never written.
func decodeUser(it table.Item, u sessions.UserKey) (sessions.User, error) {
	if len(it) == 0 {
		return sessions.User{}, nil
	}
	r := reads(it)
	if r.Text(attrUser) != u.String() || r.Text(attrItem) != userItem {
		r.Fail(attrUser)
	}
	var user sessions.User
	optional(r, attrEpoch, func() {
		user.Epoch, user.Moved, user.Reason = r.Count(attrEpoch), r.Instant(attrMoved), r.Text(attrWhy)
	})
	optional(r, attrKept, func() {
		copy(user.Kept[:16], u[:])
		if !decodeHalf(user.Kept[16:], r.Text(attrKept)) {
			r.Fail(attrKept)
		}
	})
	optional(r, attrOp, func() { r.Fill(attrOp, user.Op[:]) })
	optional(r, attrDisabled, func() { user.Disabled = r.Flag(attrDisabled) })
	optional(r, attrClaims, func() { user.Claims = json.RawMessage(r.Text(attrClaims)) })
	optional(r, attrClaimsV, func() { user.ClaimsVersion = r.Integer(attrClaimsV, 1, math.MaxInt64) })
	if r.Has(attrClaims) != r.Has(attrClaimsV) {
		r.Fail(attrClaimsV)
	}
	if r.Has(attrMoved) && !r.Has(attrEpoch) { // an epoch that starts again could be that of an old session
		r.Fail(attrEpoch)
	}
	if r.Err() != nil {
		return sessions.User{}, fmt.Errorf("user %s: %w", u, r.Err())
	}
	return user, nil
}

func optional(r *table.Reader, name string, read func()) {
	if r.Has(name) {
		read()
	}
}
