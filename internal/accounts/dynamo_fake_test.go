package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/table"
)

// fake is a client that keeps what is put, answers every condition of an
// update as it is told to, and fails when it is told to. The engine's own
// answers are the business of the suite; here are those it gives only on a
// bad day.
type fake struct {
	table.Client
	items    map[string]table.Item
	refused  table.Item // what the next updates find, when not nil
	lostPuts int        // conditional puts whose answer is lost and which are sent again
	err      error      // of every call
}

func keyOf(i table.Item) string { return i["key"].(*types.AttributeValueMemberS).Value }

func (c *fake) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if !aws.ToBool(in.ConsistentRead) || aws.ToString(in.TableName) != "accounts" {
		return nil, errors.New("a read that may not see the last write, or of another table")
	}
	return &dynamodb.GetItemOutput{Item: maps.Clone(c.items[keyOf(in.Key)])}, c.err
}

func (c *fake) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if c.err != nil {
		return nil, c.err
	}
	if old, taken := c.items[keyOf(in.Item)]; taken && in.ConditionExpression != nil {
		return nil, &types.ConditionalCheckFailedException{Item: old}
	}
	c.items[keyOf(in.Item)] = in.Item
	if c.lostPuts > 0 && in.ConditionExpression != nil {
		c.lostPuts--
		return c.PutItem(ctx, in)
	}
	return &dynamodb.PutItemOutput{}, nil
}

func (c *fake) UpdateItem(_ context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if c.refused != nil {
		return nil, &types.ConditionalCheckFailedException{Item: c.refused}
	}
	after := table.Item{}
	for _, name := range in.ExpressionAttributeNames {
		after[name] = number("1")
	}
	return &dynamodb.UpdateItemOutput{Attributes: after}, c.err
}

func (c *fake) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return &dynamodb.DeleteItemOutput{}, c.err
}

func (c *fake) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return &dynamodb.QueryOutput{}, c.err
}

func (c *fake) TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return &dynamodb.TransactWriteItemsOutput{}, c.err
}

func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func adaUser() accounts.User {
	return accounts.User{
		ID: "id-1", Tenant: tenant, Email: ada, Hash: "hash", Joined: time.UnixMilli(1_800_000_000_123).UTC(),
		Networks: "AAAAAAAAAAAABBBBBBBB20833",
	}
}

// newFake holds one user.
func newFake(t *testing.T) (*fake, *accounts.Dynamo) {
	t.Helper()
	c := &fake{items: make(map[string]table.Item)}
	d := accounts.NewDynamo(c, "accounts")
	wantError(t, "Create", d.Create(t.Context(), adaUser()), nil)
	return c, d
}

// Each attribute of the two items of a user is taken away and damaged.
func TestDynamoRefusesDamagedUsers(t *testing.T) {
	null := &types.AttributeValueMemberNULL{Value: true}
	damages := map[string]map[string][]types.AttributeValue{
		"email#": {
			"id": {nil, table.Value(""), null}, "tenant": {nil, table.Value("customers")}, "email": {nil, table.Value(nobody)},
			"hash": {number("1"), table.Value(""), table.Value([]byte("hash"))}, "networks": {number("1"), null},
			"joined": {nil, table.Value("1800000000123"), number("1e3"), number("-1"), number("1.5")},
		},
		"user#": {
			"id": {nil, table.Value("id-2")}, "tenant": {nil, table.Value("customers")}, "email": {nil, number("1")},
		},
	}
	_, whole := newFake(t)
	if u, err := whole.ByID(t.Context(), tenant, "id-1"); err != nil || u != adaUser() {
		t.Errorf("ByID = %+v, %v, want %+v", u, err, adaUser())
	}
	for kind, attributes := range damages {
		for name, values := range attributes {
			for _, value := range values {
				what := fmt.Sprintf("%s%s = %v", kind, name, value)
				c, d := newFake(t)
				for key, stored := range c.items {
					if !strings.HasPrefix(key, kind) {
						continue
					}
					if stored[name] = value; value == nil {
						delete(stored, name)
					}
				}
				if kind == "email#" {
					u, err := d.ByEmail(t.Context(), tenant, ada)
					wantCorrupt(t, "ByEmail, "+what, u, err)
				}
				u, err := d.ByID(t.Context(), tenant, "id-1")
				wantCorrupt(t, "ByID, "+what, u, err)
			}
		}
	}
}

// Nobody signs in as the user of another identity, whatever item is under the
// key.
func TestDynamoRefusesDamagedLogins(t *testing.T) {
	by := accounts.Identity{Provider: "oidc", Issuer: "https://id.example.com", Subject: "s-1"}
	stranger := accounts.User{ID: "id-2", Tenant: tenant, Email: ada, Joined: adaUser().Joined, ThirdParty: by}
	for name, value := range map[string]types.AttributeValue{
		"tenant": table.Value("customers"), "provider": table.Value("saml"), "issuer": table.Value("https://other.example.com"),
		"subject": table.Value("s-2"), "id": number("1"), "email": number("1"), "joined": table.Value("1800000000123"),
	} {
		c, d := newFake(t)
		wantError(t, "Create", d.Create(t.Context(), stranger), nil)
		for key, stored := range c.items {
			if strings.HasPrefix(key, "login#") {
				stored[name] = value
			}
		}
		u, err := d.ByLogin(t.Context(), tenant, by)
		wantCorrupt(t, "ByLogin with another "+name, u, err)
	}
}

func wantCorrupt(t *testing.T, call string, u accounts.User, err error) {
	t.Helper()
	if !errors.Is(err, accounts.ErrCorrupt) || u != (accounts.User{}) {
		t.Errorf("%s = user %q, %v, want %v", call, u.ID, err, accounts.ErrCorrupt)
	}
}

func aQuota() accounts.Quota { return accounts.Quota{Key: "k", Part: "early", Limit: 9} }

func aBackoff() accounts.Backoff { return accounts.Backoff{Free: 1, First: 1, Max: 1, Forget: 1} }

func TestDynamoRefusesDamagedCounters(t *testing.T) {
	for name, refused := range map[string]table.Item{
		"nothing":  {"key": table.Value("k")},
		"no count": {"last": number("1"), "early": number("9")},
		"no last":  {"count": number("1"), "total": number("9")},
		"text":     {"count": table.Value("1"), "last": number("1"), "early": table.Value("1"), "total": number("9")},
		"negative": {"count": number("-1"), "last": number("1"), "early": number("-1"), "total": number("9")},
		"broken":   {"count": number("1.5"), "last": number("1"), "early": number("1.5"), "total": number("9")},
	} {
		c, d := newFake(t)
		c.refused = refused
		if ok, err := d.Reserve(t.Context(), "k", aBackoff(), time.Now()); ok || !errors.Is(err, accounts.ErrCorrupt) {
			t.Errorf("Reserve with %s = %t, %v, want %v", name, ok, err, accounts.ErrCorrupt)
		}
		if n, err := d.Take(t.Context(), aQuota()); n != 0 || !errors.Is(err, accounts.ErrCorrupt) {
			t.Errorf("Take with %s = %d, %v, want %v", name, n, err, accounts.ErrCorrupt)
		}
	}
}

// The SDK sends a request again when its answer is lost, and then meets its
// own write.
func TestDynamoMeetsItsOwnWrite(t *testing.T) {
	c, d := newFake(t)
	c.lostPuts = 1
	u, stronger, another := adaUser(), adaUser(), adaUser()
	u.ID, u.Email, stronger.Hash, another.Hash = "id-2", nobody, "stronger", "another"
	if err := d.Create(t.Context(), u); err != nil || c.lostPuts != 0 {
		t.Errorf("Create whose answer was lost = %v, want nil", err)
	}
	c.lostPuts = 1
	wantError(t, "AddLink whose answer was lost", d.AddLink(t.Context(), aLink()), nil)
	got, err := d.Links(t.Context(), accounts.ResetPassword, aLink().Key())
	if err != nil || c.lostPuts != 0 || !slices.Equal(got, []accounts.Link{aLink()}) {
		t.Errorf("Links = %v, %v, want the one", got, err)
	}
	c.refused = table.Item{"id": table.Value("id-1"), "hash": table.Value("stronger")}
	wantError(t, "Update whose answer was lost", d.Update(t.Context(), adaUser(), stronger), nil)
	wantError(t, "Update after another", d.Update(t.Context(), adaUser(), another), accounts.ErrConflict)
}

// calls are all of a store that ask the table, with whether they say yes.
func calls(ctx context.Context, d *accounts.Dynamo) map[string]func() (bool, error) {
	return map[string]func() (bool, error){
		"Create":      func() (bool, error) { return false, d.Create(ctx, adaUser()) },
		"ByEmail":     func() (bool, error) { u, err := d.ByEmail(ctx, tenant, ada); return u.ID != "", err },
		"ByID":        func() (bool, error) { u, err := d.ByID(ctx, tenant, "id-1"); return u.ID != "", err },
		"Update":      func() (bool, error) { return false, d.Update(ctx, adaUser(), adaUser()) },
		"List":        func() (bool, error) { l, err := d.List(ctx, tenant, "", 1); return len(l) > 0, err },
		"Add":         func() (bool, error) { return false, d.Add(ctx, adaUser()) },
		"Remove":      func() (bool, error) { return false, d.Remove(ctx, tenant, "id-1") },
		"ChangeEmail": func() (bool, error) { return false, d.ChangeEmail(ctx, adaUser(), nobody) },
		"AddLink":     func() (bool, error) { return false, d.AddLink(ctx, aLink()) },
		"Links": func() (bool, error) {
			l, err := d.Links(ctx, accounts.ResetPassword, aLink().Key())
			return len(l) > 0, err
		},
		"DropLinks": func() (bool, error) { return false, d.DropLinks(ctx, accounts.ResetPassword, aLink().Key()) },
		"ByLogin": func() (bool, error) {
			u, err := d.ByLogin(ctx, tenant, accounts.Identity{Subject: "1"})
			return u.ID != "", err
		},
		"Readdress": func() (bool, error) { return false, d.Readdress(ctx, adaUser(), ada) },
		"Take":      func() (bool, error) { n, err := d.Take(ctx, aQuota()); return n > 0, err },
		"GiveBack":  func() (bool, error) { return false, d.GiveBack(ctx, aQuota()) },
		"Reserve":   func() (bool, error) { return d.Reserve(ctx, "k", aBackoff(), time.Now()) },
		"Reset":     func() (bool, error) { return false, d.Reset(ctx, "k") },
	}
}

// A caller that floods a key gets no more out of it than its limit, and the service
// is not taken to be down, which would ring an alarm. A whole table that is
// throttled is down.
func TestKeysThatAreFlooded(t *testing.T) {
	const reason = "TableWriteKeyRangeThroughputExceeded" // package table knows the others
	for _, test := range []struct {
		err     error
		flooded bool
	}{
		{&types.ThrottlingException{ThrottlingReasons: []types.ThrottlingReason{{Reason: aws.String(reason)}}}, true},
		{&types.ThrottlingException{}, false},
		{errStorage, false},
	} {
		c, d := newFake(t)
		c.err = test.err
		for name, call := range calls(t.Context(), d) {
			yes, err := call()
			silent := map[string]bool{"Reserve": true, "GiveBack": true, "Reset": true}[name]
			throttled := !silent && name != "Create" && name != "Update" && name != "ChangeEmail" && name != "Readdress"
			if err != nil && !errors.Is(err, accounts.ErrThrottled) && !errors.Is(err, test.err) {
				t.Errorf("%s = %v, want %v", name, err, test.err)
			}
			if yes || (err == nil) != (silent && test.flooded) || errors.Is(err, accounts.ErrThrottled) != (throttled && test.flooded) {
				t.Errorf("%v: %s = %t, %v, want it flooded: %t", test.err, name, yes, err, test.flooded)
			}
		}
	}
}
