package dynamo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// The attributes of key records and settings.
const (
	attrRing      = "ring" // partition key, the same for all
	attrNumber    = "number"
	attrKeyID     = "kid"
	attrAlgorithm = "alg"
	attrPublic    = "public"
	attrSealed    = "sealed" // missing where only verifying is possible
	attrFrom      = "from"
	attrRevokedK  = "revoked"
	attrIssuer    = "issuer"
	attrAPI       = "api"
	attrNotBefore = "notBefore"
)

// The keys of the items.
const (
	theRing      = "keys"
	settingsItem = "settings"
	signingKind  = "signing"
	macKind      = "mac"
)

// numbered is the key of the record of that number. Digits are padded, so
// that sort keys are in the order of the numbers.
func numbered(kind string, n int) item {
	return item{attrRing: text(theRing), attrItem: text(numberedName(kind, n))}
}

func numberedName(kind string, n int) string { return fmt.Sprintf("%s#%010d", kind, n) }

func encodeSigningKey(k token.SigningKey) item {
	it := numbered(signingKind, k.Number)
	it[attrVersion], it[attrNumber] = number(schema), number(int64(k.Number))
	it[attrKeyID], it[attrAlgorithm] = text(k.ID), text(string(k.Algorithm))
	it[attrPublic] = text(string(k.Public))
	it[attrFrom], it[attrRevokedK] = millis(k.ActiveFrom), flag(k.Revoked)
	if k.Sealed != nil {
		it[attrSealed] = binary(k.Sealed)
	}
	return it
}

func (r *reader) signingKey() token.SigningKey {
	k := token.SigningKey{
		Number: r.number(signingKind), ID: r.text(attrKeyID),
		Public:     json.RawMessage(r.text(attrPublic)),
		ActiveFrom: r.instant(attrFrom), Revoked: r.flag(attrRevokedK),
	}
	var err error
	if k.Algorithm, err = token.ParseAlgorithm(r.text(attrAlgorithm)); err != nil {
		r.fail(attrAlgorithm)
	}
	if !json.Valid(k.Public) {
		r.fail(attrPublic)
	}
	if r.has(attrSealed) {
		k.Sealed = bytes.Clone(r.binary(attrSealed))
	}
	return k
}

func encodeMACKey(k token.MACKey) item {
	it := numbered(macKind, k.Number)
	it[attrVersion], it[attrNumber] = number(schema), number(int64(k.Number))
	it[attrKeyID], it[attrSealed] = text(k.ID), binary(k.Sealed)
	it[attrCreated] = millis(k.Created)
	return it
}

func (r *reader) macKey() token.MACKey {
	return token.MACKey{
		Number: r.number(macKind), ID: r.text(attrKeyID),
		Sealed: bytes.Clone(r.binary(attrSealed)), Created: r.instant(attrCreated),
	}
}

// number reads the number of a record, which its sort key must spell.
func (r *reader) number(kind string) int {
	n := int(r.integer(attrNumber, 1, math.MaxInt32))
	if r.text(attrItem) != numberedName(kind, n) {
		r.fail(attrItem)
	}
	return n
}

func encodeSettings(s token.Settings) item {
	return item{
		attrRing: text(theRing), attrItem: text(settingsItem), attrVersion: number(schema),
		attrIssuer: text(s.Issuer), attrAPI: text(s.APIID), attrNotBefore: millis(s.NotBefore),
	}
}

func (r *reader) settings() token.Settings {
	return token.Settings{
		Issuer: r.text(attrIssuer), APIID: r.text(attrAPI), NotBefore: r.instantOrNone(attrNotBefore),
	}
}
