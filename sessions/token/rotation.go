package token

import "time"

const (
	// overlap is how long a key verifies beyond the last token it signed:
	// clocks differ, and verifiers keep keys for 300 s.
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
	for i := len(keys) - 1; i >= 0; i-- {
		if k := keys[i]; !k.Revoked && !k.ActiveFrom.After(now) {
			return k, true
		}
	}
	return SigningKey{}, false
}

// Usable returns the keys that verify at now, those not yet active included: a
// key verifies until the next one has been active for a token's lifetime and
// ten minutes, the last one for ever, a revoked one never.
func Usable(keys []SigningKey, now time.Time, lifetime time.Duration) []SigningKey {
	var usable []SigningKey
	for i, k := range keys {
		if until := horizon(keys, i, lifetime); !k.Revoked && (until.IsZero() || now.Before(until)) {
			usable = append(usable, k)
		}
	}
	return usable
}

// horizon is the instant from which key i no longer verifies; zero means never.
func horizon(keys []SigningKey, i int, lifetime time.Duration) time.Time {
	if i == len(keys)-1 || keys[i+1].ActiveFrom.IsZero() {
		return time.Time{}
	}
	return keys[i+1].ActiveFrom.Add(lifetime + overlap)
}

// Next returns the number of the key that should be added and when it should
// become active, and reports whether it is due. A key is due once the last one
// is active, or was revoked: then at once, as is the first of all. Added by
// put-if-absent, keys come out right however often, late or concurrently this
// is asked.
func Next(keys []SigningKey, now time.Time, every time.Duration) (number int, activeFrom time.Time, due bool) {
	if len(keys) == 0 {
		return 1, now, true
	}
	last := keys[len(keys)-1]
	switch {
	case last.Revoked:
		return last.Number + 1, now, true
	case last.ActiveFrom.After(now):
		return 0, time.Time{}, false
	}
	activeFrom = now.Add(publish)
	if regular := last.ActiveFrom.Add(every); regular.After(activeFrom) {
		activeFrom = regular
	}
	return last.Number + 1, activeFrom, true
}

// CurrentMAC returns the key for new refresh tokens, and false if there is none.
func CurrentMAC(keys []MACKey) (MACKey, bool) {
	if len(keys) == 0 {
		return MACKey{}, false
	}
	return keys[len(keys)-1], true
}

// UsableMAC returns the keys with which refresh tokens are accepted at now: a
// replaced one for the idle lifetime of a session and a day more.
func UsableMAC(keys []MACKey, now time.Time, idle time.Duration) []MACKey {
	var usable []MACKey
	for i, k := range keys {
		if i == len(keys)-1 || now.Before(keys[i+1].Created.Add(idle+keepMAC)) {
			usable = append(usable, k)
		}
	}
	return usable
}
