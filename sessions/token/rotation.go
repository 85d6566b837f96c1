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
	// it is the first. It exceeds the age of the keys that refresh tokens are
	// judged by.
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

// Usable returns the keys that verify at now, those not yet active included. A
// key verifies until a later one has been active for a token's lifetime and
// ten minutes, the last one for ever, a revoked one never. A revoked key
// retires no other: the one before it signs on, so it verifies on.
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
// zero means never. Keys without an ActiveFrom stand outside the rotation.
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

// before reports whether now is before until, where zero means never.
func before(now, until time.Time) bool { return until.IsZero() || now.Before(until) }

// Next returns the number of the key that should be added and when it should
// become active, and reports whether it is due. A key is due once the last one
// is active or revoked; then it is published for 24 h before it signs. If no
// key can sign now, as when there is none at all, it is due and signs at once.
// Added by put-if-absent, keys come out right however often, late or
// concurrently this is asked.
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
