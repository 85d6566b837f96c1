package rotatekeys

import (
	"context"
	"errors"
	"fmt"
	"slices"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Providers keeps the providers of other logins, by command:
//
//	{"action": "put-provider", "provider": {…, "clientSecret": "…"}}
//	{"action": "list-providers"}
//	{"action": "delete-provider", "id": "…", "clientType": "…"}
//
// Each answers with all providers, without their secrets.
type Providers struct {
	Store    logins.Store
	Sealer   token.Sealer
	Loopback bool // allow issuers on this machine, by plain http; for the local run only
}

// providerReport is what a report shows of a provider.
type providerReport struct {
	logins.Provider
	HasSecret bool `json:"hasSecret"`
}

// isProviderCommand reports whether the action is one of Providers.
func isProviderCommand(action string) bool {
	return slices.Contains([]string{"put-provider", "list-providers", "delete-provider"}, action)
}

// answer does what the command says, and returns all providers.
func (p Providers) answer(ctx context.Context, c command) ([]byte, error) {
	var err error
	switch c.Action {
	case "put-provider":
		err = p.put(ctx, jsontext.Value(c.Provider))
	case "delete-provider":
		if err = p.Store.Delete(ctx, logins.NameOf(c.ID, c.ClientType)); errors.Is(err, logins.ErrNotFound) {
			err = fmt.Errorf("rotatekeys: %w: %q", err, logins.NameOf(c.ID, c.ClientType))
		}
	}
	if err != nil {
		return nil, err
	}
	all, err := p.Store.Load(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]providerReport, len(all))
	for i, each := range all {
		list[i] = providerReport{each, each.Sealed != nil}
	}
	return jsonv2.Marshal(map[string]any{"providers": list}, jsonv2.Deterministic(true))
}

// put checks and seals before it writes, so nothing is ever half written.
func (p Providers) put(ctx context.Context, text jsontext.Value) error {
	secret, rest, err := takeSecret(text)
	if err != nil {
		return err
	}
	provider, err := logins.Parse(rest)
	if err != nil {
		return err
	}
	if err := errors.Join(provider.Check(p.Loopback), logins.CheckSecret(secret)); err != nil {
		return err
	}
	all, err := p.Store.Load(ctx)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID == provider.ID && other.Name() != provider.Name() && other.Issuer != provider.Issuer {
			return fmt.Errorf("%w: the clients of one id must have one issuer", logins.ErrProvider)
		}
	}
	isNew := !slices.ContainsFunc(all, func(other logins.Provider) bool { return other.Name() == provider.Name() })
	if isNew && len(all) >= logins.MaxProviders {
		return fmt.Errorf("%w: there are %d already", logins.ErrProvider, logins.MaxProviders)
	}
	if secret != "" {
		if provider.Sealed, err = p.Sealer.Seal(ctx, logins.PurposeSecret, provider.Binding(), []byte(secret)); err != nil {
			return err
		}
	}
	return p.Store.Put(ctx, provider)
}

// takeSecret separates the client's secret from the rest of a provider, so that
// the stored record has no place for it.
func takeSecret(text jsontext.Value) (secret string, rest []byte, err error) {
	var members map[string]jsontext.Value
	if err := jsonv2.Unmarshal(text, &members); err != nil || members == nil {
		return "", nil, fmt.Errorf("%w: the command needs the member provider, an object", logins.ErrProvider)
	}
	given, there := members["clientSecret"]
	if !there {
		return "", text, nil
	}
	if jsonv2.Unmarshal(given, &secret) != nil || secret == "" {
		return "", nil, fmt.Errorf("%w: clientSecret must be a text, or left out for a client that has none", logins.ErrProvider)
	}
	delete(members, "clientSecret")
	rest, err = jsonv2.Marshal(members)
	return secret, rest, err
}
