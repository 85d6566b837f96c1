package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"github.com/latchkey-auth/latchkey/internal/rotatekeys"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// makeKeys does what a deployment does: it stores the address of the API and
// makes the keys that are missing. A key from the command line becomes the one
// that signs.
func (w world) makeKeys(ctx context.Context, open opener) error {
	f, found := w.stack.Function("RotateKeysFunction")
	if !found {
		return errors.New("the template has no RotateKeysFunction to make keys with")
	}
	cfg, err := w.config(f)
	if err != nil {
		return err
	}
	b, err := open(ctx, cfg)
	if err != nil {
		return err
	}
	keeper, err := rotatekeys.Keeper(cfg, b.Backends)
	if err != nil {
		return err
	}
	err = errors.Join(
		keeper.Configure(ctx, setup.Issuer(cfg, w.url), apiID), keeper.SetCookieDomain(ctx, cfg.CookieDomain),
	)
	if err != nil {
		return err
	}
	if w.options.signingKey != "" {
		algorithm, key, err := readKey(w.options.signingKey)
		if err != nil {
			return fmt.Errorf("-signing-key: %w", err)
		}
		if err := keeper.Import(ctx, algorithm, key); err != nil {
			return fmt.Errorf("-signing-key: %w", err)
		}
	}
	return keeper.Rotate(ctx)
}

// readKey reads a private key, PKCS#8 in PEM. Its kind fixes the algorithm.
func readKey(file string) (token.Algorithm, crypto.Signer, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	block, rest := pem.Decode(data)
	if block == nil || block.Type != "PRIVATE KEY" || len(rest) > 0 {
		return "", nil, errors.New("the file is not one PEM block PRIVATE KEY")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return "", nil, errors.New("the key cannot be read as PKCS#8")
	}
	key, ok := parsed.(crypto.Signer)
	if !ok {
		return "", nil, errors.New("the key cannot sign")
	}
	// Only trying tells the algorithm: NewSigner refuses a key that is not of
	// it.
	for _, algorithm := range []token.Algorithm{token.RS256, token.ES256, token.EdDSA} {
		kid, err := token.Thumbprint(key.Public())
		if err != nil {
			break
		}
		if _, err := token.NewSigner(algorithm, kid, key); err == nil {
			return algorithm, key, nil
		}
	}
	return "", nil, errors.New("the key is not RSA of at least 2048 bits, P-256 or Ed25519")
}
