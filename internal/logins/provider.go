package logins

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Provider is one client of a Latchkey deployment at an OpenID provider. Its
// JSON is what an operator puts, and what is stored.
type Provider struct {
	ID         string `json:"id"`                  // the thirdPartyId of frontends
	ClientType string `json:"clientType,omitzero"` // of a provider with several clients, one for the web and one for an app, say

	Issuer       string            `json:"issuer"` // exactly as its tokens name it
	ClientID     string            `json:"clientId"`
	Scopes       []string          `json:"scopes"`          // openid among them
	RedirectURIs []string          `json:"redirectUris"`    // exact; a login ends at no other
	Claims       map[string]string `json:"claims,omitzero"` // from the user's claim to that of the ID token

	Sealed []byte `json:"-"` // the client's secret; nil for a client that has none
}

// Bounds of a provider, in characters of a text and entries of a list.
const (
	maxName  = 64
	maxText  = 256
	maxURL   = 512
	maxList  = 20
	maxClaim = 64
)

// The patterns of names.
var (
	idPattern = regexp.MustCompile(`^[a-z0-9-]+$`)
	appScheme = regexp.MustCompile(`^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+$`) // of an app's own (RFC 8252, section 7.1)
)

// Parse reads a provider strictly. If it names no scopes, it gets those that
// bring an address.
func Parse(text []byte) (Provider, error) {
	var p Provider
	if err := jsonv2.Unmarshal(text, &p, jsonv2.RejectUnknownMembers(true)); err != nil {
		var semantic *jsonv2.SemanticError
		if errors.As(err, &semantic) && semantic.JSONPointer != "" {
			return Provider{}, fmt.Errorf("%w: member %s is not known or not of its type", ErrProvider, semantic.JSONPointer)
		}
		return Provider{}, fmt.Errorf("%w: not a JSON object with every name once", ErrProvider)
	}
	if p.Scopes == nil {
		p.Scopes = []string{"openid", "email"}
	}
	return p, nil
}

// Name tells a provider from all others. It is the id, with the type of the
// client if there is one.
func (p Provider) Name() string { return NameOf(p.ID, p.ClientType) }

// NameOf returns the name of the provider of that id and type of client.
func NameOf(id, clientType string) string {
	if clientType == "" {
		return id
	}
	return id + "/" + clientType
}

// Binding is what the secret is sealed with. The secret opens only for this
// client at this issuer, so a changed record cannot send it to anyone else.
func (p Provider) Binding() string { return p.Name() + " " + p.Issuer + " " + p.ClientID }

// Redirects reports whether a login may end at the URI.
func (p Provider) Redirects(uri string) bool { return slices.Contains(p.RedirectURIs, uri) }

// Check returns ErrProvider with every fault. A loopback issuer, by plain http,
// is allowed only in the local run.
func (p Provider) Check(loopback bool) error {
	f := &faults{}
	f.require(idPattern.MatchString(p.ID) && len(p.ID) <= maxName,
		"id must be made of a-z, 0-9 and hyphens, %d at most", maxName)
	f.require(p.ClientType == "" || idPattern.MatchString(p.ClientType) && len(p.ClientType) <= maxName,
		"clientType must be made of a-z, 0-9 and hyphens, %d at most", maxName)
	f.require(IsEndpoint(p.Issuer, loopback) && !strings.ContainsAny(p.Issuer, "?#"),
		"issuer must be an https URL with neither query nor fragment")
	f.require(printable(p.ClientID) && len(p.ClientID) <= maxText,
		"clientId must be 1 to %d printable ASCII characters", maxText)
	f.require(slices.Contains(p.Scopes, "openid"), "scopes must have openid among them")
	f.require(len(p.Scopes) <= maxList, "scopes must be %d at most", maxList)
	for _, scope := range p.Scopes {
		f.require(printable(scope) && !strings.ContainsAny(scope, " \"\\") && len(scope) <= maxText, "scope %.40q is none", scope)
	}
	f.require(len(p.RedirectURIs) > 0 && len(p.RedirectURIs) <= maxList, "redirectUris must be 1 to %d", maxList)
	for _, uri := range p.RedirectURIs {
		f.require(isRedirect(uri),
			"redirectUri %.80q must be an https URL, an http URL of this machine or a URI of an app's own scheme, without fragment", uri)
	}
	f.claims(p.Claims)
	return f.err()
}

// CheckSecret returns ErrProvider if the text cannot be the secret of a client.
// The empty text is for a client that has none.
func CheckSecret(secret string) error {
	f := &faults{}
	f.require(secret == "" || printable(secret) && len(secret) <= 4*maxText,
		"clientSecret must be printable ASCII, %d characters at most", 4*maxText)
	return f.err()
}

// faults collects what is wrong.
type faults []error

func (f *faults) require(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

func (f *faults) err() error {
	if len(*f) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrProvider, errors.Join(*f...))
}

// claims checks a mapping. A claim of its own says whether the address is
// verified, and no other claim may.
func (f *faults) claims(mapping map[string]string) {
	f.require(len(mapping) <= maxList, "claims must be %d at most", maxList)
	for _, to := range slices.Sorted(maps.Keys(mapping)) {
		from := mapping[to]
		f.require(to != "" && len(to) <= maxClaim && from != "" && len(from) <= maxText,
			"claim %.40q or what it is made of has no name, or one too long", to)
		f.require(!token.Protected(to) && to != sessions.ClaimVerified, "claim %.40q is not for a provider to say", to)
	}
}

// printable reports whether s is visible ASCII with spaces, and not empty (RFC
// 6749, appendix A).
func printable(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// IsEndpoint reports whether a provider may be asked at the URL: https, or plain
// http on this machine where that is allowed.
func IsEndpoint(text string, loopback bool) bool {
	u, err := url.Parse(text)
	if err != nil || len(text) > maxURL || !printable(text) || u.User != nil || u.Hostname() == "" || u.Opaque != "" {
		return false
	}
	return u.Scheme == "https" || loopback && u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// isRedirect reports whether a provider may send a user back to the URI (RFC
// 9700, section 2.1; RFC 8252, section 7).
func isRedirect(text string) bool {
	u, err := url.Parse(text)
	if err != nil || len(text) > maxURL || !printable(text) || strings.ContainsAny(text, "# *") || u.User != nil {
		return false
	}
	return IsEndpoint(text, true) || appScheme.MatchString(u.Scheme)
}
