package accounts_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// Whoever floods a counter gets no more out of it than its limit, and the
// service is not taken to be down, which would ring an alarm. A whole table
// that is throttled is down.
func TestCountersThatAreFlooded(t *testing.T) {
	for _, test := range []struct {
		name, body string
		flooded    bool
	}{
		{"a key", `"#ProvisionedThroughputExceededException","ThrottlingReasons":[{"reason":"TableWriteKeyRangeThroughputExceeded"}]`, true},
		{"a key, on demand", `"#ThrottlingException","throttlingReasons":[{"reason":"TableWriteKeyRangeThroughputExceeded"}]`, true},
		{"a table", `"#ThrottlingException","throttlingReasons":[{"reason":"TableWriteAccountLimitExceeded"}]`, false},
		{"both", `"#ThrottlingException","throttlingReasons":[{"reason":"TableWriteKeyRangeThroughputExceeded"},{"reason":"TableWriteMaxOnDemandThroughputExceeded"}]`, false},
		{"no reason", `"#ProvisionedThroughputExceededException"`, false},
		{"another fault", `"#InternalServerError","ThrottlingReasons":[{"reason":"TableWriteKeyRangeThroughputExceeded"}]`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := accounts.NewDynamo(answering(t, `{"__type":`+test.body+`}`), "accounts")
			now := time.Now()
			for name, count := range map[string]func() (bool, error){
				"Take": func() (bool, error) { return d.Take(t.Context(), accounts.Quota{Limit: 1, Ends: now}) },
				"Reserve": func() (bool, error) {
					return d.Reserve(t.Context(), "", accounts.Backoff{Free: 1, First: 1, Max: 1, Forget: 1}, now)
				},
			} {
				if ok, err := count(); ok || (err == nil) != test.flooded {
					t.Errorf("%s = %t, %v, want false and an error: %t", name, ok, err, !test.flooded)
				}
			}
			if _, err := d.ByEmail(t.Context(), tenant, ada); err == nil || errors.Is(err, accounts.ErrNotFound) {
				t.Errorf("ByEmail = %v, want a fault of the storage", err)
			}
		})
	}
}

// answering returns a client of a DynamoDB that refuses everything like that.
func answering(t *testing.T, body string) *dynamodb.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), Retryer: aws.NopRetryer{}, Credentials: aws.AnonymousCredentials{},
	})
}
