package latchkey

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Config says where a stack keeps its sessions and keys, and how long things
// last. Zero means the default, the same as in the template: a parameter that
// was changed there must be changed here as well.
type Config struct {
	// The names of the DynamoDB tables. Sessions and Keys take their place, for
	// tests and for another kind of storage.
	SessionsTable string
	KeysTable     string
	Region        string // of the tables; "" means AWS_REGION of the environment, which Lambda sets
	Sessions      sessions.Store
	Keys          token.KeyLoader // of package dynamo or memory, or token.Records of a fixed JWK Set

	// Sealer opens the private keys that start and refresh sessions: see
	// package kms. Nil is for a function that does neither.
	Sealer token.Sealer

	Access       time.Duration // life of an access token; 0 means 1 hour, 24 hours at most
	Idle         time.Duration // a session ends when not refreshed for that long; 0 means 100 days
	Absolute     time.Duration // a session ends that long after its start; 0 means 365 days
	ReplayWindow time.Duration // how long a repeated refresh is answered again; 0 means 60 s, below 0 not at all
	RotationGap  time.Duration // between two rotations of one session, the window or more; 0 means 90 s, below 0 none
	MaxSessions  int           // live sessions of one user; 0 means 100, 1,000 at most

	// EmailVerification makes sessions and their tokens say for every user
	// whether the address is verified, by the claim st-ev. It is false for a
	// user who has no such claim.
	EmailVerification bool

	Origins        []string // exact origins of pages and apps that may use cookie tokens; nil means none may
	CookieDomain   string   // "" means that only the API's own host receives cookies
	CookieSameSite string   // lax, none or strict; "" means lax
	GatewayPath    string   // path that a custom domain maps to the API; "" means none
	Insecure       bool     // cookies lack Secure; for a local run that is reached by plain http

	Rules  []authorizer.Rule      // of single routes of the stack's own API
	Global []authorizer.Validator // claims that every signed-in caller must have, on every API

	// Events is told what happened to sessions, before the call that did it
	// returns. It may be called concurrently. Nil tells nobody.
	Events func(context.Context, sessions.Event)

	Name    string           // of the stack, the dimension of its metrics; "" means none
	Metrics io.Writer        // gets counters in CloudWatch's embedded metric format; nil means none are written
	Log     *slog.Logger     // is told why something failed; nil means slog.Default()
	Now     func() time.Time // nil means time.Now
}

const day = 24 * time.Hour

// maxAccess is the longest life that an access token can have. Tokens with any
// life up to it are accepted: while a stack is being deployed, functions with
// the old setting see tokens made with the new one.
const maxAccess = day

// withDefaults returns the configuration with its defaults, and with its tables
// opened.
func (c Config) withDefaults() Config {
	c.Access = cmp.Or(c.Access, time.Hour)
	c.Idle = cmp.Or(c.Idle, 100*day)
	c.Absolute = cmp.Or(c.Absolute, 365*day)
	c.ReplayWindow = max(0, cmp.Or(c.ReplayWindow, time.Minute))
	c.RotationGap = max(0, cmp.Or(c.RotationGap, 90*time.Second))
	c.MaxSessions = cmp.Or(c.MaxSessions, 100)
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.SessionsTable == "" && c.KeysTable == "" {
		return c
	}
	client := dynamo.NewClient(dynamo.ClientConfig{Region: cmp.Or(c.Region, os.Getenv("AWS_REGION"))})
	if c.Sessions == nil && c.SessionsTable != "" {
		c.Sessions = dynamo.New(client, c.SessionsTable)
	}
	if c.Keys == nil && c.KeysTable != "" {
		c.Keys = dynamo.NewKeys(client, c.KeysTable)
	}
	return c
}
