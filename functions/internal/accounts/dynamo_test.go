//go:build dynamodb

package accounts_test

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

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

// counter counts the requests to DynamoDB as they are on the wire. It is for
// one caller at a time.
type counter map[string]int

// RoundTrip implements http.RoundTripper.
func (c counter) RoundTrip(req *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	c[operation]++
	return http.DefaultTransport.RoundTrip(req)
}

// TestCalls has what signing up and in cost in requests to DynamoDB.
func TestCalls(t *testing.T) {
	calls := counter{}
	client := dynamodb.New(dynamolocal.Client(t).Options(), func(o *dynamodb.Options) {
		o.HTTPClient = &http.Client{Transport: calls}
	})
	a, err := accounts.New(accounts.Config{
		Store:       accounts.NewDynamo(client, dynamolocal.Table(t, accounts.AccountsTable)),
		MinPassword: 8, Hasher: &accountstest.Hasher{Version: "1"}, Now: func() time.Time { return time.UnixMilli(1_800_000_000_000) },
	})
	if err != nil {
		t.Fatal(err)
	}
	signUp := func(email string) error {
		_, err := a.SignUp(t.Context(), credentials(email, password))
		return err
	}
	signIn := func(email, password string) error {
		_, err := a.SignIn(t.Context(), credentials(email, password), nil)
		return err
	}
	var refused *accounts.FieldsError
	for _, c := range []struct {
		name string
		call func() error
		ok   func(error) bool
		want counter
	}{
		{"sign-up", func() error { return signUp(ada) }, nothing, counter{"UpdateItem": 1, "GetItem": 1, "PutItem": 2}},
		{"sign-up, taken", func() error { return signUp(ada) }, func(err error) bool { return errors.As(err, &refused) },
			counter{"UpdateItem": 1, "GetItem": 1}},
		{"sign-in", func() error { return signIn(ada, password) }, nothing, counter{"UpdateItem": 3, "GetItem": 2, "DeleteItem": 1}},
		{"sign-in, wrong password", func() error { return signIn(ada, "ten white owls") }, wrong, counter{"UpdateItem": 2, "GetItem": 2}},
		{"sign-in, unknown", func() error { return signIn(nobody, password) }, wrong, counter{"UpdateItem": 2, "GetItem": 2}},
		{"sign-in, no address", func() error { return signIn("ada", password) }, func(err error) bool { return errors.As(err, &refused) }, counter{}},
	} {
		clear(calls)
		if err := c.call(); !c.ok(err) {
			t.Errorf("%s = %v", c.name, err)
		}
		if !maps.Equal(calls, c.want) {
			t.Errorf("%s makes the requests %v, want %v", c.name, calls, c.want)
		}
	}
}

func nothing(err error) bool { return err == nil }

func wrong(err error) bool { return errors.Is(err, accounts.ErrCredentials) }
