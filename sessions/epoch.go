package sessions

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"
)

// Epoch is a user's epoch at one moment. It is read before the user's
// credentials are checked and handed to Start, which fails if the epoch has
// moved since: a sign-in with a password that is just being replaced leaves no
// session. The zero Epoch is nobody's.
type Epoch struct {
	tenant, user string
	count        int64
	moved        time.Time // when it last moved; zero: never
	disabled     bool
	told         bool      // it left the process, and nobody knows whether it is the user's
	proven       time.Time // zero: not known
}

// CheckUser returns ErrUser if no session could ever be started for such a
// user, and asks nobody.
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

// EpochText is the user's epoch in a form that can leave the process, to come
// back by ParseEpoch. It says how often and when all sessions were last ended,
// and nothing of whose they were.
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

// ParseEpoch returns the epoch of that user which User.EpochText told another
// process before the credentials were checked. Start, to which it is handed,
// reads the user once more, and fails with ErrEpoch if this is no longer the
// user's epoch.
//
// proven is when the caller that vouches for the user made the proof of who it is; zero
// means that it is not known. Start fails with ErrProof unless it is later than
// what last ended all sessions of the user.
//
// It asks nobody. It returns ErrUser if no session could ever be started for
// such a user, and ErrEpochText if the text is no epoch.
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

// still reports by its error whether an epoch that was told is that of the user
// as the user is now, and the proof younger than it.
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

// recall returns an error unless the epoch, if it was told, still is the user's.
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
