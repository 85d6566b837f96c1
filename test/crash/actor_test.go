//go:build dynamodb

package crash_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"

	"github.com/latchkey-auth/latchkey/test/client"
)

// actor is one user after another, who act one request at a time, and what
// they know: what was acknowledged, and what they asked for without an answer.
type actor struct {
	*account
	before []*account // those who came before
	random *rand.Rand
	source net.IP
	tally  tally
}

// account is one user.
type account struct {
	email    string
	tried    bool   // a sign-up was sent
	id       string // "" until a sign-up or sign-in was acknowledged
	signIns  int    // sent
	sessions []*held
	ending   bool // revoking all was sent and is not acknowledged
	ended    bool // revoking all was acknowledged, and nothing sent since that begins a session
}

// held is a session whose tokens the user has.
type held struct {
	handle          string
	access, refresh []string // every one that was handed out; the last is in use
	ending, over    bool     // revoking it was sent; was acknowledged
	refreshing      bool     // a refresh was sent and is not acknowledged
	stored          int      // acknowledged data
	storing         int      // data that was sent and is not acknowledged, or 0
}

// tally counts what was acknowledged, and requests without an answer.
type tally struct{ signedUp, signedIn, read, wrote, refreshed, stored, revoked, revokedAll, lost int }

func (t *tally) add(u tally) {
	t.signedUp += u.signedUp
	t.signedIn += u.signedIn
	t.read += u.read
	t.wrote += u.wrote
	t.refreshed += u.refreshed
	t.stored += u.stored
	t.revoked += u.revoked
	t.revokedAll += u.revokedAll
	t.lost += u.lost
}

func (t tally) String() string {
	return fmt.Sprintf("%d sign-ups, %d sign-ins, %d reads, %d writes, %d refreshes, %d of data, %d sessions revoked, %d times all of a user's; %d requests unanswered",
		t.signedUp, t.signedIn, t.read, t.wrote, t.refreshed, t.stored, t.revoked, t.revokedAll, t.lost)
}

func newActor(random *rand.Rand) *actor {
	own := rand.New(rand.NewPCG(random.Uint64(), 0))
	p := &actor{random: own}
	p.renew()
	return p
}

// renew makes the actor a new user, at a new address.
func (p *actor) renew() {
	if p.account != nil {
		p.before = append(p.before, p.account)
	}
	p.account = &account{email: strconv.FormatUint(p.random.Uint64(), 36) + "@example.com"}
	p.source = net.IPv4(127, byte(1+p.random.IntN(250)), byte(p.random.IntN(250)), byte(1+p.random.IntN(250)))
}

func (a *account) form() string { return client.Form(a.email, client.Password) }

// live returns the sessions that nobody asked to end.
func (a *account) live() []*held {
	return slices.DeleteFunc(slices.Clone(a.sessions), func(s *held) bool { return s.over || s.ending })
}

func (s *held) lastAccess() string  { return s.access[len(s.access)-1] }
func (s *held) lastRefresh() string { return s.refresh[len(s.refresh)-1] }

// take notes the tokens of an answer.
func (s *held) take(a client.Answer) {
	s.access = append(s.access, a.Header.Get("St-Access-Token"))
	if refresh := a.Header.Get("St-Refresh-Token"); refresh != "" {
		s.refresh = append(s.refresh, refresh)
	}
}

// begin notes the user and the session of an answer to sign-up or sign-in.
func (a *account) begin(from client.Answer) error {
	var body struct {
		Status string
		User   struct{ ID string }
	}
	if err := json.Unmarshal(from.Body, &body); err != nil || body.Status != "OK" {
		return fmt.Errorf("locked out: %s", from.Body)
	}
	s := &held{}
	s.take(from)
	claims, err := client.ClaimsOf(s.lastAccess())
	if err != nil {
		return err
	}
	s.handle = claims.Handle
	if len(s.refresh) == 0 {
		return fmt.Errorf("no refresh token with %s", from.Body)
	}
	if a.id != "" && a.id != body.User.ID {
		return fmt.Errorf("the user was %s and is %s", a.id, body.User.ID)
	}
	a.id = body.User.ID
	a.sessions = append(a.sessions, s)
	return nil
}
