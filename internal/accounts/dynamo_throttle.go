package accounts

import (
	"context"
	"math"
	"time"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// Take implements Store, with one write. A count that cannot be read is not
// counted anew.
func (d *Dynamo) Take(ctx context.Context, q Quota) (bool, error) {
	if q.Limit < 1 {
		return false, nil
	}
	out, err := d.table.Update(ctx, table.Update{
		Key: table.Item{"key": table.Text("quota#" + string(q.Key))},
		Set: "SET #expires = :expires ADD #count :one",
		If:  "attribute_not_exists(#key) OR #count < :limit",
		Values: table.Item{
			":expires": table.Expiry(q.Ends), ":one": table.Number(1), ":limit": table.Number(int64(q.Limit)),
		},
	})
	if err != nil {
		return false, exceptFlooded(err)
	}
	if out.Applied {
		return true, nil
	}
	r := read(out.Item)
	r.Integer("count", 0, math.MaxInt64)
	return false, r.Err()
}

// GiveBack implements Store.
func (d *Dynamo) GiveBack(ctx context.Context, q Quota) error {
	_, err := d.table.Update(ctx, table.Update{
		Key: table.Item{"key": table.Text("quota#" + string(q.Key))}, Set: "ADD #count :less", If: "#count > :zero",
		Values: table.Item{":less": table.Number(-1), ":zero": table.Number(0)},
	})
	return err
}

// Reserve implements Store. An attempt that need not wait is one write. When
// that one is refused, it has told what is counted, and the attempt is judged
// by it and counted only if nothing was meanwhile: of those that waited for
// the same moment, one passes.
func (d *Dynamo) Reserve(ctx context.Context, k Key, b Backoff, now time.Time) (bool, error) {
	free, err := d.table.Update(ctx, table.Update{
		Key: table.Item{"key": table.Text("guess#" + string(k))},
		Set: "SET #last = :now, #expires = :expires ADD #count :one",
		If:  "attribute_not_exists(#key) OR (#count < :free AND #last > :forgotten)",
		Values: table.Item{
			":now": table.Millis(now), ":expires": table.Expiry(now.Add(b.Forget)), ":one": table.Number(1),
			":free": table.Number(int64(b.Free)), ":forgotten": table.Millis(now.Add(-b.Forget)),
		},
	})
	if err != nil || free.Applied {
		return free.Applied, exceptFlooded(err)
	}
	r := read(free.Item)
	seen := Counter{Count: int(r.Integer("count", 0, math.MaxInt32)), Last: r.InstantOrNone("last")}
	next, ok := b.Next(seen, now)
	if r.Err() != nil || !ok {
		return false, r.Err()
	}
	waited, err := d.table.Update(ctx, table.Update{
		Key: table.Item{"key": table.Text("guess#" + string(k))},
		Set: "SET #count = :count, #last = :now, #expires = :expires",
		If:  "#count = :seen AND #last = :last",
		Values: table.Item{
			":seen": table.Number(int64(seen.Count)), ":last": table.Millis(seen.Last),
			":count": table.Number(int64(next.Count)), ":now": table.Millis(next.Last),
			":expires": table.Expiry(now.Add(b.Forget)),
		},
	})
	return waited.Applied, exceptFlooded(err)
}

// Reset implements Store.
func (d *Dynamo) Reset(ctx context.Context, k Key) error {
	_, err := d.table.Delete(ctx, table.Item{"key": table.Text("guess#" + string(k))}, table.Condition{})
	return err
}

// exceptFlooded returns the error of counting an attempt, but nil where the
// counter is flooded. Whoever does that is over its limit, and must not make
// the service look down.
func exceptFlooded(err error) error {
	if table.Flooded(err) {
		return nil
	}
	return err
}
