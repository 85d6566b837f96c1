//go:build dynamodb

package crash_test

import (
	"encoding/json"
	"fmt"
)

// checkAll is check for everybody the actor has been.
func (p *actor) checkAll(c *caller) error {
	now := p.account
	defer func() { p.account = now }()
	for _, a := range append(p.before, now) {
		p.account = a
		if err := p.check(c); err != nil {
			return err
		}
	}
	return nil
}

// check settles what was under way, and then returns an error unless the user
// can sign in, live sessions work and hold their data, and sessions that are
// over are dead by every token that they ever had, be it the one of a sign-in
// whose answer nobody got.
func (p *actor) check(c *caller) error {
	if err := p.settle(c); err != nil {
		return err
	}
	if err := p.checkList(c); err != nil {
		return err
	}
	if err := p.signIn(c); err != nil {
		return err
	}
	for _, s := range p.sessions {
		check := p.checkLive
		if s.over {
			check = p.checkOver
		}
		if err := check(c, s); err != nil {
			return fmt.Errorf("session %s: %w", s.handle, err)
		}
	}
	return nil
}

func (p *actor) checkLive(c *caller, s *held) error {
	for _, use := range []func(*caller, *held) error{p.read, p.write, p.readData} {
		if err := use(c, s); err != nil {
			return err
		}
	}
	if p.random.IntN(3) > 0 {
		return nil // its first refresh shall be amid a load
	}
	return p.refreshSession(c, s)
}

func (p *actor) checkOver(c *caller, s *held) error {
	for _, access := range s.access {
		if _, err := c.as(access, 401, "POST", "/notes", `{"text":"milk"}`); err != nil {
			return fmt.Errorf("a write in a revoked session: %w", err)
		}
	}
	for _, refresh := range s.refresh {
		if _, err := c.as(refresh, 401, "POST", "/auth/session/refresh", ""); err != nil {
			return fmt.Errorf("refreshing a revoked session: %w", err)
		}
	}
	return nil
}

// checkList compares the list of live sessions. It may have more than the user
// knows of, those of sign-ins without an answer, unless all were revoked since.
func (p *actor) checkList(c *caller) error {
	a, err := c.admin("GET", "/admin/users/"+p.id+"/sessions", "")
	if err != nil {
		return err
	}
	var list struct {
		Sessions []struct{ SessionHandle string }
	}
	if err := json.Unmarshal(a.Body, &list); err != nil {
		return fmt.Errorf("the list of sessions = %s", a.Body)
	}
	if p.ended && len(list.Sessions) > 0 {
		return fmt.Errorf("all sessions were revoked, and the list of live ones is %s", a.Body)
	}
	listed := map[string]bool{}
	for _, s := range list.Sessions {
		listed[s.SessionHandle] = true
	}
	for _, s := range p.sessions {
		if listed[s.handle] == s.over {
			return fmt.Errorf("session %s is over: %t, and in the list of live ones: %t", s.handle, s.over, listed[s.handle])
		}
	}
	return nil
}
