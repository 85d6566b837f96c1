package sessions

import (
	"math"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// TestNothingCanBeGuessed draws what must be random many times: the session's
// part of a handle, and the nonce of a first refresh token. None comes twice,
// and each of their 128 bits is set half of the time, by six standard
// deviations: once in a million runs one of these bits is not.
func TestNothingCanBeGuessed(t *testing.T) {
	const draws = 20_000
	key, user := token.MAC{ID: "m1"}, KeyOf("public", "u1")
	same := NewHandle(user)
	for name, draw := range map[string]func() [16]byte{
		"NewHandle":  func() [16]byte { h := NewHandle(user); return [16]byte(h[16:]) },
		"firstToken": func() [16]byte { return firstToken(key, same).nonce },
	} {
		seen := make(map[[16]byte]bool, draws)
		var set [128]int
		for range draws {
			b := draw()
			seen[b] = true
			for i := range set {
				set[i] += int(b[i/8] >> (i % 8) & 1)
			}
		}
		if len(seen) != draws {
			t.Errorf("%s gave %d different values in %d draws", name, len(seen), draws)
		}
		allowed := 6 * math.Sqrt(draws) / 2
		for i, n := range set {
			if math.Abs(float64(n)-draws/2) > allowed {
				t.Errorf("%s set bit %d in %d of %d draws, want %d ± %.0f", name, i, n, draws, draws/2, allowed)
			}
		}
	}
}
