package token

import "time"

const (
	// overlap is how long a key verifies beyond the last token it signed:
	// clocks differ, and signers keep what they loaded for 300 s.
	overlap = 10 * time.Minute
	// publish is how long a key is published before it signs. API Gateway's
	// JWT authorizer may keep keys for two hours, and the JWKS for one.
	publish = 24 * time.Hour
	// keepMAC is how long a replaced MAC key outlives the last refresh token
	// made with it.
	keepMAC = 24 * time.Hour
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

// CurrentMAC returns the key for new refresh tokens, the one of the highest
// number, and false if there is none.
func CurrentMAC(keys []MACKey) (MACKey, bool) {
	var current MACKey
	for _, k := range keys {
		if k.Number > current.Number {
			current = k
		}
	}
	return current, current.Number > 0
}

// UsableMAC returns the keys with which refresh tokens are accepted at now: a
// replaced one for the idle lifetime of a session and a day after the next was
// created, the last one for ever.
func UsableMAC(keys []MACKey, now time.Time, idle time.Duration) []MACKey {
	var usable []MACKey
	for _, k := range keys {
		if before(now, macHorizon(keys, k.Number, idle)) {
			usable = append(usable, k)
		}
	}
	return usable
}

// macHorizon is the instant from which the MAC key of that number is no longer
// accepted; zero means never.
func macHorizon(keys []MACKey, number int, idle time.Duration) time.Time {
	var until time.Time
	for _, k := range keys {
		if k.Number <= number {
			continue
		}
		if end := k.Created.Add(idle + keepMAC); until.IsZero() || end.Before(until) {
			until = end
		}
	}
	return until
}
