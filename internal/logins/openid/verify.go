package openid

import (
	"context"
	"errors"
	"regexp"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	jsonv2 "github.com/go-json-experiment/json"

	"github.com/latchkey-auth/latchkey/internal/logins"
)

// maxToken is the longest token that is read, in bytes.
const maxToken = 16 << 10

// compact is the form of a signed token (RFC 7515, section 3.1). The library
// reads another form, too.
var compact = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// proof is the key set by which one token is verified. It keeps what the errors
// of the library do not say.
type proof struct {
	client   *Client
	metadata metadata
	typ      string // of the header
	payload  []byte // nil until the signature is good
	err      error  // why the keys are not known
}

var _ oidc.KeySet = (*proof)(nil)

// VerifySignature implements oidc.KeySet.
func (p *proof) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(raw, signatures())
	if err != nil {
		return nil, err
	}
	header := signed.Signatures[0].Header
	p.typ, _ = header.ExtraHeaders[jose.HeaderType].(string)
	// The provider may have another key by now, even under the same id.
	for _, again := range []bool{false, true} {
		keys, err := p.client.keys(ctx, p.metadata, again)
		if err != nil {
			p.err = err
			return nil, err
		}
		for _, k := range fitting(keys, header.KeyID, header.Algorithm) {
			if payload, err := signed.Verify(k); err == nil {
				p.payload = payload
				return payload, nil
			}
		}
	}
	return nil, errors.New("openid: no key made the signature")
}

// verify verifies a token by the library, and then by check, which reads it
// strictly. If both refuse it, check gives the reason.
func (c *Client) verify(
	ctx context.Context, m metadata, p logins.Provider, raw string, by func(*oidc.IDTokenVerifier) error, check func(*proof) error,
) error {
	if len(raw) > maxToken || !compact.MatchString(raw) {
		return refused("token: malformed or too long")
	}
	proof := &proof{client: c, metadata: m}
	err := by(oidc.NewVerifier(m.Issuer, proof, &oidc.Config{
		ClientID: p.ClientID, SupportedSigningAlgs: m.algorithms(), Now: c.now,
	}))
	switch {
	case proof.err != nil:
		return proof.err
	case proof.payload == nil:
		return refused("token: malformed, of an algorithm that is not allowed, or not signed by the provider")
	}
	if why := check(proof); why != nil {
		return why
	}
	if err != nil {
		return refused("token: not acceptable")
	}
	return nil
}

// strictly reads the claims of a token whose signature is good.
func (p *proof) strictly(into any) error {
	if jsonv2.Unmarshal(p.payload, into) != nil {
		return refused("token: claims malformed")
	}
	return nil
}
