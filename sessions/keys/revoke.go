package keys

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// ErrUnknownKey means there is no key of that id.
var ErrUnknownKey = errors.New("keys: unknown key")

// RevokeSigningKey is for a key that has leaked: tokens signed with it are
// refused within 300 s, and another key signs at once. It returns
// ErrUnknownKey if there is none of that id.
func (k *Keeper) RevokeSigningKey(ctx context.Context, kid string) error {
	records, err := k.Records(ctx)
	if err != nil {
		return err
	}
	for _, record := range records.Signing {
		if record.ID == kid {
			if err := k.revokeSigning(ctx, record); err != nil {
				return err
			}
			return k.ensureActive(ctx)
		}
	}
	return ErrUnknownKey
}

func (k *Keeper) revokeSigning(ctx context.Context, key token.SigningKey) error {
	return wrap(fmt.Sprintf("revoking signing key %d", key.Number), k.cfg.Store.RevokeSigningKey(ctx, key.Number))
}

// ensureActive adds a key that signs at once if none does any more. Where
// another process takes the number, its key may be one that signs later.
func (k *Keeper) ensureActive(ctx context.Context) error {
	for {
		records, err := k.Records(ctx)
		if err != nil {
			return err
		}
		if _, ok := token.Active(records.Signing, k.now()); ok {
			return nil
		}
		err = k.signAtOnce(ctx, nextSigning(records))
		if err == nil || !errors.Is(err, token.ErrExists) {
			return err
		}
	}
}

// signAtOnce adds a key that signs at once.
func (k *Keeper) signAtOnce(ctx context.Context, number int) error {
	key, err := token.Generate(k.cfg.Algorithm)
	if err != nil {
		return err
	}
	return k.addSigning(ctx, key, token.SigningKey{Number: number, Algorithm: k.cfg.Algorithm, ActiveFrom: k.now()})
}

// ReplaceAll is for a table of keys that was restored from a backup, which does
// not know what happened since: a key that leaked is good again, and sessions
// that were ended are alive. It ends every session, adds keys that are used at
// once, and revokes all others. No key of the backup means anything after it,
// and no process that has keys of before may serve: see docs/operations.md. If
// it fails it has to be repeated. It returns what EndAll returns.
func (k *Keeper) ReplaceAll(ctx context.Context) (time.Time, error) {
	next, err := k.EndAll(ctx)
	if err != nil {
		return time.Time{}, err
	}
	old, err := k.Records(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if err := k.addMAC(ctx, nextMAC(old), k.now()); err != nil {
		return time.Time{}, err
	}
	if err := k.signAtOnce(ctx, nextSigning(old)); err != nil {
		return time.Time{}, err
	}
	for _, key := range old.MAC {
		if err := k.revokeMAC(ctx, key); err != nil {
			return time.Time{}, err
		}
	}
	for _, key := range old.Signing {
		if err := k.revokeSigning(ctx, key); err != nil {
			return time.Time{}, err
		}
	}
	return next, nil
}
