package accounts

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

func quotaKey(k Key) string { return "quota#" + k.String() }

func guessKey(k Key) string { return "guess#" + k.String() }

// Take implements Store, with one write. A count that cannot be read is not
// counted anew.
func (d *Dynamo) Take(ctx context.Context, q Quota) (bool, error) {
	if q.Limit < 1 {
		return false, nil
	}
	taken, old, err := d.apply(ctx, update{
		key:       quotaKey(q.Key),
		set:       "SET #expires = :expires ADD #count :one",
		condition: "attribute_not_exists(#key) OR #count < :limit",
		values:    item{":expires": expiry(q.Ends), ":one": number(1), ":limit": number(int64(q.Limit))},
		names:     []string{"key", "count", "expires"},
	})
	if err != nil || taken {
		return taken, exceptFlooded(err)
	}
	c := decoder{item: old}
	c.number("count")
	return false, c.err
}

// GiveBack implements Store.
func (d *Dynamo) GiveBack(ctx context.Context, q Quota) error {
	_, _, err := d.apply(ctx, update{
		key:       quotaKey(q.Key),
		set:       "ADD #count :less",
		condition: "#count > :zero",
		values:    item{":less": number(-1), ":zero": number(0)},
		names:     []string{"count"},
	})
	return err
}

// Reserve implements Store. An attempt that need not wait is one write. When
// that one is refused, it has told what is counted, and the attempt is judged
// by it and counted only if nothing was meanwhile: of those that waited for
// the same moment, one passes.
func (d *Dynamo) Reserve(ctx context.Context, k Key, b Backoff, now time.Time) (bool, error) {
	reserved, old, err := d.reserveFree(ctx, k, b, now)
	if err != nil || reserved {
		return reserved, exceptFlooded(err)
	}
	seen, err := decodeCounter(old)
	if err != nil {
		return false, err
	}
	next, ok := b.Next(seen, now)
	if !ok {
		return false, nil
	}
	reserved, _, err = d.apply(ctx, update{
		key:       guessKey(k),
		set:       "SET #count = :count, #last = :now, #expires = :expires",
		condition: "#count = :seen AND #last = :last",
		values: item{
			":seen": number(int64(seen.Count)), ":last": millis(seen.Last),
			":count": number(int64(next.Count)), ":now": millis(next.Last),
			":expires": expiry(now.Add(b.Forget)),
		},
		names: []string{"count", "last", "expires"},
	})
	return reserved, exceptFlooded(err)
}

// reserveFree counts an attempt if it is the first or one of those that need
// not wait. If not, it returns the counter's item.
func (d *Dynamo) reserveFree(ctx context.Context, k Key, b Backoff, now time.Time) (bool, item, error) {
	return d.apply(ctx, update{
		key:       guessKey(k),
		set:       "SET #last = :now, #expires = :expires ADD #count :one",
		condition: "attribute_not_exists(#key) OR (#count < :free AND #last > :forgotten)",
		values: item{
			":now": millis(now), ":expires": expiry(now.Add(b.Forget)), ":one": number(1),
			":free": number(int64(b.Free)), ":forgotten": millis(now.Add(-b.Forget)),
		},
		names: []string{"key", "count", "last", "expires"},
	})
}

// Reset implements Store.
func (d *Dynamo) Reset(ctx context.Context, k Key) error {
	_, err := d.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: aws.String(d.table),
		Key:       keyItem(guessKey(k)),
	})
	return err
}

func decodeCounter(stored item) (Counter, error) {
	d := decoder{item: stored}
	c := Counter{Count: int(d.number("count")), Last: d.time("last")}
	return c, d.err
}
