package accounts_test

import (
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/accountstest"
)

func TestMemory(t *testing.T) {
	accountstest.TestStore(t, func(*testing.T) accounts.Store { return accounts.NewMemory() })
}
