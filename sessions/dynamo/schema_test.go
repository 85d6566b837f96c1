//go:build dynamodb

package dynamo_test

import (
	"context"
	"errors"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

// raw is an item as the table has it.
type raw map[string]types.AttributeValue

// items returns every item of the table, by its sort key.
func (w *world) items() map[string]raw {
	w.Helper()
	out, err := w.client.Query(w.Context(), &dynamodb.QueryInput{
		TableName: aws.String(w.table), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("#u = :u"),
		ExpressionAttributeNames:  map[string]string{"#u": "user"},
		ExpressionAttributeValues: raw{":u": &types.AttributeValueMemberS{Value: sessions.KeyOf("public", "u").String()}},
	})
	must(w, err)
	all := map[string]raw{}
	for _, it := range out.Items {
		all[it["item"].(*types.AttributeValueMemberS).Value] = it
	}
	return all
}

// TestAnotherSchemaIsLeftAlone: what a later version may have written is not
// read as ours, and no write but a revoke changes it.
func TestAnotherSchemaIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	g := w.signIn()
	h, one := g.Session.Handle, int64(1)
	if _, err := w.PutData(t.Context(), h, []byte(`{}`), nil); err != nil {
		t.Fatal(err)
	}
	must(t, w.store.SetUserClaims(t.Context(), h.User(), []byte(`{}`), 0))
	must(t, w.Disable(t.Context(), "public", "u", "over"))
	for _, it := range w.items() {
		it["v"] = number("2")
		w.put(it)
	}
	before := w.items()
	if len(before) != 3 {
		t.Fatalf("there are %d items, want a session, its data and its user", len(before))
	}
	now := w.now.Add(time.Hour)
	for name, write := range map[string]func(context.Context) error{
		"refresh": func(ctx context.Context) error { _, err := w.Refresh(ctx, g.Refresh); return err },
		"rotate":  func(ctx context.Context) error { _, _, err := w.store.Rotate(ctx, h, rotationOf(g, now)); return err },
		"claims": func(ctx context.Context) error {
			return w.store.SetClaims(ctx, h, []byte(`{}`), g.Session.ClaimsVersion)
		},
		"data": func(ctx context.Context) error {
			return w.store.PutData(ctx, h, sessions.Data{JSON: []byte(`{"a":1}`), Version: 2}, now)
		},
		"new data": func(ctx context.Context) error {
			return w.store.PutData(ctx, h, sessions.Data{JSON: []byte(`{"a":1}`), Version: 1}, now)
		},
		"put data":    func(ctx context.Context) error { _, err := w.PutData(ctx, h, []byte(`{"a":1}`), &one); return err },
		"end all":     func(ctx context.Context) error { return w.RevokeAll(ctx, "public", "u", "over") },
		"end others":  func(ctx context.Context) error { return w.RevokeOthers(ctx, h, "over") },
		"enable":      func(ctx context.Context) error { return w.store.Enable(ctx, h.User(), 1) },
		"user claims": func(ctx context.Context) error { return w.store.SetUserClaims(ctx, h.User(), []byte(`{}`), 1) },
	} {
		if err := write(t.Context()); err == nil {
			t.Errorf("%s of another schema = nil, want an error", name)
		}
		if after := w.items(); !reflect.DeepEqual(after, before) {
			t.Fatalf("%s changed an item of another schema: %v to %v", name, before, after)
		}
	}
	// Neither is read as nothing: a user of whom nothing is known admits it.
	for _, name := range []string{"session#" + h.ID(), "user"} {
		if _, err := w.Check(t.Context(), g.Claims); !errors.Is(err, sessions.ErrCorrupt) {
			t.Errorf("Check with another schema = %v, want ErrCorrupt", err)
		}
		if _, err := w.List(t.Context(), "public", "u"); !errors.Is(err, sessions.ErrCorrupt) {
			t.Errorf("List with another schema = %v, want ErrCorrupt", err)
		}
		it := w.items()[name]
		it["v"] = number("1")
		w.put(it)
	}
}

func number(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }

// put writes a whole item, as it is.
func (w *world) put(it raw) {
	w.Helper()
	_, err := w.client.PutItem(w.Context(), &dynamodb.PutItemInput{TableName: aws.String(w.table), Item: it})
	must(w, err)
}

// Settings and keys that a later version wrote, or whose version is gone, are
// not changed.
func TestRecordsOfAnotherSchemaAreLeftAlone(t *testing.T) {
	none, some, others := token.CookieDomains{}, token.CookieDomains{Present: "a"}, token.CookieDomains{Present: "b"}
	key := token.MACKey{Number: 1, ID: "m1", Sealed: []byte{1}, ActiveFrom: time.Now()}
	issuer := func(k *dynamo.Keys) error { return k.SetIssuer(t.Context(), "i", "") }
	client := dynamolocal.Client(t)
	for name, c := range map[string]struct{ before, write func(*dynamo.Keys) error }{
		"SetIssuer":    {issuer, func(k *dynamo.Keys) error { return k.SetIssuer(t.Context(), "another", "") }},
		"EndBefore":    {issuer, func(k *dynamo.Keys) error { return k.EndBefore(t.Context(), time.Now()) }},
		"first domain": {issuer, func(k *dynamo.Keys) error { return k.SetCookieDomains(t.Context(), none, some) }},
		"next domain": {
			func(k *dynamo.Keys) error { return k.SetCookieDomains(t.Context(), none, some) },
			func(k *dynamo.Keys) error { return k.SetCookieDomains(t.Context(), some, others) },
		},
		"RevokeMACKey": {
			func(k *dynamo.Keys) error { return k.AddMACKey(t.Context(), key) },
			func(k *dynamo.Keys) error { return k.RevokeMACKey(t.Context(), 1) },
		},
	} {
		table := dynamolocal.Table(t, dynamo.KeysTable)
		keys := dynamo.NewKeys(client, table)
		must(t, c.before(keys))
		for _, version := range []types.AttributeValue{number("2"), nil} {
			before := theRecord(t, client, table)
			if before["v"] = version; version == nil {
				delete(before, "v")
			}
			_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: before})
			must(t, err)
			if err := c.write(keys); !errors.Is(err, sessions.ErrCorrupt) {
				t.Errorf("%s of version %v = %v, want %v", name, version, err, sessions.ErrCorrupt)
			}
			if after := theRecord(t, client, table); !reflect.DeepEqual(after, before) {
				t.Errorf("%s of version %v: %v became %v", name, version, before, after)
			}
		}
	}
}

// theRecord returns the only item of a table of keys.
func theRecord(t *testing.T, client *dynamodb.Client, table string) raw {
	t.Helper()
	out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("Scan = %v, %v, want one item", out, err)
	}
	return out.Items[0]
}

// TestWhatIsGoneIsNotMadeAnew: data without its text are written over by
// nobody, since who reads them later would take the new value for the whole
// truth. Neither does the count of a user's epochs start again.
func TestWhatIsGoneIsNotMadeAnew(t *testing.T) {
	w := newWorld(t)
	h := w.signIn().Session.Handle
	must(t, w.store.PutData(t.Context(), h, sessions.Data{JSON: []byte(`{}`), Version: 1}, w.now))
	it := w.items()["data#"+h.ID()]
	delete(it, "json")
	w.put(it)
	if err := w.store.PutData(t.Context(), h, sessions.Data{JSON: []byte(`{"a":1}`), Version: 2}, w.now); !errors.Is(err, sessions.ErrConflict) {
		t.Errorf("PutData over data without a text = %v, want ErrConflict", err)
	}
	if after := w.items()["data#"+h.ID()]; !reflect.DeepEqual(after, it) {
		t.Errorf("%v was written over: %v", it, after)
	}
	must(t, w.RevokeAll(t.Context(), "public", "u", "over"))
	user := w.items()["user"]
	delete(user, "n")
	w.put(user)
	if err := w.RevokeAll(t.Context(), "public", "u", "over"); !errors.Is(err, sessions.ErrCorrupt) {
		t.Errorf("RevokeAll without a count = %v, want ErrCorrupt", err)
	}
	if after := w.items()["user"]; !reflect.DeepEqual(after, user) {
		t.Errorf("%v was written over: %v", user, after)
	}
}

// TestDataKnowWhoseTheyAre: under another session's key they are neither read
// nor replaced.
func TestDataKnowWhoseTheyAre(t *testing.T) {
	w := newWorld(t)
	h, other := w.signIn().Session.Handle, w.signIn().Session.Handle
	must(t, w.store.PutData(t.Context(), h, sessions.Data{JSON: []byte(`{}`), Version: 1}, w.now))
	it := w.items()["data#"+h.ID()]
	it["item"] = &types.AttributeValueMemberS{Value: "data#" + other.ID()}
	w.put(it)
	if d, err := w.store.Data(t.Context(), other); !errors.Is(err, sessions.ErrCorrupt) {
		t.Errorf("Data = %s, %v, want ErrCorrupt", d.JSON, err)
	}
	if err := w.store.PutData(t.Context(), other, sessions.Data{JSON: []byte(`{"a":1}`), Version: 2}, w.now); !errors.Is(err, sessions.ErrConflict) {
		t.Errorf("PutData = %v, want ErrConflict", err)
	}
	if after := w.items()["data#"+other.ID()]; !reflect.DeepEqual(after, it) {
		t.Errorf("%v was written over: %v", it, after)
	}
}

// rotationOf is the rotation that the store would make with the current token.
func rotationOf(g sessions.Grant, now time.Time) sessions.Rotation {
	return sessions.Rotation{
		From: g.Session.Generation, Hash: g.Session.Hash, Child: [32]byte{1}, MAC: "m1",
		Now: now, Idle: now.Add(time.Hour), RotatedBy: now, CreatedSince: g.Session.Created,
	}
}

// TestTimeToLive: a session is kept a week longer than anyone can use it, and a
// revoked one a week longer than it was.
func TestTimeToLive(t *testing.T) {
	w := newWorld(t)
	g := w.signIn()
	name := "session#" + g.Session.Handle.ID()
	kept := func(after string, want time.Time) {
		t.Helper()
		number := w.items()[name]["expires"].(*types.AttributeValueMemberN).Value
		if want := strconv.FormatInt(want.Add(7*24*time.Hour).Unix(), 10); number != want {
			t.Errorf("expires after %s = %s, want %s", after, number, want)
		}
	}
	kept("the sign-in", g.Session.Idle)
	w.now = w.now.Add(time.Hour)
	g, err := w.Refresh(t.Context(), g.Refresh)
	must(t, err)
	kept("the refresh", g.Session.Idle)
	w.now = w.now.Add(time.Minute)
	must(t, w.Revoke(t.Context(), g.Session.Handle, "over"))
	kept("the revoke", w.now)
}
