// Package openid speaks to OpenID providers: it sends users to their pages,
// redeems what they come back with, and reads notices that a login is over.
//
// It promises that only an ID token can vouch for a user: one that the provider
// signed, for this client and for this login, a moment ago. What a provider
// sends, however long, slow or malformed, holds up only the provider's own
// users. No redirect is followed. Plain http is spoken only to this machine, in
// the local run. Errors are those of package logins, in words that hold nothing
// a provider or a user sent.
//
// Each process keeps what providers publish for an hour, and their records for
// a minute. Start with [New].
package openid

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Config is what a Client needs. A field is required unless it says otherwise.
type Config struct {
	Providers logins.Store
	Sealer    token.Sealer // opens clients' secrets
	Loopback  bool         // providers on this machine may use plain http
	Now       func() time.Time
	Transport http.RoundTripper // nil means new connections of the client's own
}

// Client is the client of all providers. It is safe for concurrent use.
type Client struct {
	cfg  Config
	http *http.Client

	mu      sync.Mutex
	records map[string]logins.Provider // by name
	loaded  time.Time                  // zero: never
	secrets map[string]string          // of clients, by their sealed form
	sites   map[string]site            // what providers publish, by issuer; only of issuers in records
}

// New returns a Client.
func New(cfg Config) *Client {
	return &Client{cfg: cfg, http: newHTTP(cfg.Transport), secrets: map[string]string{}, sites: map[string]site{}}
}

// now is wall time: the monotonic reading stands still while a sandbox is
// frozen.
func (c *Client) now() time.Time { return c.cfg.Now().Round(0) }

// recordsAge is how long a stored record may be used after it was changed.
const recordsAge = time.Minute

// provider returns the record of that name. It returns logins.ErrNotFound if
// there is none, which costs no call if the records are known.
func (c *Client) provider(ctx context.Context, id, clientType string) (logins.Provider, error) {
	c.mu.Lock()
	records, fresh := c.records, !c.loaded.IsZero() && c.now().Sub(c.loaded) < recordsAge
	c.mu.Unlock()
	if !fresh {
		var err error
		if records, err = c.load(ctx); err != nil {
			return logins.Provider{}, err
		}
	}
	p, found := records[logins.NameOf(id, clientType)]
	if !found {
		return logins.Provider{}, logins.ErrNotFound
	}
	return p, nil
}

// load reads all records, and forgets what was published by issuers that are
// not among them.
func (c *Client) load(ctx context.Context) (map[string]logins.Provider, error) {
	asked := c.now()
	all, err := c.cfg.Providers.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: reading providers: %w", token.ErrUnavailable, err)
	}
	records, sites := make(map[string]logins.Provider, len(all)), make(map[string]site, len(all))
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range all {
		records[p.Name()] = p
		if known, there := c.sites[p.Issuer]; there {
			sites[p.Issuer] = known
		}
	}
	c.records, c.loaded, c.sites = records, asked, sites
	return records, nil
}

// secret returns the client's secret, or "" for a client that has none. It is
// opened once in the life of the process.
func (c *Client) secret(ctx context.Context, p logins.Provider) (string, error) {
	if p.Sealed == nil {
		return "", nil
	}
	as := p.Binding() + " " + string(p.Sealed)
	c.mu.Lock()
	known, there := c.secrets[as]
	c.mu.Unlock()
	if there {
		return known, nil
	}
	opened, err := c.cfg.Sealer.Open(ctx, logins.PurposeSecret, p.Binding(), p.Sealed)
	if err != nil {
		return "", fmt.Errorf("%w: opening a client's secret: %w", token.ErrUnavailable, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.secrets) >= 2*logins.MaxProviders { // records were changed again and again
		clear(c.secrets)
	}
	c.secrets[as] = string(opened)
	return string(opened), nil
}

// refused returns ErrRefused with a reason, which must quote nothing from
// outside.
func refused(why string) error { return fmt.Errorf("%w: %s", logins.ErrRefused, why) }
