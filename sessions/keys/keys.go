// Package keys makes and retires the keys of a stack: signing keys by
// schedule, keys of refresh tokens by command, and the settings record.
//
// Every operation may be repeated, run late or run twice at once: keys are
// numbered records that are added only if their number is free.
package keys

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Config is what a Keeper needs. Every field is required.
type Config struct {
	Store     token.KeyStore
	Sealer    token.Sealer
	Algorithm token.Algorithm // of new signing keys
	Every     time.Duration   // between signing keys
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

// Records returns all there is: the settings, and every key as it is stored.
func (k *Keeper) Records(ctx context.Context) (token.Records, error) {
	records, err := k.cfg.Store.Load(ctx)
	if err != nil {
		return token.Records{}, fmt.Errorf("loading keys: %w", err)
	}
	return records, nil
}

// Bootstrap gives a stack what nobody can do without: the issuer and API id of
// the settings, and the first keys. It may be repeated, and keeps notBefore.
func (k *Keeper) Bootstrap(ctx context.Context, issuer, apiID string) error {
	if err := k.Configure(ctx, issuer, apiID); err != nil {
		return err
	}
	return k.Rotate(ctx)
}

// Rotate adds the keys that are due: the first ones of a new stack, and then a
// signing key whenever the last one has become active or was revoked.
func (k *Keeper) Rotate(ctx context.Context) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	if len(records.MAC) == 0 {
		if err := k.addMAC(ctx, 1); err != nil {
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
	return k.addSigning(ctx, key, token.SigningKey{Number: number, Algorithm: k.cfg.Algorithm, ActiveFrom: activeFrom})
}

// Import makes the given private key the one that signs from now on. It does
// nothing if that key is the last already.
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
	record := token.SigningKey{ID: kid, Number: len(records.Signing) + 1, Algorithm: a, ActiveFrom: k.now()}
	if err := k.addSigning(ctx, key, record); err != nil {
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

// RotateMAC puts a new key in force for refresh tokens. Those made with the
// old one stay good.
func (k *Keeper) RotateMAC(ctx context.Context) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	return k.addMAC(ctx, len(records.MAC)+1)
}

// RevokeSigningKey is for a key that has leaked: tokens signed with it are
// refused within 300 s, and another key signs at once. It returns
// ErrUnknownKey if there is none of that id.
func (k *Keeper) RevokeSigningKey(ctx context.Context, kid string) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	for _, record := range records.Signing {
		if record.ID != kid {
			continue
		}
		if err := k.cfg.Store.RevokeSigningKey(ctx, record.Number); err != nil {
			return fmt.Errorf("revoking signing key %d: %w", record.Number, err)
		}
		return k.ensureActive(ctx)
	}
	return ErrUnknownKey
}

// ErrUnknownKey means there is no key of that id.
var ErrUnknownKey = errors.New("keys: unknown key")

// ensureActive adds a key that signs at once if none does any more.
func (k *Keeper) ensureActive(ctx context.Context) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	if _, ok := token.Active(records.Signing, k.now()); ok {
		return nil
	}
	key, err := token.Generate(k.cfg.Algorithm)
	if err != nil {
		return err
	}
	number := len(records.Signing) + 1
	return k.addSigning(ctx, key, token.SigningKey{Number: number, Algorithm: k.cfg.Algorithm, ActiveFrom: k.now()})
}

// Configure writes what is learned only after deployment. It keeps notBefore.
func (k *Keeper) Configure(ctx context.Context, issuer, apiID string) error {
	return k.settings(ctx, func(s *token.Settings) { s.Issuer, s.APIID = issuer, apiID })
}

// EndAll ends every session that exists now: they are refused everywhere
// within 300 s. Tokens tell their age in whole seconds, so it ends those that
// begin before the next one too, and returns the instant from which on they
// stay.
func (k *Keeper) EndAll(ctx context.Context) (time.Time, error) {
	next := k.now().Add(time.Second)
	return next, k.settings(ctx, func(s *token.Settings) {
		if next.After(s.NotBefore) {
			s.NotBefore = next
		}
	})
}

// settings changes the settings. Where another process has ended all sessions
// since they were read, it begins again from what that one wrote.
func (k *Keeper) settings(ctx context.Context, change func(*token.Settings)) error {
	for {
		records, err := k.Records(ctx)
		if err != nil {
			return err
		}
		settings := records.Settings
		change(&settings)
		if settings == records.Settings {
			return nil
		}
		err = k.cfg.Store.PutSettings(ctx, settings)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, token.ErrExists):
			return fmt.Errorf("writing settings: %w", err)
		}
	}
}

// addSigning seals and adds a signing key. Where another process was first,
// its key is as good.
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
	err = k.cfg.Store.AddSigningKey(ctx, record)
	if err != nil && !errors.Is(err, token.ErrExists) {
		return fmt.Errorf("adding signing key %d: %w", record.Number, err)
	}
	return nil
}

func (k *Keeper) addMAC(ctx context.Context, number int) error {
	secret := make([]byte, token.MACSize)
	rand.Read(secret)
	record := token.MACKey{Number: number, ID: "m" + strconv.Itoa(number), Created: k.now()}
	var err error
	if record.Sealed, err = k.cfg.Sealer.Seal(ctx, token.PurposeMAC, record.ID, secret); err != nil {
		return fmt.Errorf("sealing MAC key %d: %w", number, err)
	}
	err = k.cfg.Store.AddMACKey(ctx, record)
	if err != nil && !errors.Is(err, token.ErrExists) {
		return fmt.Errorf("adding MAC key %d: %w", number, err)
	}
	return nil
}

// now is the time in whole seconds, as it is stored.
func (k *Keeper) now() time.Time { return k.cfg.Now().Round(0).Truncate(time.Second) }
