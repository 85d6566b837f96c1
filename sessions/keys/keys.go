// Package keys makes and retires the keys of a stack: signing keys by schedule,
// keys of refresh tokens by command. It also keeps the settings.
//
// Every operation may be repeated, run late or run twice at the same time: keys
// are numbered records that are added only if their number is free, and
// settings are changed one by one.
package keys

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Config is what a Keeper needs. Every field is required.
type Config struct {
	Store     token.KeyStore
	Sealer    token.Sealer
	Algorithm token.Algorithm // the algorithm of new signing keys
	Every     time.Duration   // the time between new signing keys
	Now       func() time.Time
}

// Keeper keeps the keys of one stack.
type Keeper struct{ cfg Config }

// New returns a Keeper.
func New(cfg Config) (*Keeper, error) {
	if cfg.Store == nil || cfg.Sealer == nil || cfg.Now == nil || cfg.Every <= 0 {
		return nil, errors.New("keys: a store, a sealer, a clock and an interval are required")
	}
	return &Keeper{cfg}, nil
}

// Records returns the settings and every key, as they are stored.
func (k *Keeper) Records(ctx context.Context) (token.Records, error) {
	records, err := k.cfg.Store.Load(ctx)
	if err != nil {
		return token.Records{}, fmt.Errorf("loading keys: %w", err)
	}
	return records, nil
}

// Bootstrap gives a stack what every function needs: the issuer and the API id
// in the settings, and the first keys. It may be repeated.
func (k *Keeper) Bootstrap(ctx context.Context, issuer, apiID string) error {
	if err := k.Configure(ctx, issuer, apiID); err != nil {
		return err
	}
	return k.Rotate(ctx)
}

// Rotate adds the keys that are due: the first keys of a stack, and later a
// signing key whenever the last one has become active or was revoked.
func (k *Keeper) Rotate(ctx context.Context) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(records.MAC, func(m token.MACKey) bool { return !m.Revoked }) {
		// If another process was first, its key is as good.
		if err := k.addMAC(ctx, nextMAC(records), k.now()); err != nil && !errors.Is(err, token.ErrExists) {
			return err
		}
	}
	number, activeFrom, due := token.Next(records.Signing, k.now(), k.cfg.Every)
	if !due {
		return nil
	}
	key, err := token.Generate(k.cfg.Algorithm)
	if err != nil {
		return err
	}
	err = k.addSigning(ctx, key, token.SigningKey{Number: number, Algorithm: k.cfg.Algorithm, ActiveFrom: activeFrom})
	if errors.Is(err, token.ErrExists) {
		return nil // another process was first, and its key is as good
	}
	return err
}

// Import makes the given private key the one that signs from now on. It does
// nothing if that key is already the last one.
func (k *Keeper) Import(ctx context.Context, a token.Algorithm, key crypto.Signer) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	kid, err := token.Thumbprint(key.Public())
	if err != nil {
		return err
	}
	for _, record := range records.Signing {
		if record.ID == kid {
			return k.imported(record, records.Signing)
		}
	}
	record := token.SigningKey{ID: kid, Number: nextSigning(records), Algorithm: a, ActiveFrom: k.now()}
	if err := k.addSigning(ctx, key, record); err != nil && !errors.Is(err, token.ErrExists) {
		return err
	}
	if records, err = k.Records(ctx); err != nil {
		return err
	}
	// Another process may have taken the number.
	return k.imported(record, records.Signing)
}

// imported returns an error unless the key signs now.
func (k *Keeper) imported(record token.SigningKey, all []token.SigningKey) error {
	if active, ok := token.Active(all, k.now()); !ok || active.ID != record.ID {
		return fmt.Errorf("keys: another key signs than %s", record.ID)
	}
	return nil
}

// nextSigning is the first number that no signing key has.
func nextSigning(r token.Records) int {
	next := 1
	for _, key := range r.Signing {
		next = max(next, key.Number+1)
	}
	return next
}

// addSigning seals and adds a signing key. It returns token.ErrExists if
// another process took its number.
func (k *Keeper) addSigning(ctx context.Context, key crypto.Signer, record token.SigningKey) error {
	var err error
	if record.ID, err = token.Thumbprint(key.Public()); err != nil {
		return err
	}
	if record.Public, err = token.PublicJWK(record.ID, record.Algorithm, key.Public()); err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if record.Sealed, err = k.cfg.Sealer.Seal(ctx, token.PurposeSigning, record.ID, secret); err != nil {
		return fmt.Errorf("sealing signing key %d: %w", record.Number, err)
	}
	err = k.added(ctx, record.ID, k.cfg.Store.AddSigningKey(ctx, record))
	return wrap(fmt.Sprintf("adding signing key %d", record.Number), err)
}

// added interprets the error of adding a key of that id. If a store repeats a
// call whose answer was lost, it finds its own record: that is a success.
func (k *Keeper) added(ctx context.Context, id string, err error) error {
	if !errors.Is(err, token.ErrExists) {
		return err
	}
	records, errLoad := k.Records(ctx)
	if errLoad != nil {
		return errLoad
	}
	if slices.ContainsFunc(records.Signing, func(s token.SigningKey) bool { return s.ID == id }) ||
		slices.ContainsFunc(records.MAC, func(m token.MACKey) bool { return m.ID == id }) {
		return nil
	}
	return err
}

// wrap adds what was being done to an error.
func wrap(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// now is the time in whole seconds, as it is stored.
func (k *Keeper) now() time.Time { return k.cfg.Now().Round(0).Truncate(time.Second) }
