//go:build dynamodb

package crash_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkey-auth/latchkey/test/client"
)

// load acts at random until the process is killed. It returns an error if the
// API does anything but what it should or leave a request unanswered.
func (p *actor) load(c *caller) error {
	c.patience = 0
	for {
		err := p.settle(c)
		if err == nil {
			err = p.act(c)
		}
		switch {
		case errors.Is(err, errKilled):
			p.tally.lost++
			return nil
		case errors.Is(err, errUnknown):
			p.tally.lost++
		case err != nil:
			return err
		}
	}
}

// act does one thing. What needs an acknowledgement is only noted, and then
// done by settle.
func (p *actor) act(c *caller) error {
	live := p.live()
	dice := p.random.IntN(100)
	switch {
	case dice < 6 || p.signIns > 40: // far below the number of sessions that end older ones
		p.renew()
	case dice < 15 || len(live) == 0:
		return p.signIn(c)
	case dice < 18:
		p.ending = true
	default:
		s := live[p.random.IntN(len(live))]
		switch {
		case dice < 30:
			s.ending = true
		case dice < 50:
			s.refreshing = true
		case dice < 75:
			s.storing = s.stored + 1
			return p.store(c, s)
		case dice < 85:
			return p.read(c, s)
		default:
			return p.write(c, s)
		}
	}
	return p.settle(c)
}

// settle repeats what was not acknowledged, as clients do.
func (p *actor) settle(c *caller) error {
	if p.id == "" {
		if err := p.signUp(c); err != nil {
			return err
		}
	}
	if p.ending {
		if err := p.endAll(c); err != nil {
			return err
		}
	}
	for _, s := range p.sessions {
		if err := p.settleSession(c, s); err != nil {
			return err
		}
	}
	return nil
}

func (p *actor) settleSession(c *caller, s *held) error {
	if s.ending && !s.over {
		return p.end(c, s)
	}
	if s.over {
		return nil
	}
	if s.refreshing {
		if err := p.refreshSession(c, s); err != nil {
			return err
		}
	}
	if s.storing == 0 {
		return nil
	}
	if err := p.readData(c, s); err != nil {
		return err
	}
	return p.store(c, s)
}

// signUp adds the user. If an earlier try may have done so already, the user
// signs in instead.
func (p *actor) signUp(c *caller) error {
	tried := p.tried
	p.tried, p.ended = true, false
	a, err := c.as("", 200, "POST", "/auth/signup", p.form())
	if err != nil {
		return err
	}
	if (tried || c.patience > 0) && strings.Contains(string(a.Body), "already exists") {
		return p.signIn(c)
	}
	p.tally.signedUp++
	return p.begin(a)
}

func (p *actor) signIn(c *caller) error {
	p.signIns++
	p.ended = false
	a, err := c.as("", 200, "POST", "/auth/signin", p.form())
	if err != nil {
		return err
	}
	p.tally.signedIn++
	return p.begin(a)
}

// counted counts an answer that is as it should be.
func counted(n *int) func(client.Answer, error) error {
	return func(_ client.Answer, err error) error {
		if err == nil {
			*n++
		}
		return err
	}
}

// read is a request that the authorizer judges by the token alone.
func (p *actor) read(c *caller, s *held) error {
	return counted(&p.tally.read)(c.as(s.lastAccess(), 200, "GET", "/notes", ""))
}

// write is a request that the authorizer checks in the store.
func (p *actor) write(c *caller, s *held) error {
	return counted(&p.tally.wrote)(c.as(s.lastAccess(), 201, "POST", "/notes", `{"text":"milk"}`))
}

func (p *actor) refreshSession(c *caller, s *held) error {
	a, err := c.as(s.lastRefresh(), 200, "POST", "/auth/session/refresh", "")
	if err := counted(&p.tally.refreshed)(a, err); err != nil {
		return err
	}
	s.refreshing = false
	s.take(a)
	return nil
}

// store writes data that is one higher than what is stored.
func (p *actor) store(c *caller, s *held) error {
	body := fmt.Sprintf(`{"n":%d}`, s.storing)
	if err := counted(&p.tally.stored)(c.admin("PUT", "/admin/sessions/"+s.handle+"/data", body)); err != nil {
		return err
	}
	s.stored, s.storing = s.storing, 0
	return nil
}

// readData checks that the data is what was acknowledged, or what was sent
// since.
func (p *actor) readData(c *caller, s *held) error {
	a, err := c.admin("GET", "/admin/sessions/"+s.handle+"/data", "")
	if err != nil {
		return err
	}
	var data struct{ N int }
	if err := json.Unmarshal(a.Body, &data); err != nil {
		return err
	}
	if data.N != s.stored && (s.storing == 0 || data.N != s.storing) {
		return fmt.Errorf("data is %d, want %d, which was acknowledged, or %d, which was sent (0: nothing)", data.N, s.stored, s.storing)
	}
	return nil
}

// end signs out of a session or has a backend revoke it.
func (p *actor) end(c *caller, s *held) error {
	revoke := func() (client.Answer, error) { return c.admin("DELETE", "/admin/sessions/"+s.handle, "") }
	if p.random.IntN(2) == 0 {
		revoke = func() (client.Answer, error) { return c.as(s.lastAccess(), 200, "POST", "/auth/signout", "") }
	}
	if err := counted(&p.tally.revoked)(revoke()); err != nil {
		return err
	}
	s.over = true
	return nil
}

func (p *actor) endAll(c *caller) error {
	if err := counted(&p.tally.revokedAll)(c.admin("DELETE", "/admin/users/"+p.id+"/sessions", "")); err != nil {
		return err
	}
	for _, s := range p.sessions {
		s.over = true
	}
	p.ending, p.ended = false, true
	return nil
}
