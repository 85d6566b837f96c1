//go:build dynamodb

package accounts_test

import (
	"testing"

	"github.com/latchkey-auth/latchkey/functions/internal/accounts"
	"github.com/latchkey-auth/latchkey/functions/internal/accounts/accountstest"
	"github.com/latchkey-auth/latchkey/internal/dynamolocal"
)

func TestDynamo(t *testing.T) {
	client := dynamolocal.Client(t)
	accountstest.TestStore(t, func(t *testing.T) accounts.Store {
		return accounts.NewDynamo(client, dynamolocal.Table(t, accounts.AccountsTable))
	})
}
