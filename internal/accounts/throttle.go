package accounts

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// Key names a counter or a user. It is a digest in base64url, so no text that
// is sent can be shaped to match the key of another, and all keys have the same
// length.
type Key string

// keyOf digests the parts, each preceded by its length.
func keyOf(parts ...string) Key {
	var b []byte
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	sum := sha256.Sum256(b)
	return Key(base64.RawURLEncoding.EncodeToString(sum[:]))
}

// Quota bounds the attempts counted in one part of a counter. The key includes
// the span of time that it is for, a day at most. So a count starts at zero
// when the next span begins, and nothing has to be reset.
type Quota struct {
	Key   Key
	Part  string    // of the counter: a short name, of letters; "" where it has no parts
	Limit int       // attempts that may pass
	Ends  time.Time // the end of the span
}

// Counter is what a store keeps for a Backoff.
type Counter struct {
	Count int       // attempts since the last success
	Last  time.Time // when the last of them was made, in whole milliseconds
}

// Backoff lets some attempts pass at once, and each further one only after a
// wait since the one before. The wait starts at First and doubles up to Max. It
// never becomes a permanent lock, which anyone could put on the account of
// another.
type Backoff struct {
	Free   int           // attempts that need not wait
	First  time.Duration // the first wait, after the attempt number Free
	Max    time.Duration // the longest wait
	Forget time.Duration // attempts count for that long after the last one; at least Max
}

// Next returns the counter after one more attempt at now, and whether the
// attempt may be made. If not, the counter is as it was.
func (b Backoff) Next(c Counter, now time.Time) (Counter, bool) {
	if b.forgotten(c, now) {
		return Counter{Count: 1, Last: now}, true
	}
	if now.Before(c.Last.Add(b.wait(c.Count))) {
		return c, false
	}
	return Counter{Count: c.Count + 1, Last: now}, true
}

// forgotten reports whether c counts nothing any longer.
func (b Backoff) forgotten(c Counter, now time.Time) bool {
	return c.Count < 1 || !now.Before(c.Last.Add(b.Forget))
}

// wait returns how long the next attempt after attempt number n has to wait.
func (b Backoff) wait(n int) time.Duration {
	if n < b.Free {
		return 0
	}
	wait := b.First
	for range n - b.Free {
		if wait >= b.Max {
			break
		}
		wait *= 2
	}
	return min(wait, b.Max)
}
