package accounts

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted stands for a Secret wherever it would be printed.
const redacted = "[redacted]"

// Secret is a password or the hash of one. It prints as "[redacted]" by every
// verb, in logs and in JSON; string(s) returns its content.
type Secret string

// String returns a constant, never the secret.
func (Secret) String() string { return redacted }

// Format writes a constant for every verb.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue returns a constant, never the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns a constant: a secret is stored field by field, never by
// an encoder that happens to meet it.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
