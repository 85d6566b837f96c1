// Package dynamo keeps sessions and keys in two DynamoDB tables.
//
// Every operation on a session is one strongly consistent read or one
// conditional write of the base table, located by the session's handle. There
// is no index, no transaction and no read before a write. Only Create creates a
// session, so a revoked session stays revoked. Remove deletes sessions that are
// over, and so does the table's time to live, a week after nobody can use them.
//
// An item that cannot be read as a whole session of exactly the requested
// handle is sessions.ErrCorrupt. Any fault of DynamoDB or the network is an
// error that is not one of package sessions: what came of the call is unknown.
//
// Start with [NewClient], [New] and [NewKeys]; [SessionsTable] and [KeysTable]
// describe the tables.
package dynamo

import (
	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

var _ sessions.Store = (*Store)(nil)

// Client has the methods of *dynamodb.Client that are called. The SDK repeats a
// call whose answer was lost; every call made here allows for that.
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
