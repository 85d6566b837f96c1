package dynamo

import (
	"context"
	"fmt"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

// attrCount is the attribute of a user's epoch.
const attrCount = "n"

const (
	bumpSet = "SET #v = :v ADD #n :one"
	bumpIf  = "attribute_not_exists(#user) OR (#v = :v AND #n >= :one)"
)

// Epoch implements sessions.EpochStore, with one consistent read.
func (st *Store) Epoch(ctx context.Context, u sessions.UserKey) (int64, error) {
	it, err := st.table.Get(ctx, keyOf(u, epochItem))
	if err != nil || len(it) == 0 {
		return 0, err
	}
	r := reads(it)
	n := r.Count(attrCount)
	if r.Err() != nil {
		return 0, fmt.Errorf("epoch of user %s: %w", u, r.Err())
	}
	return n, nil
}

// BumpEpoch implements sessions.EpochStore, with one update. One that is
// repeated counts twice, which is harmless: only changes of the count matter.
// An epoch is kept for ever, since one that starts again could match; for the
// same reason one whose count is gone is ErrCorrupt.
func (st *Store) BumpEpoch(ctx context.Context, u sessions.UserKey) error {
	bumped, err := st.table.Update(ctx, table.Update{
		Key: keyOf(u, epochItem), Set: bumpSet, If: bumpIf,
		Values: table.Item{":one": table.Number(1), ":v": table.Number(schema)},
	})
	if err == nil && !bumped.Applied {
		return fmt.Errorf("epoch of user %s: %w", u, sessions.ErrCorrupt)
	}
	return err
}
