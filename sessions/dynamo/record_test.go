package dynamo

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

func anySigningKey(t *rapid.T) token.SigningKey {
	k := token.SigningKey{
		Number: rapid.IntRange(1, math.MaxInt32).Draw(t, "number"), ID: rapid.String().Draw(t, "id"),
		Algorithm:  rapid.SampledFrom([]token.Algorithm{token.RS256, token.ES256, token.EdDSA}).Draw(t, "algorithm"),
		Public:     json.RawMessage(`{"kty":"RSA"}`),
		ActiveFrom: anyInstant(t, "from"), Revoked: rapid.Bool().Draw(t, "revoked"),
	}
	if rapid.Bool().Draw(t, "is sealed") {
		k.Sealed = rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "sealed")
	}
	return k
}

// settingsItemOf is the record of settings, as it was first written whole.
func settingsItemOf(s token.Settings) table.Item {
	it := settingsKey()
	it[table.VersionAttribute], it[attrIssuer], it[attrAPI] = table.Number(schema), table.Text(s.Issuer), table.Text(s.APIID)
	it[attrNotBefore] = table.Millis(s.NotBefore)
	if s.Cookies != (token.CookieDomains{}) {
		it[attrDomains] = encodeDomains(s.Cookies)
	}
	return it
}

func TestRecordsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := token.Records{
			Settings: token.Settings{Issuer: rapid.String().Draw(t, "issuer"), APIID: rapid.String().Draw(t, "api")},
			Signing:  []token.SigningKey{anySigningKey(t)},
			MAC: []token.MACKey{{
				Number: rapid.IntRange(1, math.MaxInt32).Draw(t, "number"), ID: rapid.String().Draw(t, "id"),
				Sealed: rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "sealed"), ActiveFrom: anyInstant(t, "created"),
			}},
		}
		if rapid.Bool().Draw(t, "MAC key is revoked") {
			want.MAC[0].Revoked, want.MAC[0].Sealed = true, nil
		}
		if rapid.Bool().Draw(t, "has domains") {
			want.Settings.Cookies = token.CookieDomains{Present: rapid.String().Draw(t, "present"), Replaced: [3]string{rapid.String().Draw(t, "replaced")}}
		}
		if rapid.Bool().Draw(t, "has notBefore") {
			want.Settings.NotBefore = anyInstant(t, "notBefore")
		}
		var got token.Records
		for _, it := range []table.Item{settingsItemOf(want.Settings), encodeSigningKey(want.Signing[0]), encodeMACKey(want.MAC[0])} {
			if err := decodeRecord(it, &got); err != nil {
				t.Fatalf("decodeRecord(%v) = %v", it[attrItem], err)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("decoded %+v, want %+v", got, want)
		}
	})
}

func TestDecodeDamagedRecords(t *testing.T) {
	at := time.UnixMilli(1_900_000_000_123)
	signing := encodeSigningKey(token.SigningKey{Number: 1, ID: "k", Algorithm: token.RS256, Public: json.RawMessage(`{}`), Sealed: []byte{1}, ActiveFrom: at})
	mac := encodeMACKey(token.MACKey{Number: 1, ID: "m", Sealed: []byte{1}, ActiveFrom: at})
	settings := settingsItemOf(token.Settings{Issuer: "i", APIID: "a", NotBefore: at})
	for _, c := range []struct {
		whole table.Item
		extra []damage
	}{
		{signing, []damage{{attrNumber, table.Number(2)}, {attrNumber, table.Number(0)}, {attrAlgorithm, table.Text("none")},
			{attrPublic, table.Text("{")}, {attrFrom, table.Number(0)}, {attrItem, table.Text("signing#1")}, {attrItem, table.Text("other#0000000001")}}},
		{mac, []damage{{attrNumber, table.Number(2)}, {attrCreated, table.Number(-1)}, {attrItem, table.Text("mac#")},
			{attrRevokedK, table.Text("x")}}},
		{settings, []damage{{attrNotBefore, table.Number(-1)}, {table.VersionAttribute, table.Number(2)},
			{attrDomains, table.Text(`["a"]`)}, {attrDomains, table.Text(`{}`)}, {attrDomains, table.Flag(true)}}},
	} {
		damages := c.extra
		for name, value := range c.whole {
			if name != attrRing {
				damages = append(damages, wrongTypes(name, value)...)
			}
		}
		for _, d := range damages {
			if d.name == attrSealed && d.value == nil && c.whole[attrAlgorithm] != nil {
				continue // A key that can only verify.
			}
			var records token.Records
			if err := decodeRecord(damaged(c.whole, d), &records); !errors.Is(err, sessions.ErrCorrupt) {
				t.Errorf("decodeRecord(%v, %s = %#v) = %v, want ErrCorrupt", c.whole[attrItem], d.name, d.value, err)
			}
		}
	}
}
