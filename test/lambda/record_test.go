//go:build dynamodb

package lambda_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// request is one kind of request to AWS: the facts that IAM decides by.
type request struct {
	action   string // as IAM names it: dynamodb:GetItem
	resource string // name of a table, that name with an index as in ARNs, or id of a key
	leading  string // value of the partition key, or the sender of a mail; "" for others
}

// record notes every function's requests to AWS. It is a proxy for the
// services, so it sees what the SDK really sends.
type record struct {
	t testing.TB

	mu       sync.Mutex
	requests map[string]map[request]bool // by the function's logical id
	units    map[string]units            // billed by DynamoDB since the last look, by table
}

func newRecord(t testing.TB) *record {
	return &record{t: t, requests: map[string]map[request]bool{}, units: map[string]units{}}
}

// proxy returns the URL at which the function reaches the service at target.
func (r *record) proxy(function, target string) string {
	to, err := url.Parse(target)
	if err != nil {
		r.t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(to) }, ModifyResponse: r.bill}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, in *http.Request) {
		body, err := io.ReadAll(in.Body)
		if err != nil {
			return // the function gave up while it sent; it sends again
		}
		target := in.Header.Get("X-Amz-Target")
		r.note(function, cmp.Or(target, in.URL.Path), body)
		body = askingForUnits(target, body)
		in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		forward.ServeHTTP(w, in)
	}))
	r.t.Cleanup(server.Close)
	return server.URL
}

func (r *record) note(function, target string, body []byte) {
	all, err := parseRequest(target, body)
	if err != nil {
		r.t.Errorf("%s: %s: %v", function, target, err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.requests[function] == nil {
		r.requests[function] = map[request]bool{}
	}
	for _, one := range all {
		r.requests[function][one] = true
	}
}

// taken returns the requests so far, by the function's logical id.
func (r *record) taken() map[string][]request {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string][]request{}
	for function, requests := range r.requests {
		for one := range requests {
			all[function] = append(all[function], one)
		}
	}
	return all
}

// value is a string attribute.
type value struct{ S string }

// body has the members that are read of a request to any service.
type body struct {
	TableName, IndexName      string
	KeyID                     string `json:"KeyId"`
	Key, Item                 map[string]value
	FromEmailAddress          string
	RequestItems              map[string]struct{ Keys []map[string]value } // of one table, with keys of one partition
	TransactItems             []map[string]body                            // by kind: Put, Update, Delete
	KeyConditionExpression    string
	ExpressionAttributeValues map[string]value
}

// parseRequest reads a request from its body and its X-Amz-Target header, or
// its path if it has no such header. Each write of a transaction is a request.
func parseRequest(target string, text []byte) (all []request, err error) {
	var in body
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, err
	}
	for _, item := range in.TransactItems {
		for kind, write := range item {
			all = append(all, request{action: "dynamodb:" + kind + "Item", resource: write.TableName, leading: write.leading()})
		}
	}
	if all != nil {
		return all, nil
	}
	if target == "/v2/email/outbound-emails" {
		return []request{{action: "ses:SendEmail", resource: anyIdentity, leading: in.FromEmailAddress}}, nil
	}
	if function, found := strings.CutPrefix(target, "/2015-03-31/functions/"); found {
		name := strings.TrimSuffix(function, "/invocations")
		return []request{{action: "lambda:InvokeFunction", resource: name}}, nil
	}
	service, operation, _ := strings.Cut(target, ".")
	if service == "TrentService" {
		return []request{{action: "kms:" + operation, resource: in.KeyID}}, nil
	}
	for table, of := range in.RequestItems {
		in.TableName, in.Key = table, of.Keys[0]
	}
	if in.IndexName != "" {
		in.TableName += "/index/" + in.IndexName
	}
	return []request{{action: "dynamodb:" + operation, resource: in.TableName, leading: in.leading()}}, nil
}

// leading returns the value of the partition key, or "" if there is none. A
// query begins with the condition on that key.
func (b body) leading() string {
	for _, item := range []map[string]value{b.Key, b.Item} {
		for _, partition := range []string{"user", "key", "ring"} {
			if v, found := item[partition]; found {
				return v.S
			}
		}
	}
	_, placeholder, _ := strings.Cut(b.KeyConditionExpression, "=")
	placeholder, _, _ = strings.Cut(strings.TrimSpace(placeholder), " ")
	return b.ExpressionAttributeValues[placeholder].S
}
