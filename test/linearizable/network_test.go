//go:build dynamodb

package linearizable

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
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

// lagging is a DynamoDB whose copies are behind, as DynamoDB's may be: a read
// that is not consistent is answered with what the read before it would have
// been answered, as long as somebody has asked before.
type lagging struct {
	http.RoundTripper
	mu   sync.Mutex
	seen map[string][]byte // by request
}

func newLagging(base http.RoundTripper) *lagging {
	return &lagging{RoundTripper: base, seen: map[string][]byte{}}
}

func (l *lagging) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := l.RoundTripper.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK || !mayLag(r.Header.Get("X-Amz-Target"), body) {
		return resp, err
	}
	return l.late(resp, string(body))
}

// mayLag reports whether a request is a read that is not consistent.
func mayLag(target string, body []byte) bool {
	var request struct{ ConsistentRead bool }
	err := json.Unmarshal(body, &request)
	read := strings.HasSuffix(target, ".GetItem") || strings.HasSuffix(target, ".Query")
	return err == nil && read && !request.ConsistentRead
}

// late exchanges what the engine answers for what it answered before.
func (l *lagging) late(resp *http.Response, request string) (*http.Response, error) {
	now, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	before, found := l.seen[request]
	l.seen[request] = now
	if !found {
		before = now
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(before)), int64(len(before))
	resp.Header.Del("X-Amz-Crc32") // of what it answered now
	return resp, nil
}

// careless is a client that drops ConsistentRead from the reads that are
// named: of an item by its sort key, of the user that is read beside a session,
// or of a list.
type careless struct {
	dynamo.Client
	drops func(item string) bool
}

const (
	theList        = "the list"
	besideASession = "the user beside a session"
)

func (c careless) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if sort, ok := in.Key["item"].(*types.AttributeValueMemberS); ok && c.drops(sort.Value) {
		in.ConsistentRead = nil
	}
	return c.Client.GetItem(ctx, in, opts...)
}

// BatchGetItem exchanges the item that is named for a copy.
func (c careless) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	out, err := c.Client.BatchGetItem(ctx, in, opts...)
	if err != nil {
		return nil, err
	}
	for table, of := range in.RequestItems {
		for _, key := range of.Keys {
			sort := key["item"].(*types.AttributeValueMemberS).Value
			if !c.drops(sort) && !(sort == "user" && c.drops(besideASession)) {
				continue
			}
			late, err := c.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(table), Key: key}, opts...)
			if err != nil {
				return nil, err
			}
			others := slices.DeleteFunc(out.Responses[table], func(it map[string]types.AttributeValue) bool {
				return reflect.DeepEqual(it["item"], key["item"])
			})
			if late.Item != nil {
				others = append(others, late.Item)
			}
			out.Responses[table] = others
		}
	}
	return out, nil
}

func (c careless) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if c.drops(theList) {
		in.ConsistentRead = nil
	}
	return c.Client.Query(ctx, in, opts...)
}
