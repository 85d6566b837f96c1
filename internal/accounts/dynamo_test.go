//go:build dynamodb

package accounts_test

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/accounts/accountstest"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
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
		MinPassword: 8, PerSource: 100, Hasher: &accountstest.Hasher{Version: "1"}, Now: func() time.Time { return time.UnixMilli(1_800_000_000_000) },
	})
	if err != nil {
		t.Fatal(err)
	}
	signUp := func(email string) error {
		_, err := a.SignUp(t.Context(), credentials(email, password))
		return err
	}
	signIn := func(source, email, password string) error {
		c := credentials(email, password)
		c.Source = source
		_, err := a.SignIn(t.Context(), c, nil)
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
		{"sign-in", func() error { return signIn(home, ada, password) }, nothing, counter{"UpdateItem": 2, "GetItem": 2, "DeleteItem": 1}},
		{"sign-in at a new network", func() error { return signIn(away, ada, password) }, nothing, counter{"UpdateItem": 7, "GetItem": 2}},
		{"sign-in, wrong password", func() error { return signIn(home, ada, "ten white owls") }, wrong, counter{"UpdateItem": 3, "GetItem": 2}},
		{"sign-in, unknown", func() error { return signIn(home, nobody, password) }, wrong, counter{"UpdateItem": 3, "GetItem": 2}},
		{"sign-in, no address", func() error { return signIn(home, "ada", password) }, func(err error) bool { return errors.As(err, &refused) }, counter{}},
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

// TestCountsAreNotMadeAnew: where a count was taken out of its item no attempt
// passes.
func TestCountsAreNotMadeAnew(t *testing.T) {
	client, name := dynamolocal.Client(t), dynamolocal.Table(t, accounts.AccountsTable)
	for attempt, call := range calls(t.Context(), accounts.NewDynamo(client, name)) {
		if attempt != "Take" && attempt != "Reserve" {
			continue
		}
		if passed, err := call(); err != nil || !passed {
			t.Fatalf("%s = %v, %v, want true", attempt, passed, err)
		}
		all, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(name)})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range all.Items {
			delete(it, "count")
			delete(it, "total")
			if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(name), Item: it}); err != nil {
				t.Fatal(err)
			}
		}
		if passed, err := call(); passed || !errors.Is(err, accounts.ErrCorrupt) {
			t.Errorf("%s without a count = %v, %v, want ErrCorrupt", attempt, passed, err)
		}
	}
}

func nothing(err error) bool { return err == nil }

func wrong(err error) bool { return errors.Is(err, accounts.ErrCredentials) }
