// Package kms seals private keys with AWS KMS.
//
// A private key is sealed by Encrypt under one symmetric KMS key. The
// encryption context is its purpose and its kid. KMS authenticates the context
// with the ciphertext and writes it to the audit trail, so what was sealed for
// one pair opens for no other. The secret is in no error and no log.
//
// A function that only verifies tokens must not import this package: it needs
// neither the permission nor the code.
//
// Start with [NewClient] and [New].
package kms

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

var _ token.Sealer = (*Sealer)(nil)

// maxSecret is the longest text that Encrypt takes, in bytes.
const maxSecret = 4096

var (
	errTooLong = errors.New("longer than 4096 bytes")
	errEmpty   = errors.New("empty answer")
)

// Client has the methods of the SDK's *kms.Client that are called.
type Client interface {
	Encrypt(ctx context.Context, in *awskms.EncryptInput, opts ...func(*awskms.Options)) (*awskms.EncryptOutput, error)
	Decrypt(ctx context.Context, in *awskms.DecryptInput, opts ...func(*awskms.Options)) (*awskms.DecryptOutput, error)
}

// ClientConfig says where KMS is and who calls it. Only Region is required.
type ClientConfig struct {
	Region      string
	Endpoint    string                  // URL of a KMS other than the Region's, by the system's roots; empty means that
	Credentials aws.CredentialsProvider // nil means those of the environment, read at every call
	Transport   http.RoundTripper       // nil means connections of the client's own
}

// NewClient returns a client whose calls end in less than a second: two
// attempts of 400 ms, with a short pause in between. It does no I/O.
func NewClient(cfg ClientConfig) *awskms.Client {
	return awskms.NewFromConfig(awsclient.Service(cfg).Config())
}

// Sealer is a token.Sealer. It is safe for concurrent use.
type Sealer struct {
	client Client
	keyID  string
}

// New returns a Sealer that uses the symmetric KMS key of that id, ARN or
// alias.
func New(client Client, keyID string) *Sealer {
	return &Sealer{client: client, keyID: keyID}
}

// Seal implements token.Sealer. The secret has at most 4,096 bytes.
func (s *Sealer) Seal(ctx context.Context, purpose, id string, secret []byte) ([]byte, error) {
	if len(secret) > maxSecret {
		return nil, fault("sealing", purpose, id, errTooLong)
	}
	out, err := s.client.Encrypt(ctx, &awskms.EncryptInput{
		KeyId:             aws.String(s.keyID),
		Plaintext:         secret,
		EncryptionContext: binding(purpose, id),
	})
	if err == nil && len(out.CiphertextBlob) == 0 {
		err = errEmpty
	}
	if err != nil {
		return nil, fault("sealing", purpose, id, err)
	}
	return out.CiphertextBlob, nil
}

// Open implements token.Sealer. It also names the KMS key: a text that another
// key sealed is not opened, even if the caller may use that key.
func (s *Sealer) Open(ctx context.Context, purpose, id string, sealed []byte) ([]byte, error) {
	out, err := s.client.Decrypt(ctx, &awskms.DecryptInput{
		KeyId:             aws.String(s.keyID),
		CiphertextBlob:    sealed,
		EncryptionContext: binding(purpose, id),
	})
	if err == nil && len(out.Plaintext) == 0 {
		err = errEmpty
	}
	if err != nil {
		return nil, fault("opening", purpose, id, err)
	}
	return out.Plaintext, nil
}

// binding is the encryption context of the key.
func binding(purpose, id string) map[string]string {
	return map[string]string{"purpose": purpose, "kid": id}
}

func fault(doing, purpose, id string, err error) error {
	return fmt.Errorf("kms: %s the %s key %s: %w", doing, purpose, id, err)
}
