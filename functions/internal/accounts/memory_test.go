package accounts_test

import (
	"testing"

	"github.com/latchkey-auth/latchkey/functions/internal/accounts"
	"github.com/latchkey-auth/latchkey/functions/internal/accounts/accountstest"
)

func TestMemory(t *testing.T) {
	accountstest.TestStore(t, func(*testing.T) accounts.Store { return accounts.NewMemory() })
}
