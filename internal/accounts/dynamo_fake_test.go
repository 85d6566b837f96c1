package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	gets     []*dynamodb.GetItemInput
	refused  table.Item // what the next updates find, when not nil
	lostPuts int        // conditional puts whose answer is lost and which are sent again
	err      error      // of every call
}

func keyOf(i table.Item) string { return i["key"].(*types.AttributeValueMemberS).Value }

func (c *fake) GetItem(_ context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	c.gets = append(c.gets, in)
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

func (c *fake) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if c.refused != nil {
		return nil, &types.ConditionalCheckFailedException{Item: c.refused}
	}
	return &dynamodb.UpdateItemOutput{}, c.err
}

func (c *fake) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return &dynamodb.DeleteItemOutput{}, c.err
}

func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func adaUser() accounts.User {
	return accounts.User{ID: "id-1", Tenant: tenant, Email: ada, Hash: "hash", Joined: time.UnixMilli(1_800_000_000_123).UTC()}
}

// newTable holds one user.
func newTable(t *testing.T) (*fake, *accounts.Dynamo) {
	t.Helper()
	c := &fake{items: make(map[string]table.Item)}
	d := accounts.NewDynamo(c, "accounts")
	if err := d.Create(t.Context(), adaUser()); err != nil {
		t.Fatalf("Create = %v, want nil", err)
	}
	return c, d
}

func TestDynamoReadsAreConsistent(t *testing.T) {
	c, d := newTable(t)
	if u, err := d.ByID(t.Context(), tenant, "id-1"); err != nil || u != adaUser() {
		t.Fatalf("ByID = %+v, %v, want %+v", u, err, adaUser())
	}
	if len(c.gets) != 2 {
		t.Errorf("ByID made %d reads, want 2", len(c.gets))
	}
	for _, get := range c.gets {
		if !aws.ToBool(get.ConsistentRead) || aws.ToString(get.TableName) != "accounts" {
			t.Errorf("a read of %s is consistent: %t", aws.ToString(get.TableName), aws.ToBool(get.ConsistentRead))
		}
	}
}

// Each row damages one attribute of one of the two items of a user.
func TestDynamoRefusesDamagedUsers(t *testing.T) {
	for _, row := range []struct {
		kind, name string
		value      types.AttributeValue
	}{
		{"email#", "id", nil},
		{"email#", "id", table.Text("")},
		{"email#", "id", &types.AttributeValueMemberNULL{Value: true}},
		{"email#", "tenant", nil},
		{"email#", "tenant", table.Text("customers")},
		{"email#", "email", nil},
		{"email#", "email", table.Text(nobody)},
		{"email#", "hash", nil},
		{"email#", "hash", number("1")},
		{"email#", "hash", &types.AttributeValueMemberB{Value: []byte("hash")}},
		{"email#", "joined", nil},
		{"email#", "joined", table.Text("1800000000123")},
		{"email#", "joined", number("1e3")},
		{"email#", "joined", number("-1")},
		{"email#", "joined", number("1.5")},
		{"user#", "id", nil},
		{"user#", "id", table.Text("id-2")},
		{"user#", "tenant", nil},
		{"user#", "tenant", table.Text("customers")},
		{"user#", "email", nil},
		{"user#", "email", number("1")},
	} {
		c, d := newTable(t)
		for key, stored := range c.items {
			if strings.HasPrefix(key, row.kind) {
				stored[row.name] = row.value
			}
		}
		if row.kind == "email#" {
			u, err := d.ByEmail(t.Context(), tenant, ada)
			wantCorrupt(t, fmt.Sprintf("ByEmail(%s = %v)", row.name, row.value), u, err)
		}
		u, err := d.ByID(t.Context(), tenant, "id-1")
		wantCorrupt(t, fmt.Sprintf("ByID(%s%s = %v)", row.kind, row.name, row.value), u, err)
	}
}

func wantCorrupt(t *testing.T, call string, u accounts.User, err error) {
	t.Helper()
	if !errors.Is(err, accounts.ErrCorrupt) || u != (accounts.User{}) {
		t.Errorf("%s = user %q, %v, want %v", call, u.ID, err, accounts.ErrCorrupt)
	}
}

func TestDynamoRefusesDamagedCounters(t *testing.T) {
	for name, refused := range map[string]table.Item{
		"no count":         {"last": number("1")},
		"no last":          {"count": number("1")},
		"count as text":    {"count": table.Text("1"), "last": number("1")},
		"a negative count": {"count": number("-1"), "last": number("1")},
		"a broken count":   {"count": number("1.5"), "last": number("1")},
	} {
		c, d := newTable(t)
		c.refused = refused
		ok, err := d.Reserve(t.Context(), "", accounts.Backoff{Free: 1, First: 1, Max: 1, Forget: 1}, time.Now())
		if ok || !errors.Is(err, accounts.ErrCorrupt) {
			t.Errorf("Reserve with %s = %t, %v, want %v", name, ok, err, accounts.ErrCorrupt)
		}
	}
}

// The SDK sends a request again when its answer is lost, and then meets its
// own write.
func TestDynamoMeetsItsOwnWrite(t *testing.T) {
	c, d := newTable(t)
	c.lostPuts = 1
	u := adaUser()
	u.ID, u.Email = "id-2", nobody
	if err := d.Create(t.Context(), u); err != nil || c.lostPuts != 0 {
		t.Errorf("Create whose answer was lost = %v, want nil", err)
	}
	c.refused = table.Item{"id": table.Text("id-1"), "hash": table.Text("stronger")}
	if err := d.UpdateHash(t.Context(), adaUser(), "stronger"); err != nil {
		t.Errorf("UpdateHash whose answer was lost = %v, want nil", err)
	}
	if err := d.UpdateHash(t.Context(), adaUser(), "another"); !errors.Is(err, accounts.ErrConflict) {
		t.Errorf("UpdateHash after another = %v, want %v", err, accounts.ErrConflict)
	}
}

func TestDynamoDown(t *testing.T) {
	c, d := newTable(t)
	c.err = errStorage
	ctx, q := t.Context(), accounts.Quota{Limit: 1}
	for name, call := range map[string]func() (bool, error){
		"Create":     func() (bool, error) { return false, d.Create(ctx, adaUser()) },
		"ByEmail":    func() (bool, error) { u, err := d.ByEmail(ctx, tenant, ada); return u.ID != "", err },
		"ByID":       func() (bool, error) { u, err := d.ByID(ctx, tenant, "id-1"); return u.ID != "", err },
		"UpdateHash": func() (bool, error) { return false, d.UpdateHash(ctx, adaUser(), "stronger") },
		"Take":       func() (bool, error) { return d.Take(ctx, q) },
		"GiveBack":   func() (bool, error) { return false, d.GiveBack(ctx, q) },
		"Reserve":    func() (bool, error) { return d.Reserve(ctx, "", accounts.Backoff{}, time.Now()) },
		"Reset":      func() (bool, error) { return false, d.Reset(ctx, "") },
	} {
		if yes, err := call(); yes || !errors.Is(err, errStorage) {
			t.Errorf("%s = %t, %v, want %v", name, yes, err, errStorage)
		}
	}
}
