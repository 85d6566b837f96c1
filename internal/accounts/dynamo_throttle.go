package accounts

import (
	"cmp"
	"context"
	"math"
	"time"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// Take implements Store, with one write. A counter that cannot be read is not
// started anew. The total comes back only where it is needed: if the write was
// made, the condition has read the counter.
func (d *Dynamo) Take(ctx context.Context, q Quota) (total int, err error) {
	if q.Limit < 1 {
		return 0, ErrThrottled
	}
	part := "#" + cmp.Or(q.Part, "total")
	update := table.Update{
		Key: itemKey("quota", q.Key),
		Set: "SET #expires = :expires ADD #total :one",
		If: "attribute_not_exists(#key) OR (#total >= :zero AND " +
			"(attribute_not_exists(" + part + ") OR " + part + " BETWEEN :zero AND :last))",
		Values: table.Item{
			":expires": table.Value(table.Expiry(q.Ends)), ":one": table.Value(1), ":zero": table.Value(0), ":last": table.Value(q.Limit - 1),
		},
		Wants: q.Part != "",
	}
	if q.Part != "" {
		update.Set += ", " + part + " :one"
	}
	out, err := d.table.Update(ctx, update)
	if err != nil {
		return 0, flooded(err)
	}
	if out.Applied && !update.Wants {
		return 0, nil
	}
	r := d.schema.Read(out.Item)
	total = int(r.Integer("total", 0, math.MaxInt32))
	r.Integer(part[1:], 0, math.MaxInt32)
	switch {
	case r.Err() != nil:
		return 0, r.Err()
	case !out.Applied:
		return 0, ErrThrottled
	}
	return total, nil
}

// GiveBack implements Store. Where the counter is flooded, the attempt stays
// counted.
func (d *Dynamo) GiveBack(ctx context.Context, q Quota) error {
	part, set := "#total", "ADD #total :less"
	if q.Part != "" {
		part, set = "#"+q.Part, set+", #"+q.Part+" :less"
	}
	_, err := d.table.Update(ctx, table.Update{
		Key: itemKey("quota", q.Key), Set: set, If: part + " > :zero",
		Values: table.Item{":less": table.Value(-1), ":zero": table.Value(0)},
	})
	return exceptFlooded(err)
}

// Reserve implements Store. An attempt that need not wait is one write. If that
// write is refused, its answer has what is counted, and the attempt is judged
// by that. It is then counted only if no other was counted meanwhile: of the
// attempts that waited for the same moment, one passes.
func (d *Dynamo) Reserve(ctx context.Context, k Key, b Backoff, now time.Time) (bool, error) {
	free, err := d.table.Update(ctx, table.Update{
		Key: itemKey("guess", k),
		Set: "SET #last = :now, #expires = :expires ADD #count :one",
		If:  "attribute_not_exists(#key) OR (#count < :free AND #last > :forgotten)",
		Values: table.Item{
			":now": table.Value(now), ":expires": table.Value(table.Expiry(now.Add(b.Forget))), ":one": table.Value(1),
			":free": table.Value(b.Free), ":forgotten": table.Value(now.Add(-b.Forget)),
		},
	})
	if err != nil || free.Applied {
		return free.Applied, exceptFlooded(err)
	}
	r := d.schema.Read(free.Item)
	seen := Counter{Count: int(r.Integer("count", 0, math.MaxInt32)), Last: r.InstantOrNone("last")}
	next, ok := b.Next(seen, now)
	if r.Err() != nil || !ok {
		return false, r.Err()
	}
	waited, err := d.table.Update(ctx, table.Update{
		Key: itemKey("guess", k),
		Set: "SET #count = :count, #last = :now, #expires = :expires",
		If:  "#count = :seen AND #last = :last",
		Values: table.Item{
			":seen": table.Value(seen.Count), ":last": table.Value(seen.Last),
			":count": table.Value(next.Count), ":now": table.Value(next.Last),
			":expires": table.Value(table.Expiry(now.Add(b.Forget))),
		},
	})
	return waited.Applied, exceptFlooded(err)
}

// Reset implements Store. Where the counter is flooded, it stays as it is.
func (d *Dynamo) Reset(ctx context.Context, k Key) error {
	_, err := d.table.Delete(ctx, itemKey("guess", k), table.Condition{})
	return exceptFlooded(err)
}

// exceptFlooded returns the error of counting an attempt, but nil if the
// counter is flooded. A source that floods a counter is over its limit, and
// must not make the service look down.
func exceptFlooded(err error) error {
	if table.Flooded(err) {
		return nil
	}
	return err
}
