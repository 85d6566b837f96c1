package fdi

import (
	"fmt"
	"io"
	"log/slog"
)

const (
	redactedRequest = "fdi.Request{redacted}"
	redactedReply   = "fdi.Reply{redacted}"
)

// Format writes a redaction, whatever the verb.
func (Request) Format(s fmt.State, _ rune) { io.WriteString(s, redactedRequest) }

// LogValue returns a redaction.
func (Request) LogValue() slog.Value { return slog.StringValue(redactedRequest) }

// MarshalText returns a redaction.
func (Request) MarshalText() ([]byte, error) { return []byte(redactedRequest), nil }

// Format writes a redaction, whatever the verb.
func (Reply) Format(s fmt.State, _ rune) { io.WriteString(s, redactedReply) }

// LogValue returns a redaction.
func (Reply) LogValue() slog.Value { return slog.StringValue(redactedReply) }

// MarshalText returns a redaction.
func (Reply) MarshalText() ([]byte, error) { return []byte(redactedReply), nil }
