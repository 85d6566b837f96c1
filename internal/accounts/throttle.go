package accounts

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strconv"
	"time"
)

// Key names a counter or a user: a digest in base64url, so that no text that
// somebody sends can be shaped to meet another's, and every key has one length.
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

// Quota bounds the attempts counted under one key. The key holds the span of
// time that it is for, so a count starts at zero when the next span begins,
// and nothing has to be reset.
type Quota struct {
	Key   Key
	Limit int       // attempts that pass
	Ends  time.Time // the end of the span
}

// Counter is what a store keeps for a Backoff.
type Counter struct {
	Count int       // attempts since the last success
	Last  time.Time // when the last of them was made, in whole milliseconds
}

// Backoff lets some attempts pass at once, and each further one only after a
// wait since the one before. The wait starts at First and doubles up to Max:
// it never becomes a lock for good, which anybody could hang on anybody's
// account.
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

// forgotten reports whether c counts nothing any more.
func (b Backoff) forgotten(c Counter, now time.Time) bool {
	return c.Count < 1 || !now.Before(c.Last.Add(b.Forget))
}

// wait is how long after attempt number n the next one has to wait.
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

// The spans and bounds of attempts. A source is an address, or a household's
// network of them; many people can share one.
const (
	span            = 15 * time.Minute
	signInsPerSpan  = 100 // that failed: a success is given back
	signUpsPerSpan  = 100
	lookUpsPerSpan  = 100
	freeGuesses     = 10
	firstWait       = time.Second
	longestWait     = 15 * time.Minute
	guessesRemember = 24 * time.Hour
)

// guesses is the throttle of one account, whether or not it exists. Five
// hundred guesses at one account take five days. NIST SP 800-63B-4, section
// 3.2.2, would have the password disabled after a hundred failures in a row;
// then anybody could take away anybody's account, and there is no way yet to
// get it back, so it waits instead.
func guesses() Backoff {
	return Backoff{Free: freeGuesses, First: firstWait, Max: longestWait, Forget: guessesRemember}
}

// quota is the bound on one source's attempts of a kind in the span of now.
func quota(kind, source string, limit int, now time.Time) Quota {
	number := now.UnixMilli() / span.Milliseconds()
	return Quota{
		Key:   keyOf(kind, network(source), strconv.FormatInt(number, 10)),
		Limit: limit,
		Ends:  time.UnixMilli((number + 1) * span.Milliseconds()),
	}
}

// network is what an address counts as. Whoever has one IPv6 address has the
// 64 bits below it as well (RFC 4291, section 2.5.4), so only the network
// part counts. Whatever is no address shares one counter.
func network(source string) string {
	addr, err := netip.ParseAddr(source)
	if err != nil {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
