package accounts_test

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/table"
)

func aLink() accounts.Link {
	return accounts.Link{
		Purpose: accounts.ResetPassword, Tenant: tenant, UserID: "id-1", Email: ada,
		Digest: [32]byte{1}, Expires: time.UnixMilli(1_800_000_000_123).UTC(),
	}
}

// newFakeOfLink holds one link, which it returns as it is stored.
func newFakeOfLink(t *testing.T) (*fake, *accounts.Dynamo, table.Item) {
	t.Helper()
	c := &fake{items: make(map[string]table.Item)}
	d := accounts.NewDynamo(c, "accounts")
	wantError(t, "AddLink", d.AddLink(t.Context(), aLink()), nil)
	return c, d, c.items["mail#reset#"+string(aLink().Key())]
}

// What is stored of a link tells nobody its token, and goes when all are too
// old.
func TestStoredLink(t *testing.T) {
	_, _, it := newFakeOfLink(t)
	want := table.Item{
		"key": it["key"], "tenant": table.Value(tenant), "id": table.Value("id-1"), "expires": number("1800000001"), "links": table.Value(aLine),
	}
	if !reflect.DeepEqual(it, want) {
		t.Errorf("stored is %v, want %v", it, want)
	}
}

// aLine is what is stored of aLink.
const aLine = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA 1800000000123 ada@example.com"

func TestDynamoRefusesDamagedLinks(t *testing.T) {
	replaced := func(old, by string) types.AttributeValue { return table.Value(strings.Replace(aLine, old, by, 1)) }
	for name, values := range map[string][]types.AttributeValue{
		"tenant": {nil, table.Value("customers"), number("1")},
		"id":     {nil, table.Value("id-2"), table.Value("")},
		"links": {
			nil, table.Value(""), number("1"), table.Value(aLine + "\n"), table.Value(strings.Repeat(aLine+"\n", 5) + aLine),
			replaced("AQ", ""), replaced("AQ", "!Q"), replaced("A 18", "B 18"), replaced(" 18", "  18"),
			replaced("18", "-18"), replaced("18", "x"), replaced("1800000000123", "253402300800000"),
			replaced("1800000000123", "0"), replaced(ada, ""), replaced(" "+ada, ""),
		},
	} {
		for _, value := range values {
			c, d, it := newFakeOfLink(t)
			if it[name] = value; value == nil {
				delete(it, name)
			}
			got, err := d.Links(t.Context(), accounts.ResetPassword, aLink().Key())
			if !errors.Is(err, accounts.ErrCorrupt) || got != nil {
				t.Errorf("Links with %s = %v: %v, %v, want ErrCorrupt", name, value, got, err)
			}
			before := maps.Clone(it)
			other := aLink()
			other.Digest[0] = 2
			wantError(t, "AddLink to damaged links", d.AddLink(t.Context(), other), accounts.ErrCorrupt)
			if !maps.Equal(c.items[keyOf(it)], before) {
				t.Errorf("AddLink with %s = %v changed the item", name, value)
			}
		}
	}
}
