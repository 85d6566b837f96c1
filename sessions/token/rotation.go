package token

import "time"

const (
	// overlap is how long a key verifies beyond the last token it signed:
	// clocks differ, and signers keep what they loaded for 300 s.
	overlap = 10 * time.Minute
	// publish is how long a key is published before it signs. API Gateway's
	// JWT authorizer may keep keys for two hours, and the JWKS for one.
	publish = 24 * time.Hour
	// PublishMAC is how long a MAC key is known before it makes tokens, unless
	// it is the first. It is longer than the greatest age of the keys that
	// refresh tokens are checked with.
	PublishMAC = recent
)

// Active returns the key that signs at now: the newest that is active and not
// revoked. It reports false if there is none.
func Active(keys []SigningKey, now time.Time) (SigningKey, bool) {
	var active SigningKey
	found := false
	for _, k := range keys {
		if !k.Revoked && !k.ActiveFrom.After(now) && (!found || k.Number > active.Number) {
			active, found = k, true
		}
	}
	return active, found
}

// Usable returns the keys that verify at now, including those not yet active. A
// key verifies until a later key has been active for the lifetime of a token
// and ten minutes. The last key verifies for ever, a revoked key never. A
// revoked key retires no other key: the one before it continues to sign, so it
// continues to verify.
func Usable(keys []SigningKey, now time.Time, lifetime time.Duration) []SigningKey {
	var usable []SigningKey
	for _, k := range keys {
		if until := horizon(keys, k.Number, lifetime); !k.Revoked && before(now, until) {
			usable = append(usable, k)
		}
	}
	return usable
}

// horizon is the instant from which the key of that number no longer verifies;
// zero means that it always does. Keys without an ActiveFrom are not part of
// the rotation.
func horizon(keys []SigningKey, number int, lifetime time.Duration) time.Time {
	var until time.Time
	for _, k := range keys {
		if k.Number <= number || k.Revoked || k.ActiveFrom.IsZero() {
			continue
		}
		if end := k.ActiveFrom.Add(lifetime + overlap); until.IsZero() || end.Before(until) {
			until = end
		}
	}
	return until
}

// before reports whether now is before until. A zero until is never reached.
func before(now, until time.Time) bool { return until.IsZero() || now.Before(until) }

// Next returns the number of the key to add next and when it becomes active,
// and reports whether it is due. A key is due when the last one is active or
// revoked; it is published for 24 h before it signs. If no key can sign now,
// for example because there is none, the next key is due and signs at once. If
// keys are added by put-if-absent, it does not matter how often, how late or
// how concurrently Next is called.
func Next(keys []SigningKey, now time.Time, every time.Duration) (number int, activeFrom time.Time, due bool) {
	var last SigningKey
	for _, k := range keys {
		if k.Number > last.Number {
			last = k
		}
	}
	if _, signs := Active(keys, now); !signs {
		return last.Number + 1, now, true
	}
	activeFrom = now.Add(publish)
	switch regular := last.ActiveFrom.Add(every); {
	case last.Revoked:
	case last.ActiveFrom.After(now):
		return 0, time.Time{}, false
	case regular.After(activeFrom):
		activeFrom = regular
	}
	return last.Number + 1, activeFrom, true
}

// ActiveMAC returns the key that makes refresh tokens at now: the newest that
// is active and not revoked. It reports false if there is none.
func ActiveMAC(keys []MACKey, now time.Time) (MACKey, bool) {
	var active MACKey
	found := false
	for _, k := range keys {
		if !k.Revoked && !k.ActiveFrom.After(now) && (!found || k.Number > active.Number) {
			active, found = k, true
		}
	}
	return active, found
}
