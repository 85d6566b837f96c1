// Package latchkey wires what a Lambda function of your own needs: an
// authorizer that decides whether a request may pass, or a manager of sessions,
// over the tables of a stack.
//
//	handler, err := latchkey.NewAuthorizer(latchkey.Config{SessionsTable: "sessions", KeysTable: "keys"})
//	if err != nil {
//		log.Fatal(err)
//	}
//	lambda.Start(handler)
//
// Every number has a default, the same as in the stack's own functions. A
// Config needs only what the function needs: only a function that starts or
// refreshes sessions has a Sealer, and only such a function links KMS.
//
// Start with [NewAuthorizer] or [NewManager]. A function that also reads and
// writes the headers and cookies of sessions starts with [New].
//
// The parts are packages of their own: authorizer decides, sessions keeps
// sessions, sessions/token signs and verifies, sessions/fdi speaks to
// frontends, sessions/keys makes the keys. A backend without access to the
// tables uses package backend instead.
package latchkey

import (
	"context"
	"errors"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Stack is what the functions of a stack have in common. It is safe for
// concurrent use.
type Stack struct {
	Keys     *token.Keyring  // the keys in force
	Verifier *token.Verifier // of access tokens
	Protocol *fdi.Protocol   // tokens as headers and cookies

	cfg Config // with its defaults
}

// New returns the parts of a stack. It needs KeysTable or Keys, and reads
// nothing yet.
func New(cfg Config) (*Stack, error) {
	cfg = cfg.withDefaults()
	if cfg.Keys == nil {
		return nil, errors.New("latchkey: KeysTable or Keys is required")
	}
	ring, errRing := token.NewKeyring(token.KeyringConfig{
		Store: cfg.Keys, Sealer: cfg.Sealer, AccessLifetime: cfg.Access, Now: cfg.Now, Log: cfg.Log,
	})
	protocol, errProtocol := fdi.New(fdi.Config{
		Secure: !cfg.Insecure, Domain: cfg.CookieDomain, SameSite: cfg.CookieSameSite,
		GatewayPath: cfg.GatewayPath, Origins: cfg.Origins,
	})
	if err := errors.Join(errRing, errProtocol); err != nil {
		return nil, err
	}
	verifier, err := token.NewVerifier(token.VerifierConfig{Keys: ring, MaxLifetime: maxAccess, Now: cfg.Now})
	return &Stack{Keys: ring, Verifier: verifier, Protocol: protocol, cfg: cfg}, err
}

// NewAuthorizer returns the Lambda handler of an authorizer. It needs
// SessionsTable or Sessions, and KeysTable or Keys.
func NewAuthorizer(cfg Config) (*authorizer.Authorizer, error) {
	s, err := New(cfg)
	if err != nil {
		return nil, err
	}
	return s.Authorizer()
}

// NewManager returns a manager of sessions. It needs SessionsTable or Sessions,
// KeysTable or Keys, and a Sealer if it is to start or refresh sessions.
func NewManager(cfg Config) (*sessions.Manager, error) {
	s, err := New(cfg)
	if err != nil {
		return nil, err
	}
	return s.Manager()
}

// errSessions means that the Config names no sessions.
var errSessions = errors.New("latchkey: SessionsTable or Sessions is required")

// Authorizer returns the authorizer of the stack's Config. It checks sessions
// by a sessions.Checker, which needs no private key.
func (s *Stack) Authorizer() (*authorizer.Authorizer, error) {
	if s.cfg.Sessions == nil {
		return nil, errSessions
	}
	return authorizer.New(authorizer.Config{
		Verifier: s.Verifier, Sessions: s.checker(), CSRF: s.Protocol,
		Settings: s.verifiedBy, Rules: s.cfg.Rules, Global: s.cfg.Global,
		Metrics: s.cfg.Metrics, Stack: s.cfg.Name, Log: s.cfg.Log, Now: s.cfg.Now,
	})
}

func (s *Stack) checker() *sessions.Checker {
	c := sessions.NewChecker(s.cfg.Sessions, s.Keys, s.cfg.Now)
	if s.cfg.EmailVerification {
		c = c.Verifying()
	}
	return c
}

// Manager returns the manager of the stack's sessions.
func (s *Stack) Manager() (*sessions.Manager, error) {
	if s.cfg.Sessions == nil {
		return nil, errSessions
	}
	return sessions.New(sessions.Config{
		Store: s.cfg.Sessions, Keys: s.Keys, Access: s.cfg.Access, Idle: s.cfg.Idle, Absolute: s.cfg.Absolute,
		ReplayWindow: s.cfg.ReplayWindow, RotationGap: s.cfg.RotationGap, MaxSessions: s.cfg.MaxSessions,
		Verifies: s.cfg.EmailVerification, Events: s.cfg.Events, Now: s.cfg.Now,
	})
}

// LoadKeys loads the keys that verify, so that the first request does not wait
// for them: call it before lambda.Start. It returns token.ErrUnavailable if they
// cannot be read.
func (s *Stack) LoadKeys(ctx context.Context) error {
	_, err := s.Keys.KeySet(ctx)
	return err
}

// OpenKeys is LoadKeys for a function that starts or refreshes sessions: it also
// opens the keys that make tokens.
func (s *Stack) OpenKeys(ctx context.Context) error {
	_, signing := s.Keys.Signer(ctx)
	_, mac := s.Keys.MAC(ctx, "")
	return errors.Join(signing, mac)
}

// LoadChecks is LoadKeys for an authorizer: it also asks for a session that is
// not there, as the first checked request does. That makes the connection to
// the database, and everything else that is made at its first use. If that
// request fails, it is logged and is no error: it says nothing about the keys.
func (s *Stack) LoadChecks(ctx context.Context) error {
	if err := s.LoadKeys(ctx); err != nil {
		return err
	}
	nobodys := token.Claims{Handle: sessions.NewHandle(sessions.KeyOf("", "")).String()}
	if _, err := s.checker().Check(ctx, nobodys); !errors.Is(err, sessions.ErrEnded) {
		s.cfg.Log.Warn("no session read at the start", "error", err)
	}
	return nil
}

// verifiedBy returns the settings that access tokens are verified with: which
// rule is for a read must be known as long as reads are judged.
func (s *Stack) verifiedBy(ctx context.Context) (token.Settings, error) {
	set, err := s.Keys.KeySet(ctx)
	if err != nil {
		return token.Settings{}, err
	}
	return set.Settings(), nil
}
