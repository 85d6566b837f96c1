package accounts_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/hashing"
	"github.com/latchkey-auth/latchkey/internal/table"
)

// TestRecordedUser signs in a user who signed up before there was one layer
// over DynamoDB: what is stored outlives the code that stored it.
func TestRecordedUser(t *testing.T) {
	body, err := os.ReadFile("testdata/user.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded []map[string]struct{ S, N *string }
	if err := json.Unmarshal(body, &recorded); err != nil {
		t.Fatal(err)
	}
	c := &fake{items: make(map[string]table.Item)}
	for _, attributes := range recorded {
		it := table.Item{}
		for name, a := range attributes {
			if a.S != nil {
				it[name] = table.Value(*a.S)
			} else {
				it[name] = &types.AttributeValueMemberN{Value: *a.N}
			}
		}
		c.items[keyOf(it)] = it
	}
	store := accounts.NewDynamo(c, "accounts")
	a, err := accounts.New(accounts.Config{Store: store, MinPassword: 8, PerSource: 100, Hasher: hashing.Default()})
	if err != nil {
		t.Fatal(err)
	}
	u, err := a.SignIn(t.Context(), credentials(ada, password), nil)
	joined := time.Date(2031, 5, 6, 7, 8, 9, 123e6, time.UTC)
	if err != nil || u.ID != "0f3d35a9-1453-41e0-9022-fd7bbf212f64" || u.Email != ada || u.Tenant != tenant || !u.Joined.Equal(joined) {
		t.Errorf("SignIn = %+v, %v, want the user as written", u, err)
	}
	u.Networks = "" // noted since
	if byID, err := store.ByID(t.Context(), tenant, u.ID); err != nil || byID != u {
		t.Errorf("ByID = %+v, %v, want %+v", byID, err, u)
	}
}
