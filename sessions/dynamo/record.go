package dynamo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// The attributes of key records and settings.
const (
	attrRing      = "ring" // partition key, the same for all
	attrNumber    = "number"
	attrKeyID     = "kid"
	attrAlgorithm = "alg"
	attrPublic    = "public"
	attrSealed    = "sealed" // missing if the key only verifies, and in a revoked MAC key
	attrFrom      = "from"
	attrRevokedK  = "revoked"
	attrIssuer    = "issuer"
	attrAPI       = "api"
	attrNotBefore = "notBefore"
	attrDomains   = "domains" // of cookies; missing if none was ever recorded
)

// The keys of the items.
const (
	theRing      = "keys"
	settingsItem = "settings"
	signingKind  = "signing"
	macKind      = "mac"
)

// numbered is the key of the record of that number. Digits are padded, so that
// sort keys have the order of the numbers.
func numbered(kind string, n int) table.Item {
	return table.Item{attrRing: table.Value(theRing), attrItem: table.Value(numberedName(kind, n))}
}

func numberedName(kind string, n int) string { return fmt.Sprintf("%s#%010d", kind, n) }

func encodeSigningKey(k token.SigningKey) table.Item {
	it := numbered(signingKind, k.Number)
	it[table.VersionAttribute], it[attrNumber] = table.Value(schema), table.Value(k.Number)
	it[attrKeyID], it[attrAlgorithm] = table.Value(k.ID), table.Value(string(k.Algorithm))
	it[attrPublic] = table.Value(string(k.Public))
	it[attrFrom], it[attrRevokedK] = table.Value(k.ActiveFrom), table.Value(k.Revoked)
	if k.Sealed != nil {
		it[attrSealed] = table.Value(k.Sealed)
	}
	return it
}

func readSigningKey(r *table.Reader) token.SigningKey {
	k := token.SigningKey{
		Number: readNumber(r, signingKind), ID: r.Text(attrKeyID),
		Public:     json.RawMessage(r.Text(attrPublic)),
		ActiveFrom: r.Instant(attrFrom), Revoked: r.Flag(attrRevokedK),
	}
	var err error
	if k.Algorithm, err = token.ParseAlgorithm(r.Text(attrAlgorithm)); err != nil {
		r.Fail(attrAlgorithm)
	}
	if !json.Valid(k.Public) {
		r.Fail(attrPublic)
	}
	if r.Has(attrSealed) {
		k.Sealed = bytes.Clone(r.Binary(attrSealed))
	}
	return k
}

func encodeMACKey(k token.MACKey) table.Item {
	it := numbered(macKind, k.Number)
	it[table.VersionAttribute], it[attrNumber] = table.Value(schema), table.Value(k.Number)
	it[attrKeyID], it[attrCreated] = table.Value(k.ID), table.Value(k.ActiveFrom)
	if k.Revoked {
		it[attrRevokedK] = table.Value(true)
	} else {
		it[attrSealed] = table.Value(k.Sealed)
	}
	return it
}

// readMACKey reads what encodeMACKey writes. Only a revoked key has no secret.
func readMACKey(r *table.Reader) token.MACKey {
	k := token.MACKey{Number: readNumber(r, macKind), ID: r.Text(attrKeyID), ActiveFrom: r.Instant(attrCreated)}
	if r.Has(attrRevokedK) {
		k.Revoked = r.Flag(attrRevokedK)
	}
	if !k.Revoked {
		k.Sealed = bytes.Clone(r.Binary(attrSealed))
	}
	return k
}

// readNumber reads the number of a record, which its sort key must hold as
// well.
func readNumber(r *table.Reader, kind string) int {
	n := int(r.Integer(attrNumber, 1, math.MaxInt32))
	if r.Text(attrItem) != numberedName(kind, n) {
		r.Fail(attrItem)
	}
	return n
}

func settingsKey() table.Item {
	return table.Item{attrRing: table.Value(theRing), attrItem: table.Value(settingsItem)}
}

func readSettings(r *table.Reader) token.Settings {
	s := token.Settings{
		Issuer: r.Text(attrIssuer), APIID: r.Text(attrAPI), NotBefore: r.InstantOrNone(attrNotBefore),
	}
	if r.Has(attrDomains) {
		s.Cookies = readDomains(r)
	}
	return s
}

// encodeDomains writes the domains as a JSON array, the present one first. The
// same domains always give the same text, so texts are compared.
func encodeDomains(d token.CookieDomains) types.AttributeValue {
	text, _ := json.Marshal(append([]string{d.Present}, d.Replaced[:]...)) // texts
	return table.Value(string(text))
}

func readDomains(r *table.Reader) token.CookieDomains {
	var d token.CookieDomains
	var all []string
	if json.Unmarshal([]byte(r.Text(attrDomains)), &all) != nil || len(all) != 1+len(d.Replaced) {
		r.Fail(attrDomains)
		return d
	}
	d.Present = all[0]
	copy(d.Replaced[:], all[1:])
	return d
}
