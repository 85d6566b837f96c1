package sessions

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"
)

// Epoch is a user's epoch at one moment. Read it before you check the user's
// credentials, and pass it to Start. Start fails if the epoch has moved since:
// a sign-in with a password that is just being replaced leaves no session. The
// zero Epoch belongs to nobody.
type Epoch struct {
	tenant, user string
	count        int64
	moved        time.Time // when it last moved; zero: never
	disabled     bool
	told         bool      // it came from another process: it may not be the user's
	proven       time.Time // zero: unknown
}

// CheckUser returns ErrUser if no session could ever be started for such a
// user. It does not ask the store.
func CheckUser(tenant, user string) error {
	if err := name("tenant", tenant, maxTenant); err != nil {
		return err
	}
	return name("user id", user, maxUser)
}

// Epoch returns the user's epoch. It returns ErrUser if no session could ever
// be started for such a user.
func (m *Manager) Epoch(ctx context.Context, tenant, user string) (Epoch, error) {
	if err := CheckUser(tenant, user); err != nil {
		return Epoch{}, err
	}
	u, err := m.User(ctx, tenant, user)
	return Epoch{tenant: tenant, user: user, count: u.Epoch, moved: u.Moved, disabled: u.Disabled}, err
}

// epochForm is the first byte of an epoch as text.
const epochForm = 1

// EpochText returns the user's epoch as a text, for another process and
// ParseEpoch. It says how often all sessions were ended, and when that was
// last. It does not say whose they were.
func (u User) EpochText() string {
	b := binary.BigEndian.AppendUint64([]byte{epochForm}, uint64(u.Epoch))
	b = binary.BigEndian.AppendUint64(b, uint64(millis(u.Moved)))
	return base64.RawURLEncoding.EncodeToString(b)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// ParseEpoch returns the epoch that User.EpochText wrote for that user, in
// another process, before the credentials were checked. Start reads the user
// again, and fails with ErrEpoch if this is no longer the user's epoch.
//
// proven is when the user's identity was proven; zero means unknown. Start
// fails with ErrProof unless that was after all sessions of the user were last
// ended.
//
// ParseEpoch does not ask the store. It returns ErrUser if no session could
// ever be started for such a user, and ErrEpochText if the text is not an
// epoch.
func ParseEpoch(tenant, user, text string, proven time.Time) (Epoch, error) {
	if err := CheckUser(tenant, user); err != nil {
		return Epoch{}, err
	}
	count, moved, err := readEpoch(text)
	if err != nil {
		return Epoch{}, err
	}
	e := Epoch{tenant: tenant, user: user, count: count, told: true, proven: proven}
	if moved != 0 {
		e.moved = time.UnixMilli(moved).UTC()
	}
	return e, nil
}

// still returns an error unless the epoch is that of the user as the user is
// now, and the proof is younger than the last end of all sessions.
func (e Epoch) still(u User) error {
	switch {
	case u.Disabled:
		return ErrDisabled
	case !e.proven.IsZero() && !e.proven.After(u.Moved):
		return ErrProof
	case e.count != u.Epoch || !e.moved.Equal(u.Moved):
		return fmt.Errorf("%w: the epoch is another", ErrEpoch)
	}
	return nil
}

// recall reads the user again if the epoch came from another process. It
// returns an error unless it is still the user's epoch.
func (m *Manager) recall(ctx context.Context, e Epoch) error {
	if !e.told {
		return nil
	}
	u, err := m.User(ctx, e.tenant, e.user)
	if err != nil {
		return err
	}
	return e.still(u)
}

func readEpoch(text string) (count, moved int64, err error) {
	var b [17]byte
	if len(text) != base64.RawURLEncoding.EncodedLen(len(b)) {
		return 0, 0, ErrEpochText
	}
	n, err := base64.RawURLEncoding.Strict().Decode(b[:], []byte(text))
	count, moved = int64(binary.BigEndian.Uint64(b[1:9])), int64(binary.BigEndian.Uint64(b[9:]))
	if err != nil || n != len(b) || b[0] != epochForm || count < 0 || moved < 0 {
		return 0, 0, ErrEpochText
	}
	return count, moved, nil
}
