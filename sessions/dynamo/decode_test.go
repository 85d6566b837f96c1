package dynamo

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// largest returns a session that is as large as a Manager allows.
func largest() sessions.Session {
	s := wholeSession()
	s.Tenant, s.User, s.RecipeUser = strings.Repeat("t", 64), strings.Repeat("u", 256), strings.Repeat("r", 256)
	s.Handle = sessions.NewHandle(sessions.KeyOf(s.Tenant, s.User))
	s.Device, s.MACKey, s.Epoch = strings.Repeat("d", 200), strings.Repeat("m", 64), math.MaxInt64
	s.Claims = json.RawMessage(`{"a":"` + strings.Repeat("c", 1000-8) + `"}`)
	s.State, s.RevokedAt, s.Reason = sessions.Revoked, s.Idle, strings.Repeat("w", 100)
	return s
}

// size is what DynamoDB counts of an item: names and values.
func size(it table.Item) int {
	n := 0
	for name, value := range it {
		n += len(name)
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			n += len(v.Value)
		case *types.AttributeValueMemberB:
			n += len(v.Value)
		case *types.AttributeValueMemberN:
			n += len(v.Value)/2 + 2
		}
	}
	return n
}

func TestSessionSize(t *testing.T) {
	if n := size(encodeSession(largest())); n >= 3500 {
		t.Errorf("the largest session has %d bytes, want less than 3500", n)
	}
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
	want := table.Value(table.Expiry(s.Created.Add(time.Hour + week)))
	for range 2 {
		if got := encodeSession(s)[attrExpires]; !reflect.DeepEqual(got, want) {
			t.Errorf("expires(idle %v, absolute %v) = %v, want %v", s.Idle, s.Absolute, got, want)
		}
		s.Idle, s.Absolute = s.Absolute, s.Idle
	}
}

// damage is one thing that can be wrong with an item. A nil value removes the
// attribute.
type damage struct {
	name  string
	value types.AttributeValue
}

// damaged returns copies of the item, each with one of the damages done, or an
// attribute gone or of another type, but for those that may be so.
func damaged(whole table.Item, damages []damage, may ...string) map[string]table.Item {
	for name := range whole {
		damages = append(damages, damage{name, nil}, damage{name, &types.AttributeValueMemberSS{Value: []string{"SECRET"}}})
	}
	all := make(map[string]table.Item)
	for _, d := range damages {
		it := maps.Clone(whole)
		if it[d.name] = d.value; d.value == nil {
			delete(it, d.name)
		}
		described, _ := json.Marshal(d.value)
		all[d.name+" = "+string(described)] = it
	}
	for _, name := range may {
		maps.DeleteFunc(all, func(of string, _ table.Item) bool { return of == name || strings.HasPrefix(of, name+" = ") })
	}
	return all
}

func TestDecodeDamagedSession(t *testing.T) {
	s := wholeSession()
	other := sessions.NewHandle(sessions.KeyOf("public", "somebody else"))
	whole := encodeSession(s)
	for of, it := range damaged(whole, []damage{
		{table.VersionAttribute, table.Value(2)}, {attrUser, table.Value("")}, {attrUser, table.Value("AAAA")},
		{attrItem, table.Value(dataPrefix + other.ID())}, {attrItem, table.Value(userItem)}, {attrItem, table.Value(sessionPrefix)},
		{attrItem, table.Value(sessionPrefix + other.ID() + "\n")}, {attrItem, table.Value(sessionPrefix + other.ID() + "=")},
		{attrState, table.Value("revoked")}, {attrRevoked, table.Value(1)}, {attrReason, table.Value("SECRET")},
		{attrGen, table.Value(-1)}, {attrGen, table.Value(math.MaxUint32 + 1)}, {attrBegun, table.Value(-1)},
		{attrHash, table.Value(make([]byte, 31))}, {attrPrevious, table.Value([]byte(nil))}, {attrSalt, table.Value(make([]byte, 15))},
		{attrCreated, table.Value(0)}, {attrRotated, table.Value(-1)}, {attrClaimsV, table.Value(0)},
	}, attrExpires, attrBegun+" = null") {
		if got, err := found(it, s.Handle); !errors.Is(err, sessions.ErrCorrupt) || got.User != "" || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("found(%s) = %s, %v, want ErrCorrupt and no value", of, got, err)
		}
	}
	delete(whole, attrBegun)
	if got, err := found(whole, s.Handle); err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("found(without an epoch) = %v, %v, want epoch 0", got, err)
	}
	if _, err := found(nil, other); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("found(nothing) = %v, want ErrNotFound", err)
	}
}

func TestDecodeDamagedUser(t *testing.T) {
	key := sessions.KeyOf("public", "u")
	other := sessions.KeyOf("public", "somebody else")
	whole := keyOf(key, userItem)
	maps.Copy(whole, table.Item{
		table.VersionAttribute: table.Value(1), attrEpoch: table.Value(3), attrMoved: table.Value(1), attrWhy: table.Value("why"),
		attrKept: table.Value(sessions.NewHandle(key).ID()), attrOp: table.Value(make([]byte, 16)), attrDisabled: table.Value(true),
		attrClaims: table.Value("{}"), attrClaimsV: table.Value(1),
	})
	if u, err := decodeUser(whole, key); err != nil || u.Epoch != 3 || !u.Disabled || u.Kept.User() != key || u.ClaimsVersion != 1 {
		t.Fatalf("decodeUser = %+v, %v, want all of it", u, err)
	}
	gone := []string{attrKept + " = null", attrOp + " = null", attrDisabled + " = null"}
	for of, it := range damaged(whole, []damage{
		{table.VersionAttribute, table.Value(2)}, {attrUser, table.Value(other.String())}, {attrItem, table.Value("epoch")},
		{attrEpoch, table.Value(0)}, {attrEpoch, table.Value(-1)}, {attrMoved, table.Value(0)},
		{attrKept, table.Value("")}, {attrKept, table.Value(sessions.NewHandle(key).String())}, {attrOp, table.Value(make([]byte, 15))},
		{attrClaimsV, table.Value(0)},
	}, gone...) {
		if u, err := decodeUser(it, key); !errors.Is(err, sessions.ErrCorrupt) || !reflect.DeepEqual(u, sessions.User{}) {
			t.Errorf("decodeUser(%s) = %+v, %v, want ErrCorrupt", of, u, err)
		}
	}
}

// settingsItemOf is the record of settings, as it was first written whole.
func settingsItemOf(s token.Settings) table.Item {
	it := settingsKey()
	it[table.VersionAttribute], it[attrIssuer], it[attrAPI] = table.Value(schema), table.Value(s.Issuer), table.Value(s.APIID)
	it[attrNotBefore] = table.Value(s.NotBefore)
	if s.Cookies != (token.CookieDomains{}) {
		it[attrDomains] = encodeDomains(s.Cookies)
	}
	return it
}

func TestDecodeDamagedRecords(t *testing.T) {
	at := time.UnixMilli(1_900_000_000_123)
	for _, c := range []struct {
		whole table.Item
		extra []damage
		may   string // be gone
	}{
		{encodeSigningKey(token.SigningKey{Number: 1, ID: "k", Algorithm: token.RS256, Public: json.RawMessage(`{}`), Sealed: []byte{1}, ActiveFrom: at}),
			[]damage{
				{attrNumber, table.Value(2)}, {attrNumber, table.Value(0)}, {attrAlgorithm, table.Value("none")}, {attrPublic, table.Value("{")},
				{attrFrom, table.Value(0)}, {attrItem, table.Value("signing#1")}, {attrItem, table.Value("other#0000000001")},
			}, attrSealed + " = null"}, // A key that can only verify.
		{encodeMACKey(token.MACKey{Number: 1, ID: "m", Sealed: []byte{1}, ActiveFrom: at}),
			[]damage{{attrNumber, table.Value(2)}, {attrCreated, table.Value(-1)}, {attrItem, table.Value("mac#")}, {attrRevokedK, table.Value("x")}}, "-"},
		{settingsItemOf(token.Settings{Issuer: "i", APIID: "a", NotBefore: at}),
			[]damage{{attrNotBefore, table.Value(-1)}, {table.VersionAttribute, table.Value(2)},
				{attrDomains, table.Value(`["a"]`)}, {attrDomains, table.Value(`{}`)}, {attrDomains, table.Value(true)}}, "-"},
	} {
		for of, it := range damaged(c.whole, c.extra, attrRing, c.may) {
			var records token.Records
			if err := decodeRecord(it, &records); !errors.Is(err, sessions.ErrCorrupt) {
				t.Errorf("decodeRecord(%v, %s) = %v, want ErrCorrupt", c.whole[attrItem], of, err)
			}
		}
	}
}
