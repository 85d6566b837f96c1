//go:build dynamodb

package dynamo_test

import (
	"crypto/rand"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/sessions/sessionstest"
	"github.com/latchkey-auth/latchkey/sessions/token"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

// opener returns a function that opens a Store in a fresh table, the same for
// all subtests: each has users of its own.
func opener(t *testing.T) func(*testing.T) sessions.Store {
	t.Helper()
	store := dynamo.New(dynamolocal.Client(t), dynamolocal.Table(t, dynamo.SessionsTable))
	return func(*testing.T) sessions.Store { return store }
}

func TestStore(t *testing.T) { sessionstest.TestStore(t, opener(t)) }

func TestManager(t *testing.T) { sessionstest.TestManager(t, opener(t)) }

func TestKeyStore(t *testing.T) {
	client := dynamolocal.Client(t)
	sessionstest.TestKeyStore(t, func(t *testing.T) token.KeyStore {
		return dynamo.NewKeys(client, dynamolocal.Table(t, dynamo.KeysTable))
	})
}

// What the examples say works on tables that they make.
func TestExamples(t *testing.T) {
	client, name := dynamolocal.Client(t), "example-"+rand.Text()
	must(t, create(t.Context(), client, name, name+"-keys"))
	user, err := dynamo.New(client, name).User(t.Context(), sessions.KeyOf("public", "ada"))
	if err != nil || user.Epoch != 0 {
		t.Errorf("User = %+v, %v, want one of whom nothing was written", user, err)
	}
	records, err := dynamo.NewKeys(client, name+"-keys").Load(t.Context())
	if err != nil || len(records.Signing) != 0 {
		t.Errorf("Load = %d keys, %v, want none", len(records.Signing), err)
	}
}
