//go:build dynamodb

package linearizable

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

// connect returns a client that repeats calls as ours does, but waits as long
// as it takes: what is found must not depend on how fast the machine is.
func connect(t *testing.T, transport http.RoundTripper) *dynamodb.Client {
	t.Helper()
	return dynamodb.New(dynamodb.Options{
		Region: "local", BaseEndpoint: aws.String(dynamolocal.Endpoint(t)), Credentials: dynamolocal.Credentials(),
		HTTPClient: &http.Client{Transport: transport}, Retryer: awsclient.Retryer(),
	})
}

var errLost = errors.New("connection reset")

// lossy is a network that loses one request in twenty, and one answer in
// twenty of those that were received.
type lossy struct {
	http.RoundTripper
	mu     sync.Mutex
	random *rand.Rand
}

func (l *lossy) loses() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.random.IntN(20) == 0
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.loses() {
		return nil, errLost
	}
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil && l.loses() {
		resp.Body.Close()
		return nil, errLost
	}
	return resp, err
}
