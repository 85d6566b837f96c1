package linearizable

import (
	"math/rand/v2"
	"time"
)

// The size of one history. Time stands still within a round, and passes when
// no call is under way: no call of ours lasts as long as the replay window.
const (
	rounds       = 4
	clients      = 6
	callsOfRound = 3 // of each client
)

// step is what a client is told to do. Which session it does it to depends on
// those there are by then.
type step struct {
	operation Operation
	pick      int  // of the sessions, counted from the last
	earlier   bool // a refresh presents the token before the last
	replaces  bool // a sign-in comes with that session
	instance  int  // that is asked
}

// round is what each client does, and how much time passes after it.
type round struct {
	steps  [clients][callsOfRound]step
	passes time.Duration
}

// schedule returns the rounds of a history, the same for the same seed. In the
// first everybody begins to sign in, and the user gets the role; at the beginning
// of the last the user loses it.
func schedule(seed uint64) [rounds]round {
	random := rand.New(rand.NewPCG(seed, 0))
	var all [rounds]round
	for r := range all {
		all[r].passes = time.Duration(random.IntN(120)) * time.Second
		for c := range clients {
			for i := range callsOfRound {
				all[r].steps[c][i] = step{
					operation: draw(random),
					pick:      min(random.IntN(4), random.IntN(4)),
					earlier:   random.IntN(4) == 0,
					replaces:  random.IntN(4) == 0,
					instance:  random.IntN(instances),
				}
			}
		}
	}
	for c := range clients {
		all[0].steps[c][0].operation = Begin
	}
	all[0].steps[0][1].operation = Grant
	all[rounds-1].steps[0][0].operation = Take
	return all
}

func draw(random *rand.Rand) Operation {
	often := []struct {
		of    int
		which Operation
	}{{20, Begin}, {20, Write}, {12, Report}, {5, Read}, {24, Refresh}, {4, Revoke}, {2, RevokeAll}, {3, Others}, {1, Disable}, {4, Enable}, {2, Grant}, {3, Take}}
	n := random.IntN(100)
	for _, o := range often {
		if n -= o.of; n < 0 {
			return o.which
		}
	}
	return Write
}
