package sessions

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"
)

// Store keeps sessions. Each sentence below is a named subtest of the suite
// in sessionstest, which every implementation passes.
//
// A store never looks at a clock and never deletes: it is told the time, and
// whether a session has expired is judged by its caller. Reads see every
// write that returned before they were called. Any error that is none of this
// package's means that the outcome is unknown.
type Store interface {
	SessionStore
	EpochStore
	DataStore
}

// SessionStore keeps the sessions themselves.
type SessionStore interface {
	// Create adds s. It returns ErrExists, and changes nothing, if the handle
	// is taken, by a live session or by a revoked one.
	Create(ctx context.Context, s Session) error
	// Get returns the session, live, revoked or expired. It returns
	// ErrNotFound if there is none. It returns ErrCorrupt if what is stored is
	// not a whole session or is not the one the handle names.
	Get(ctx context.Context, h Handle) (Session, error)
	// Rotate applies r if r.Allows the stored session, in one atomic step, and
	// returns the session after it and true. Otherwise it changes nothing and
	// returns the session as it is and false. It returns ErrNotFound if there
	// is none. Of concurrent rotations of one generation at most one is
	// applied. It changes neither claims nor data nor the absolute expiry.
	Rotate(ctx context.Context, h Handle, r Rotation) (Session, bool, error)
	// Revoke marks the session revoked. Revoking again keeps the first time
	// and reason. Revoking what is not there is no error and creates nothing.
	// No other call makes a revoked session live again.
	Revoke(ctx context.Context, h Handle, at time.Time, reason string) error
	// List calls yield with every session of the user, revoked and expired
	// ones included, page by page in no particular order, until yield returns
	// an error, which List returns. Sessions of other users and tenants are
	// never among them.
	List(ctx context.Context, u UserKey, yield func([]Session) error) error
	// SetClaims replaces the claims and adds one to their version, if the
	// session is live and their version is the given one. It returns
	// ErrNotFound if there is no live session, and ErrConflict, changing
	// nothing, if the version is another.
	SetClaims(ctx context.Context, h Handle, claims json.RawMessage, version int64) error
}

// EpochStore counts, for each user, how often all sessions were revoked.
type EpochStore interface {
	// Epoch returns the user's count, 0 for a user never seen.
	Epoch(ctx context.Context, u UserKey) (int64, error)
	// BumpEpoch adds one to the user's count. Concurrent bumps are all counted.
	BumpEpoch(ctx context.Context, u UserKey) error
}

// DataStore keeps the data of sessions, apart from the sessions.
type DataStore interface {
	// Data returns the session's data, or the zero Data if none was written.
	Data(ctx context.Context, h Handle) (Data, error)
	// PutData replaces the data if its version is still d.Version-1, and
	// returns ErrConflict, changing nothing, if it is another. The data may be
	// forgotten once keep has passed. It neither reads nor changes the session.
	PutData(ctx context.Context, h Handle, d Data, keep time.Time) error
}

// Rotation is one step of a session's refresh token, with the conditions
// under which it may be taken.
type Rotation struct {
	From  uint32            // generation of the presented token
	Hash  [sha256.Size]byte // digest of the presented token
	Child [sha256.Size]byte // digest of the token that follows it
	Salt  [16]byte          // from which the child was derived
	MAC   string            // id of the key it was derived with

	Now          time.Time // one reading of the clock, for all of it
	Idle         time.Time // idle expiry after the step
	RotatedBy    time.Time // the last rotation must not be later (now less the rotation gap)
	CreatedSince time.Time // the session must not be older (notBefore of the settings)
}

// Allows reports whether r may be applied to s: live, of the presented
// generation and digest, not expired, last rotated long enough ago, and
// created since notBefore. It is the meaning of the condition that a store
// puts on its write.
func (r Rotation) Allows(s Session) bool {
	return s.State == Live &&
		s.Generation == r.From && s.Hash == r.Hash &&
		s.Idle.After(r.Now) && s.Absolute.After(r.Now) &&
		!s.Rotated.After(r.RotatedBy) && !s.Created.Before(r.CreatedSince)
}

// Apply returns s after the step.
func (r Rotation) Apply(s Session) Session {
	s.Generation, s.Hash, s.Previous = r.From+1, r.Child, r.Hash
	s.Salt, s.MACKey = r.Salt, r.MAC
	s.Rotated, s.Idle = r.Now, r.Idle
	return s
}
