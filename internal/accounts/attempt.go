package accounts

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// The spans and bounds of attempts. The bound of a source is in Config.
const (
	span          = 15 * time.Minute
	day           = 24 * time.Hour
	failsInSpan   = 10    // of one unknown network at one account
	firstOfDay    = 5     // attempts of an unknown network at an account that are early
	earlyInDay    = 1_000 // early attempts of unknown networks at one account
	lateInDay     = 100   // their other attempts
	signInsInSpan = 100   // to one account
)

// counting describes what was being done when the store failed to count.
const counting = "counting attempts"

// patience is how an account treats a network that it knows: a hundred guesses
// pass in a day. NIST SP 800-63B-4, section 3.2.2, asks that the password be
// disabled after a hundred failures in a row. Then anyone could disable any
// account, so the network waits instead.
func patience() Backoff { return Backoff{Free: 10, First: time.Second, Max: span, Forget: day} }

// attempt is one sign-in and what it is counted under, before it is judged.
//
// A network that the account knows has a bucket of its own there, so others
// cannot hold it up. With IPv6, the link of the last sign-in has one bucket and
// the rest of its site another. Any other network is counted as a source, at
// the account, and towards one of two bounds that the account has in a day. The
// larger bound is for the first attempts of each network, so it takes many
// networks to use it up.
//
// An attempt that fails is three writes either way, so the time it takes does
// not tell whether the account exists. One of the three is the sign-in itself,
// which a known network reserves, and gives back when it fails.
type attempt struct {
	tenant, email string
	network       network
	now           time.Time

	known    bool
	bucket   Key // if the network is known
	source   Quota
	guesses  Quota // of the account, if the network is not known
	admitted Quota // sign-ins to the account
}

// count counts an attempt before it is judged, or returns ErrThrottled.
func (a *Accounts) count(ctx context.Context, t *attempt, n Networks) error {
	t.admitted = quota(span, t.now, signInsInSpan, "sign-ins", t.tenant, t.email)
	entry := n.find(t.network.entry)
	if t.known = entry != ""; !t.known {
		return a.countUnknown(ctx, t)
	}
	which := "rest of the site"
	if entry[:linkEnds] == string(t.network.entry[:linkEnds]) {
		which = "link"
	}
	t.bucket = keyOf("bucket", t.tenant, t.email, t.network.site, which)
	ok, err := a.store.Reserve(ctx, t.bucket, patience(), t.now)
	if err != nil {
		return storage("counting attempts of the network", err)
	}
	if !ok {
		return ErrThrottled
	}
	_, err = a.store.Take(ctx, t.admitted)
	return storage(counting, err)
}

// countUnknown counts an attempt of a network that the account does not know.
// It counts the source first: attempts over the source's bound must not use up
// the account's.
func (a *Accounts) countUnknown(ctx context.Context, t *attempt) error {
	t.source = quota(span, t.now, a.perSource, "failed sign-ins", t.network.site)
	if _, err := a.store.Take(ctx, t.source); err != nil {
		return storage(counting, err)
	}
	fails := quota(day, t.now, failsInSpan, "fails", t.tenant, t.email, t.network.site)
	hour, quarter, _ := t.now.Clock()
	fails.Part = string(rune('a'+hour)) + string(rune('a'+quarter/15))
	today, err := a.store.Take(ctx, fails)
	if err != nil {
		return storage(counting, err)
	}
	t.guesses = quota(day, t.now, earlyInDay, "guesses", t.tenant, t.email)
	t.guesses.Part = "early"
	if today > firstOfDay {
		t.guesses.Part, t.guesses.Limit = "late", lateInDay
	}
	_, err = a.store.Take(ctx, t.guesses)
	return storage(counting, err)
}

// settle gives back the counts that do not apply to the attempt, now that it is
// judged. It returns ErrThrottled for a success beyond the bound of the
// account, which then counts like a failure.
func (a *Accounts) settle(ctx context.Context, t *attempt, passed bool) error {
	switch {
	case t.known && passed:
		return storage("forgetting attempts of the network", a.store.Reset(ctx, t.bucket))
	case t.known:
		return storage("giving back a sign-in", a.store.GiveBack(ctx, t.admitted))
	case !passed:
		return nil
	}
	if _, err := a.store.Take(ctx, t.admitted); err != nil {
		return storage(counting, err)
	}
	return storage("giving back an attempt",
		errors.Join(a.store.GiveBack(ctx, t.source), a.store.GiveBack(ctx, t.guesses)))
}

// quota bounds what is counted under the parts, in the span that now is in.
func quota(span time.Duration, now time.Time, limit int, parts ...string) Quota {
	number := now.UnixMilli() / span.Milliseconds()
	return Quota{
		Key:   keyOf(append(parts, strconv.FormatInt(number, 10))...),
		Limit: limit,
		Ends:  time.UnixMilli((number + 1) * span.Milliseconds()),
	}
}
