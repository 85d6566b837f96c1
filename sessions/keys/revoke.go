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

// RevokeSigningKey revokes a key that has leaked. Tokens signed with it are
// refused within 300 s, and another key signs at once. It returns ErrUnknownKey
// if there is no key of that id.
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

// ensureActive adds a key that signs at once if no key signs now. If another
// process takes the number, its key may be one that signs later.
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

// ReplaceAll is for a table of keys that was restored from a backup. The backup
// does not know what happened since: a leaked key is good again, and ended
// sessions are alive. ReplaceAll ends every session, adds keys that are used at
// once, and revokes all others. After it no key of the backup is good. A
// process that still has the old keys must not serve: see docs/operations.md.
// If ReplaceAll fails, it must be repeated. It returns what EndAll returns.
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
