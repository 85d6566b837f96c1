package sessions

import (
	"context"
	"time"
)

// EventKind says what happened to a session.
type EventKind string

// The kinds of events. Each is reported after the storage has acknowledged it.
const (
	EventStarted    EventKind = "started"     // a session was started
	EventRefreshed  EventKind = "refreshed"   // its refresh token was replaced
	EventFresh      EventKind = "fresh"       // refreshed again soon after: new access token only
	EventReissued   EventKind = "reissued"    // a backend asked for an access token
	EventReplayed   EventKind = "replayed"    // the last retired refresh token came back within the replay window
	EventStale      EventKind = "stale"       // it came back after the window; the session was ended
	EventTheft      EventKind = "theft"       // a token retired earlier came back; the session was ended
	EventRevoked    EventKind = "revoked"     // the session was ended by a call
	EventAllRevoked EventKind = "all revoked" // all sessions of the user were ended but the one of the handle
	EventDisabled   EventKind = "disabled"    // all sessions of the user were ended, and the user may start none
	EventEnabled    EventKind = "enabled"     // the user may start sessions again
	EventLimit      EventKind = "limit"       // ended as the oldest beyond the user's limit
	EventWithdrawn  EventKind = "withdrawn"   // ended before its tokens were given out

	// EventAhead is an alarm: a genuine refresh token is newer than the stored
	// session. Either the table was restored from a backup and notBefore was
	// not set, or a key has leaked. Nothing was changed.
	EventAhead EventKind = "ahead"
)

// Event is something that happened to a session. It holds no secret.
type Event struct {
	Kind   EventKind
	Handle Handle // zero if the event is about all sessions of the user
	Tenant string // empty if the session was named by its handle only
	User   string // as Tenant
	Reason string // why it ended; empty if nothing ended
	At     time.Time
}

// tell reports what happened to s.
func (m *Manager) tell(ctx context.Context, kind EventKind, s Session, reason string) {
	if m.cfg.Events == nil {
		return
	}
	m.cfg.Events(ctx, Event{
		Kind: kind, Handle: s.Handle, Tenant: s.Tenant, User: s.User,
		Reason: reason, At: moment(m.cfg.Now),
	})
}
