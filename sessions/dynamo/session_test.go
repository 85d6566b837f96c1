package dynamo

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

// anyLongSession draws a session that is as large as a Manager allows.
func anyLongSession(t *rapid.T) sessions.Session {
	plain := func(label string, n int) string {
		return strings.Repeat(rapid.SampledFrom([]string{"a", "~", "0"}).Draw(t, label), n)
	}
	s := anySession(t)
	s.Tenant, s.User, s.RecipeUser = plain("tenant", 64), plain("user", 256), plain("recipe user", 256)
	s.Handle = sessions.NewHandle(sessions.KeyOf(s.Tenant, s.User))
	s.Device, s.MACKey = plain("device", 200), plain("MAC key", 64)
	s.Claims = json.RawMessage(`{"a":"` + plain("claims", 2000-8) + `"}`)
	s.State, s.RevokedAt, s.Reason = sessions.Revoked, anyInstant(t, "revoked"), plain("reason", 100)
	return s
}

// anySession draws a whole session.
func anySession(t *rapid.T) sessions.Session {
	s := sessions.Session{
		Tenant: rapid.StringN(1, 20, 64).Draw(t, "tenant"), User: rapid.StringN(1, 80, 256).Draw(t, "user"),
		RecipeUser: rapid.StringN(0, 80, 256).Draw(t, "recipe user"),
		State:      sessions.Live,
		Generation: rapid.Uint32().Draw(t, "generation"),
		MACKey:     rapid.StringN(1, 20, 64).Draw(t, "MAC key"),
		Created:    anyInstant(t, "created"), Rotated: anyInstant(t, "rotated"),
		Idle: anyInstant(t, "idle"), Absolute: anyInstant(t, "absolute"),
		Claims:        json.RawMessage(rapid.SampledFrom([]string{`{}`, `{"a":1}`, `{"ü":["\u0000",null]}`}).Draw(t, "claims")),
		ClaimsVersion: rapid.Int64Range(1, math.MaxInt64).Draw(t, "claims version"),
		Device:        rapid.StringN(0, 40, 200).Draw(t, "device"),
	}
	s.Handle = sessions.NewHandle(sessions.KeyOf(s.Tenant, s.User))
	anyBytes(t, "hash", s.Hash[:])
	s.Hash[0] |= 1 // The zero digest is none.
	anyBytes(t, "previous", s.Previous[:])
	anyBytes(t, "salt", s.Salt[:])
	if rapid.Bool().Draw(t, "never rotated") {
		s.Generation, s.Rotated = 0, time.Time{}
	}
	if rapid.Bool().Draw(t, "is revoked") {
		s.State, s.RevokedAt = sessions.Revoked, anyInstant(t, "revoked")
		s.Reason = rapid.StringN(0, 40, 100).Draw(t, "reason")
	}
	return s
}

func TestSessionRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anySession(t)
		got, err := decodeSession(encodeSession(want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("decodeSession(encodeSession(%s)) = %s, %v", want, got, err)
		}
	})
}

func TestSessionSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if n := size(encodeSession(anyLongSession(t))); n >= 3500 {
			t.Fatalf("the largest session has %d bytes, want less than 3500", n)
		}
	})
}

func wholeSession() sessions.Session {
	now := time.UnixMilli(1_900_000_000_123).UTC()
	return sessions.Session{
		Handle: sessions.NewHandle(sessions.KeyOf("public", "u")), Tenant: "public", User: "u", RecipeUser: "u",
		State: sessions.Live, Generation: 3, Hash: [32]byte{1}, MACKey: "m1",
		Created: now, Rotated: now, Idle: now.Add(time.Hour), Absolute: now.Add(2 * time.Hour),
		Claims: json.RawMessage(`{}`), ClaimsVersion: 1,
	}
}

func TestExpires(t *testing.T) {
	const week = 7 * 24 * time.Hour
	s := wholeSession()
	for _, c := range []struct {
		name           string
		idle, absolute time.Time
	}{
		{"idle first", s.Created.Add(time.Hour), s.Created.Add(2 * time.Hour)},
		{"absolute first", s.Created.Add(2 * time.Hour), s.Created.Add(time.Hour)},
	} {
		s.Idle, s.Absolute = c.idle, c.absolute
		want := table.Expiry(s.Created.Add(time.Hour + week))
		if got := encodeSession(s)[attrExpires]; !reflect.DeepEqual(got, want) {
			t.Errorf("expires(%s) = %v, want %v", c.name, got, want)
		}
	}
}

func sessionDamages(whole table.Item) []damage {
	other := sessions.NewHandle(sessions.KeyOf("public", "somebody else"))
	damages := []damage{
		{table.VersionAttribute, table.Number(0)}, {table.VersionAttribute, table.Number(2)},
		{attrUser, table.Text(other.User().String())}, {attrUser, table.Text("")}, {attrUser, table.Text("AAAA")},
		{attrItem, table.Text("data#" + other.ID())}, {attrItem, table.Text(epochItem)}, {attrItem, table.Text(sessionPrefix)},
		{attrItem, table.Text(whole[attrItem].(*types.AttributeValueMemberS).Value + "\n")}, {attrItem, table.Text(sessionPrefix + other.ID() + "\n")}, {attrItem, table.Text(sessionPrefix + other.ID() + "=")},
		{attrTenant, table.Text("other")}, {attrUserID, table.Text("somebody else")}, {attrUserID, table.Text("")},
		{attrState, table.Text("")}, {attrState, table.Text("Live")}, {attrState, table.Text("revoked")},
		{attrRevoked, table.Number(1)}, {attrReason, table.Text("why")},
		{attrGen, table.Number(-1)}, {attrGen, table.Number(math.MaxUint32 + 1)},
		{attrHash, table.Binary(make([]byte, 31))}, {attrHash, table.Binary(make([]byte, 32))}, {attrHash, table.Binary(make([]byte, 33))},
		{attrPrevious, table.Binary(nil)}, {attrSalt, table.Binary(make([]byte, 15))}, {attrMACKey, table.Text("")},
		{attrCreated, table.Number(0)}, {attrIdle, table.Number(0)}, {attrAbsolute, table.Number(0)},
		{attrRotated, table.Number(0)}, {attrRotated, table.Number(-1)}, {attrIdle, table.Number(table.MaxMillis + 1)},
		{attrClaims, table.Text("")}, {attrClaims, table.Text("null")}, {attrClaims, table.Text("[]")}, {attrClaims, table.Text(`{"a":`)},
		{attrClaimsV, table.Number(0)}, {attrClaimsV, table.Number(-1)},
	}
	for _, digits := range []string{"", "1.5", "1e3", "+1", "01", "-0", "9223372036854775808", "NaN"} {
		damages = append(damages, damage{attrGen, &types.AttributeValueMemberN{Value: digits}})
	}
	for name, value := range whole {
		if name != attrExpires {
			damages = append(damages, wrongTypes(name, value)...)
		}
	}
	return damages
}

func TestDecodeDamagedSession(t *testing.T) {
	s := wholeSession()
	whole := encodeSession(s)
	if _, err := found(whole, s.Handle); err != nil {
		t.Fatalf("found(whole) = %v, want nil", err)
	}
	for _, d := range sessionDamages(whole) {
		got, err := found(damaged(whole, d), s.Handle)
		if !errors.Is(err, sessions.ErrCorrupt) || got.User != "" {
			t.Errorf("found(%s = %#v) = %s, %v, want ErrCorrupt", d.name, d.value, got, err)
		}
	}
}

// What a list holds is under its own user's key, too.
func TestDecodeMisplacedSession(t *testing.T) {
	other := sessions.NewHandle(sessions.KeyOf("public", "somebody else"))
	whole := encodeSession(wholeSession())
	for _, d := range []damage{{attrUser, table.Text(other.User().String())}, {attrTenant, table.Text("other")}, {attrUserID, table.Text("somebody else")}} {
		if got, err := decodeSession(damaged(whole, d)); !errors.Is(err, sessions.ErrCorrupt) || got.User != "" {
			t.Errorf("decodeSession(%s = %#v) = %s, %v, want ErrCorrupt", d.name, d.value, got, err)
		}
	}
}

func TestFoundIsTheOneAskedFor(t *testing.T) {
	s := wholeSession()
	other := sessions.NewHandle(s.Handle.User())
	if _, err := found(encodeSession(s), other); !errors.Is(err, sessions.ErrCorrupt) {
		t.Errorf("found(another session of the user) = %v, want ErrCorrupt", err)
	}
	if _, err := found(nil, other); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("found(nothing) = %v, want ErrNotFound", err)
	}
}

// TestErrorsHoldNoValues damages attributes with a text that no error may show.
func TestErrorsHoldNoValues(t *testing.T) {
	s := wholeSession()
	whole := encodeSession(s)
	for name := range whole {
		for _, value := range []types.AttributeValue{table.Text("SECRET"), table.Binary([]byte("SECRET")), &types.AttributeValueMemberN{Value: "SECRET"}} {
			_, err := found(damaged(whole, damage{name, value}), s.Handle)
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("found(%s) = %v, which shows the value", name, err)
			}
		}
	}
}
