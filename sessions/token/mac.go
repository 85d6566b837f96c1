package token

import (
	"fmt"
	"log/slog"
)

// MACSize is the length of a MAC key in bytes.
const MACSize = 32

// MAC is an opened key that authenticates refresh tokens. When it is printed,
// logged or encoded, it shows its id and nothing else.
type MAC struct {
	ID  string
	Key [MACSize]byte
}

// String names the key without showing it.
func (m MAC) String() string { return "MAC key " + m.ID }

// GoString names the key without showing it.
func (m MAC) GoString() string { return m.String() }

// Format names the key without showing it, under every verb.
func (m MAC) Format(f fmt.State, _ rune) { fmt.Fprint(f, m.String()) }

// MarshalText names the key without showing it.
func (m MAC) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// LogValue names the key without showing it.
func (m MAC) LogValue() slog.Value { return slog.StringValue(m.String()) }
