package fdi

import (
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// removed is the front-token that tells a client that its session is over.
const removed = "remove"

// FrontToken returns what a frontend may know about a session: standard base64
// of {"uid":…,"ate":…,"up":…}, the user id, the access token's expiry in
// milliseconds since 1970 and the token's whole payload. It is not a
// credential.
//
// A browser keeps it in a cookie named sFrontToken, so name and value together
// must not exceed 4,096 bytes. Package sessions keeps that limit when claims
// are set.
func FrontToken(c token.Claims) (string, error) {
	payload, err := c.Payload()
	if err != nil {
		return "", fmt.Errorf("front-token: %w", err)
	}
	b := []byte(`{"uid":`)
	if b, err = jsontext.AppendQuote(b, c.Subject); err != nil {
		return "", fmt.Errorf("front-token: user id: %w", err)
	}
	b = append(b, `,"ate":`...)
	b = strconv.AppendInt(b, c.Expires.UnixMilli(), 10)
	b = append(b, `,"up":`...)
	b = append(b, payload...)
	b = append(b, '}')
	return base64.StdEncoding.EncodeToString(b), nil
}
