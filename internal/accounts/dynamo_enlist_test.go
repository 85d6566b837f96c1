//go:build dynamodb

package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

// unlisted takes every user of the table out of the list, as versions wrote
// them that had none.
func unlisted(t *testing.T, client *dynamodb.Client, name string) (items []table.Item) {
	t.Helper()
	all, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range all.Items {
		delete(it, "list")
		delete(it, "place")
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: it}); err != nil {
			t.Fatal(err)
		}
	}
	return all.Items
}

// TestEnlist stops twice on its way and is called again. It changes nothing
// about users, nor about who left while it was under way.
func TestEnlist(t *testing.T) {
	const many = 230 // more than two requests read
	client, name := dynamolocal.Client(t), dynamolocal.Table(t, accounts.AccountsTable)
	d := accounts.NewDynamo(client, name)
	for n := range many {
		u := adaUser()
		u.ID, u.Email = fmt.Sprintf("id-%03d", n), fmt.Sprintf("u%d@example.com", n)
		wantError(t, "Add", d.Add(t.Context(), u), nil)
	}
	before := unlisted(t, client, name)
	if none, err := d.List(t.Context(), tenant, "", 1); err != nil || len(none) != 0 {
		t.Fatalf("List = %v, %v, want the list empty", none, err)
	}
	stop := errors.New("stop")
	for _, requests := range []int{60, 150} {
		left := requests
		err := accounts.Enlist(t.Context(), client, name, func(context.Context) error {
			if left--; left < 0 {
				return stop
			}
			return nil
		}, func(int) {})
		wantError(t, "Enlist that is stopped", err, stop)
	}
	quick := func(context.Context) error { return nil }
	wantError(t, "Enlist", accounts.Enlist(t.Context(), client, name, quick, func(int) {}), nil)
	all, err := d.List(t.Context(), tenant, "", many+1)
	if err != nil || len(all) != many || all[0].ID != "id-229" || all[many-1].ID != "id-000" {
		t.Errorf("List = %d users, %v, want %d in order", len(all), err, many)
	}
	for _, it := range before {
		got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &name, Key: table.Item{"key": it["key"]}})
		if err != nil {
			t.Fatal(err)
		}
		delete(got.Item, "list")
		delete(got.Item, "place")
		if !reflect.DeepEqual(got.Item, it) {
			t.Errorf("Enlist left %v of %v", got.Item, it)
		}
	}
	writes := 0
	wantError(t, "Enlist again", accounts.Enlist(t.Context(), client, name, quick, func(users int) { writes += users }), nil)
	if writes != 0 {
		t.Errorf("Enlist again enlisted %d users, want none", writes)
	}
}

// A user who leaves after being read, or gives the address to another, is not
// brought back.
func TestEnlistMeetsRemoval(t *testing.T) {
	client, name := dynamolocal.Client(t), dynamolocal.Table(t, accounts.AccountsTable)
	d := accounts.NewDynamo(client, name)
	heir := adaUser()
	heir.ID, heir.Joined = "id-2", heir.Joined.Add(time.Second)
	for _, follow := range []func(){func() {}, func() { wantError(t, "Add", d.Add(t.Context(), heir), nil) }} {
		wantError(t, "Add", d.Add(t.Context(), adaUser()), nil)
		unlisted(t, client, name)
		requests := 0
		err := accounts.Enlist(t.Context(), client, name, func(context.Context) error {
			if requests++; requests == 2 {
				wantError(t, "Remove", d.Remove(t.Context(), tenant, "id-1"), nil)
				follow()
			}
			return nil
		}, func(int) {})
		wantError(t, "Enlist", err, nil)
		if _, err := d.ByID(t.Context(), tenant, "id-1"); !errors.Is(err, accounts.ErrNotFound) {
			t.Errorf("ByID of who left = %v", err)
		}
	}
	all, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(name)})
	if err != nil || len(all.Items) != 2 {
		t.Errorf("the table has %d items, %v, want those of the heir", len(all.Items), err)
	}
	if list, err := d.List(t.Context(), tenant, "", 9); err != nil || len(list) != 1 || list[0].ID != heir.ID || !list[0].Joined.Equal(heir.Joined) {
		t.Errorf("List = %v, %v, want the heir with the time of joining", list, err)
	}
}
