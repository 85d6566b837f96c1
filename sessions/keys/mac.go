package keys

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// ErrLastKey means that the key must not be revoked, because no other is in
// use.
var ErrLastKey = errors.New("keys: no other key of refresh tokens is in use yet")

// RotateMAC adds a key of refresh tokens. It makes new tokens after ten
// minutes, when every process knows it. Tokens of the earlier keys stay good.
// RotateMAC does nothing, and returns an error that wraps token.ErrExists, if
// another process has just added a key.
func (k *Keeper) RotateMAC(ctx context.Context) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	return k.addMAC(ctx, nextMAC(records), k.now().Add(token.PublishMAC))
}

// RevokeMAC revokes a key of refresh tokens that has leaked. It removes the
// secret, and within ten minutes the tokens of that key are refused everywhere.
// It returns ErrUnknownKey if there is no key of that id, and ErrLastKey while
// no other key is in use.
func (k *Keeper) RevokeMAC(ctx context.Context, id string) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	var found token.MACKey
	var others []token.MACKey
	for _, key := range records.MAC {
		if key.ID == id {
			found = key
		} else {
			others = append(others, key)
		}
	}
	if found.ID == "" {
		return ErrUnknownKey
	}
	if _, ok := token.ActiveMAC(others, k.now()); !ok {
		return ErrLastKey
	}
	return k.revokeMAC(ctx, found)
}

func (k *Keeper) revokeMAC(ctx context.Context, key token.MACKey) error {
	return wrap(fmt.Sprintf("revoking MAC key %d", key.Number), k.cfg.Store.RevokeMACKey(ctx, key.Number))
}

// nextMAC is the first number that no key of refresh tokens has.
func nextMAC(r token.Records) int {
	next := 1
	for _, key := range r.MAC {
		next = max(next, key.Number+1)
	}
	return next
}

// addMAC seals and adds a key of refresh tokens. Its id has 80 random bits, so
// that no key ever has the id of one that was lost in a restore. It returns
// token.ErrExists if another process took its number.
func (k *Keeper) addMAC(ctx context.Context, number int, activeFrom time.Time) error {
	secret := make([]byte, token.MACSize)
	rand.Read(secret)
	record := token.MACKey{Number: number, ID: rand.Text()[:16], ActiveFrom: activeFrom}
	var err error
	if record.Sealed, err = k.cfg.Sealer.Seal(ctx, token.PurposeMAC, record.ID, secret); err != nil {
		return fmt.Errorf("sealing MAC key %d: %w", number, err)
	}
	err = k.added(ctx, record.ID, k.cfg.Store.AddMACKey(ctx, record))
	return wrap(fmt.Sprintf("adding MAC key %d", number), err)
}
