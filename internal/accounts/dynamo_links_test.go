package accounts_test

import (
	"errors"
	"maps"
	"slices"
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
		"key": it["key"], "tenant": table.Value(tenant), "id": table.Value("id-1"), "expires": number("1800000001"),
		"links": table.Value("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA 1800000000123 ada@example.com"),
	}
	same := func(a, b types.AttributeValue) bool { return wordOf(a) == wordOf(b) }
	if !maps.EqualFunc(it, want, same) {
		t.Errorf("stored is %v, want %v", it, want)
	}
}

func wordOf(a types.AttributeValue) string {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		return "S " + a.Value
	case *types.AttributeValueMemberN:
		return "N " + a.Value
	}
	return ""
}

func TestDynamoRefusesDamagedLinks(t *testing.T) {
	_, _, it := newFakeOfLink(t)
	line := strings.TrimPrefix(wordOf(it["links"]), "S ")
	replaced := func(old, by string) types.AttributeValue { return table.Value(strings.Replace(line, old, by, 1)) }
	for name, values := range map[string][]types.AttributeValue{
		"tenant": {nil, table.Value("customers"), number("1")},
		"id":     {nil, table.Value("id-2"), table.Value("")},
		"links": {
			nil, table.Value(""), number("1"), table.Value(line + "\n"), table.Value(strings.Repeat(line+"\n", 5) + line),
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

// The SDK sends a request again when its answer is lost, and then meets its
// own write.
func TestAddLinkMeetsItsOwnWrite(t *testing.T) {
	c := &fake{items: make(map[string]table.Item), lostPuts: 1}
	d := accounts.NewDynamo(c, "accounts")
	wantError(t, "AddLink whose answer was lost", d.AddLink(t.Context(), aLink()), nil)
	got, err := d.Links(t.Context(), accounts.ResetPassword, aLink().Key())
	if err != nil || c.lostPuts != 0 || !slices.Equal(got, []accounts.Link{aLink()}) {
		t.Errorf("Links = %v, %v, want the one", got, err)
	}
}
