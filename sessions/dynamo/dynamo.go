// Package dynamo keeps sessions and keys in two DynamoDB tables.
//
// Every operation on a session is one strongly consistent read or one
// conditional write of the base table, located by the session's handle; there
// is no index, no transaction and no read before a write. Nothing creates a
// session but Create, so that a revoked session stays revoked: what is over is
// removed by Remove, or by the table's time to live, a week after nobody can
// use it.
//
// What cannot be read as a whole session of exactly the handle that was asked
// for is sessions.ErrCorrupt. Any fault of DynamoDB or the network is an error
// that is none of package sessions', which means that the outcome is unknown.
//
// Start with [NewClient], [New] and [NewKeys]; [SessionsTable] and [KeysTable]
// describe the tables.
package dynamo

import (
	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

var _ sessions.Store = (*Store)(nil)

// Client is what is called of a *dynamodb.Client. The SDK repeats a call whose
// answer was lost; every call made here allows for that.
type Client = table.Client

// Store is a sessions.Store in the table that SessionsTable describes. It is
// safe for concurrent use, and any number of Stores may share one table.
type Store struct {
	table table.Table
}

// New returns the Store in the table.
func New(client Client, tableName string) *Store {
	return &Store{table: table.Table{Client: client, Name: tableName}}
}
