// Package rotatekeys is the function that keeps the keys of a stack. It runs by
// schedule, by command, and as CloudFormation's custom resource, which tells
// the stack where its own API is.
package rotatekeys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions/keys"
)

// Build builds the function, with providers in the table of keys. It needs Keys
// and Sealer.
func Build(cfg setup.Config, b setup.Backends) (setup.Handler, error) {
	return New(cfg, b, logins.NewDynamo(b.DynamoDB, cfg.KeysTable))
}

// New builds the function. It needs Keys and Sealer.
func New(cfg setup.Config, b setup.Backends, providers logins.Store) (setup.Handler, error) {
	keeper, err := Keeper(cfg, b)
	if err != nil {
		return setup.Handler{}, err
	}
	return setup.Handler{Handler: Handler{
		Keeper: keeper, Providers: Providers{Store: providers, Sealer: b.Sealer, Loopback: cfg.Insecure}, Now: b.Now, Pause: Sleep,
	}}, nil
}

// Keeper returns the keeper of the stack's keys. It needs Keys and Sealer.
func Keeper(cfg setup.Config, b setup.Backends) (*keys.Keeper, error) {
	if err := b.Check(setup.NeedKeys, setup.NeedSealer); err != nil {
		return nil, err
	}
	return keys.New(keys.Config{Store: b.Keys, Sealer: b.Sealer, Algorithm: cfg.Algorithm, Every: cfg.KeyRotation, Now: b.Now})
}

// Handler is the rotatekeys function. Its event is that of the schedule, that
// of a CloudFormation custom resource, or one of these, for an operator:
//
//	{"action": "rotate"}
//	{"action": "rotate-mac"}
//	{"action": "revoke-mac", "id": "…"}
//	{"action": "revoke-signing-key", "kid": "…"}
//	{"action": "configure", "issuer": "https://…/auth", "apiId": "…"}
//	{"action": "end-all-sessions"}
//	{"action": "replace-all-keys"}
//
// or one of those of Providers. It answers with all keys, without their
// secrets, the issuer, and the instant before which every session has ended, if
// there is one.
type Handler struct {
	Keeper    *keys.Keeper
	Providers Providers
	Now       func() time.Time
	Pause     func(context.Context, time.Duration) error // waits; Sleep, except in tests
}

// command is an event. The schedule's has a source and no action.
type command struct {
	Source string `json:"source"`
	Type   string `json:"RequestType"`
	Action string `json:"action"`
	ID     string `json:"id"`
	KID    string `json:"kid"`
	Issuer string `json:"issuer"`
	APIID  string `json:"apiId"`

	ClientType string          `json:"clientType"`
	Provider   json.RawMessage `json:"provider"`
}

// Invoke answers one event.
func (h Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var c command
	if err := json.Unmarshal(payload, &c); err != nil {
		return nil, errors.New("rotatekeys: the event is no JSON object")
	}
	if c.Type != "" {
		return h.customResource(ctx, payload)
	}
	if isProviderCommand(c.Action) {
		return h.Providers.answer(ctx, c)
	}
	if err := h.run(ctx, c); err != nil {
		return nil, err
	}
	return h.report(ctx)
}

func (h Handler) run(ctx context.Context, c command) error {
	switch {
	case c.Action == "rotate", c.Action == "" && c.Source == "aws.events", c.Action == "" && c.Source == "aws.scheduler":
		return h.Keeper.Rotate(ctx)
	case c.Action == "rotate-mac":
		return h.Keeper.RotateMAC(ctx)
	case c.Action == "revoke-mac" && c.ID != "":
		return h.Keeper.RevokeMAC(ctx, c.ID)
	case c.Action == "revoke-signing-key" && c.KID != "":
		return h.Keeper.RevokeSigningKey(ctx, c.KID)
	case c.Action == "configure" && c.Issuer != "" && c.APIID != "":
		return h.Keeper.Bootstrap(ctx, c.Issuer, c.APIID)
	case c.Action == "end-all-sessions":
		return h.end(ctx, h.Keeper.EndAll)
	case c.Action == "replace-all-keys":
		return h.end(ctx, h.Keeper.ReplaceAll)
	}
	return fmt.Errorf("rotatekeys: no such action, or one without what it needs: %q", c.Action)
}

// end ends all sessions. It answers, within a second, when new sign-ins stay
// signed in.
func (h Handler) end(ctx context.Context, all func(context.Context) (time.Time, error)) error {
	from, err := all(ctx)
	if err != nil {
		return err
	}
	return h.Pause(ctx, from.Sub(h.Now()))
}

// signingKey and macKey are what a report shows of a key.
type signingKey struct {
	Number     int    `json:"number"`
	ID         string `json:"kid"`
	Algorithm  string `json:"alg"`
	ActiveFrom string `json:"activeFrom"`
	Revoked    bool   `json:"revoked,omitempty"`
}

type macKey struct {
	Number     int    `json:"number"`
	ID         string `json:"id"`
	ActiveFrom string `json:"activeFrom"`
	Revoked    bool   `json:"revoked,omitempty"`
}

// report is the answer to a command.
type report struct {
	Issuer    string       `json:"issuer"`
	NotBefore string       `json:"notBefore,omitempty"`
	Signing   []signingKey `json:"signingKeys"`
	MAC       []macKey     `json:"macKeys"`
}

const stamp = "2006-01-02T15:04:05Z"

func (h Handler) report(ctx context.Context) ([]byte, error) {
	records, err := h.Keeper.Records(ctx)
	if err != nil {
		return nil, err
	}
	r := report{Issuer: records.Settings.Issuer, Signing: make([]signingKey, len(records.Signing)), MAC: make([]macKey, len(records.MAC))}
	if at := records.Settings.NotBefore; !at.IsZero() {
		r.NotBefore = at.UTC().Format(stamp)
	}
	for i, k := range records.Signing {
		r.Signing[i] = signingKey{k.Number, k.ID, string(k.Algorithm), k.ActiveFrom.UTC().Format(stamp), k.Revoked}
	}
	for i, k := range records.MAC {
		r.MAC[i] = macKey{k.Number, k.ID, k.ActiveFrom.UTC().Format(stamp), k.Revoked}
	}
	return json.Marshal(r)
}
