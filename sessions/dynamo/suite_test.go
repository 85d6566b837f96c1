//go:build dynamodb

package dynamo_test

import (
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
