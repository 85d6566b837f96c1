package sessions

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

// String names the session and its outcome, and hides the tokens.
func (g Grant) String() string {
	return fmt.Sprintf("grant(%s of session %s)", g.Outcome, g.Session.Handle)
}

// GoString is String.
func (g Grant) GoString() string { return g.String() }

// Format writes String whatever the verb, so that %+v and %x hide the tokens
// as well.
func (g Grant) Format(f fmt.State, _ rune) { io.WriteString(f, g.String()) }

// MarshalJSON writes String. To send a Grant, put its parts where they belong:
// it is never sent as a whole.
func (g Grant) MarshalJSON() ([]byte, error) { return json.Marshal(g.String()) }

// LogValue hides the tokens from logs.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// String names the session, and hides its digests, claims and device.
func (s Session) String() string {
	return fmt.Sprintf("session(%s %s, generation %d)", s.State, s.Handle, s.Generation)
}

// GoString is String.
func (s Session) GoString() string { return s.String() }

// Format writes String whatever the verb.
func (s Session) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// LogValue hides the digests from logs.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }
