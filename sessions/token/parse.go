package token

import (
	"encoding/base64"
	"fmt"

	jsonv2 "github.com/go-json-experiment/json"
)

// maxLength is the longest token that is looked at, in bytes.
const maxLength = 4096

// parts are the segments of a compact token.
type parts struct {
	header, payload, signature string
	signed                     string // header and payload with the dot between them
}

// split takes a token apart. Only the alphabet of base64url and exactly two
// dots pass (RFC 7515, section 7.1). So it does not matter what decoders
// tolerate, such as line breaks.
func split(raw string) (parts, error) {
	if len(raw) > maxLength {
		return parts{}, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, maxLength)
	}
	var dots [2]int
	n := 0
	for i := range len(raw) {
		switch c := raw[i]; {
		case c == '.' && n < 2:
			dots[n] = i
			n++
		case !base64url(c):
			return parts{}, fmt.Errorf("%w: form", ErrInvalid)
		}
	}
	if n != 2 {
		return parts{}, fmt.Errorf("%w: form", ErrInvalid)
	}
	return parts{
		header: raw[:dots[0]], payload: raw[dots[0]+1 : dots[1]], signature: raw[dots[1]+1:],
		signed: raw[:dots[1]],
	}, nil
}

// base64url reports whether c is of that alphabet (RFC 4648, section 5).
func base64url(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// header is all that a header may hold.
type header struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
	Typ string `json:"typ"`
}

// decodeHeader reads a header that is not spelled as our signer spells it. It
// refuses repeated names and any other member, such as crit.
func decodeHeader(segment string) (header, error) {
	text, err := decode64(segment)
	if err != nil {
		return header{}, fmt.Errorf("%w: spelling of the header", ErrInvalid)
	}
	var h header
	if err := jsonv2.Unmarshal(text, &h, jsonv2.RejectUnknownMembers(true)); err != nil {
		return header{}, fmt.Errorf("%w: header", ErrInvalid)
	}
	if h.Typ != typ {
		return header{}, fmt.Errorf("%w: kind of token", ErrInvalid)
	}
	return h, nil
}

// LooksLikeOurs reports whether raw has the form of our access tokens. It does
// not say that raw is one. It tells them from an app's own bearer tokens, which
// are none of our business.
func LooksLikeOurs(raw string) bool {
	p, err := split(raw)
	if err != nil {
		return false
	}
	_, err = decodeHeader(p.header)
	return err == nil
}

// decode64 decodes base64url without padding, in its one canonical spelling.
func decode64(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }
