package openid

import (
	"context"
	"crypto/rsa"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"

	"github.com/latchkey-auth/latchkey/internal/logins"
)

// How long the documents of a provider are used, and how often in a minute its
// keys may be asked for again because none of them signed a token. Anyone can
// make up such a token.
const (
	siteAge = time.Hour
	strays  = 5
	maxKeys = 100
)

// site is what a provider publishes.
type site struct {
	metadata metadata
	at       time.Time // when the metadata were asked for; zero: never
	keys     []jose.JSONWebKey
	keysAt   time.Time

	strays   int // how often the keys were asked for again since straysAt
	straysAt time.Time
}

// metadata is the part of a provider's discovery document that is read (OpenID
// Connect Discovery 1.0, section 3; RFC 9207, section 3).
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	UserInfo      string   `json:"userinfo_endpoint"`
	Keys          string   `json:"jwks_uri"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	TellsIssuer   bool     `json:"authorization_response_iss_parameter_supported"`
}

// signatures returns the algorithms by which only a key of the provider can
// sign.
func signatures() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
		jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	}
}

// algorithms returns those that the provider says it signs with. Without a list
// it returns the one that every provider has.
func (m metadata) algorithms() []string {
	if m.Algorithms == nil {
		return []string{string(jose.RS256)}
	}
	return slices.DeleteFunc(slices.Clone(m.Algorithms), func(a string) bool {
		return !slices.Contains(signatures(), jose.SignatureAlgorithm(a))
	})
}

// authStyle is how the client shows its secret: in the header, as in RFC 6749,
// unless the provider says that it accepts only the body.
func (m metadata) authStyle(secret string) oauth2.AuthStyle {
	inBody := len(m.AuthMethods) > 0 && !slices.Contains(m.AuthMethods, "client_secret_basic")
	if secret == "" || inBody {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// check refuses the document of another issuer, and endpoints that must not be
// asked.
func (m metadata) check(issuer string, loopback bool) error {
	if m.Issuer != issuer {
		return refused("discovery: another issuer")
	}
	urls := []string{m.Authorization, m.Token, m.Keys}
	if m.UserInfo != "" {
		urls = append(urls, m.UserInfo)
	}
	for _, url := range urls {
		if !logins.IsEndpoint(url, loopback) {
			return refused("discovery: an endpoint that is missing, or no https URL")
		}
	}
	if len(m.algorithms()) == 0 {
		return refused("discovery: no algorithm that is allowed")
	}
	return nil
}

// known returns what is kept of the issuer.
func (c *Client) known(issuer string) site {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sites[issuer]
}

// learn changes what is kept of the issuer.
func (c *Client) learn(issuer string, change func(*site)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.sites[issuer]
	change(&s)
	c.sites[issuer] = s
}

// discover returns the provider's metadata.
func (c *Client) discover(ctx context.Context, issuer string) (metadata, error) {
	now := c.now()
	if s := c.known(issuer); !s.at.IsZero() && now.Sub(s.at) < siteAge {
		return s.metadata, nil
	}
	var m metadata
	url := strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
	if err := c.get(ctx, "discovery", url, "", &m); err != nil {
		return metadata{}, err
	}
	if err := m.check(issuer, c.cfg.Loopback); err != nil {
		return metadata{}, err
	}
	c.learn(issuer, func(s *site) { s.metadata, s.at = m, now })
	return m, nil
}

// keys returns the provider's keys. If none of the stored keys made a
// signature, it asks the provider for them again, within a limit.
func (c *Client) keys(ctx context.Context, m metadata, again bool) ([]jose.JSONWebKey, error) {
	now, s := c.now(), c.known(m.Issuer)
	if !s.keysAt.IsZero() && now.Sub(s.keysAt) < siteAge && !(again && c.mayAskAgain(m.Issuer, now)) {
		return s.keys, nil
	}
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := c.get(ctx, "keys", m.Keys, "", &set); err != nil {
		return nil, err
	}
	if len(set.Keys) > maxKeys {
		return nil, refused("keys: too many")
	}
	var keys []jose.JSONWebKey
	for _, text := range set.Keys {
		var k jose.JSONWebKey // a key of a kind that is not understood is ignored
		if k.UnmarshalJSON(text) == nil && verifies(k) {
			keys = append(keys, k)
		}
	}
	c.learn(m.Issuer, func(s *site) { s.keys, s.keysAt = keys, now })
	return keys, nil
}

// mayAskAgain reports whether the keys may be asked for because none of them
// signed a token, and counts it.
func (c *Client) mayAskAgain(issuer string, now time.Time) (may bool) {
	c.learn(issuer, func(s *site) {
		if now.Sub(s.straysAt) >= time.Minute {
			s.strays, s.straysAt = 0, now
		}
		if may = s.strays < strays; may {
			s.strays++
		}
	})
	return may
}

// verifies reports whether a key is public, for signatures, and long enough
// (RFC 7518, section 3.3).
func verifies(k jose.JSONWebKey) bool {
	if short, isRSA := k.Key.(*rsa.PublicKey); isRSA && short.N.BitLen() < 2048 {
		return false
	}
	return k.Valid() && k.IsPublic() && (k.Use == "" || k.Use == "sig")
}

// fitting returns the keys of that id that are not for another algorithm. If
// the token names no id, keys of any id fit.
func fitting(keys []jose.JSONWebKey, kid, algorithm string) []jose.JSONWebKey {
	var fit []jose.JSONWebKey
	for _, k := range keys {
		if (kid == "" || k.KeyID == kid) && (k.Algorithm == "" || k.Algorithm == algorithm) {
			fit = append(fit, k)
		}
	}
	return fit
}
