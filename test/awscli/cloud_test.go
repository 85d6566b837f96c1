//go:build awscli

package awscli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// cloud stands for AWS: invoked functions are those of the local run, and the
// rest is moto's server, but for three things. Of CloudFormation it knows one
// stack, with the resources that SAM makes of template.yaml. CodeDeploy, with
// one deployment under way, and Service Quotas remember what they are told.
// Logs keep two lines, which moto cannot filter.
type cloud struct {
	url          string
	local        *local
	lambda, moto *httputil.ReverseProxy
	physical     map[string]string // logical to physical ids

	mutex sync.Mutex
	told  []string // what CodeDeploy and Service Quotas were sent
}

// startCloud runs until the test ends.
func startCloud(t *testing.T, l *local) *cloud {
	t.Helper()
	c := &cloud{local: l, lambda: proxyTo(t, l.URL), moto: proxyTo(t, startMoto(t)), physical: translated(t)}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func proxyTo(t *testing.T, address string) *httputil.ReverseProxy {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return httputil.NewSingleHostReverseProxy(target)
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body)) // an error leaves no Action
	service, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case strings.HasSuffix(r.URL.Path, "/invocations"):
		c.lambda.ServeHTTP(w, r)
	case strings.HasPrefix(form.Get("Action"), "DescribeStack"):
		c.describe(w, form)
	case service == "CodeDeploy_20141006", service == "ServiceQuotasV20190624":
		c.tell(w, operation, body)
	case operation == "FilterLogEvents":
		filterLog(w, body)
	default:
		c.moto.ServeHTTP(w, r)
	}
}

// describe answers DescribeStacks and DescribeStackResource.
func (c *cloud) describe(w http.ResponseWriter, form url.Values) {
	id, found := c.physical[form.Get("LogicalResourceId")]
	switch {
	case form.Get("StackName") != "latchkey", form.Has("LogicalResourceId") && !found:
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>there is none</Message></Error></ErrorResponse>`)
	case found:
		fmt.Fprintf(w, `<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail><PhysicalResourceId>%s</PhysicalResourceId></StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>`,
			html.EscapeString(id))
	default:
		fmt.Fprintf(w, `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><Outputs><member><OutputKey>ApiUrl</OutputKey><OutputValue>%s</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
			html.EscapeString(c.local.URL))
	}
}

// tell remembers what a service was sent, without spaces.
func (c *cloud) tell(w http.ResponseWriter, operation string, body []byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var compact bytes.Buffer
	if err := json.Compact(&compact, body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.told = append(c.told, operation+" "+compact.String())
	io.WriteString(w, map[string]string{"ListDeployments": `{"deployments":["d-UNDERWAY"]}`, "StopDeployment": `{"status":"Pending"}`}[operation])
}

// heard returns all that was told so far.
func (c *cloud) heard() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return strings.Join(c.told, "\n")
}

// filterLog answers as CloudWatch does to a pattern that compares one field
// with one text: { $.field = "text" }.
func filterLog(w http.ResponseWriter, body []byte) {
	var asked struct{ LogGroupName, FilterPattern string }
	var field, text string
	err := json.Unmarshal(body, &asked)
	if _, scanned := fmt.Sscanf(asked.FilterPattern, `{ $.%s = %q }`, &field, &text); err != nil || scanned != nil || asked.LogGroupName != "Logs" {
		http.Error(w, `{"__type":"InvalidParameterException"}`, http.StatusBadRequest)
		return
	}
	type event struct {
		Message string `json:"message"`
	}
	found := []event{}
	for _, line := range []string{`{"level":"INFO","msg":"session started"}`, `{"level":"ERROR","msg":"request failed"}`} {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil && fields[field] == text {
			found = append(found, event{line})
		}
	}
	json.NewEncoder(w).Encode(map[string]any{"events": found})
}
