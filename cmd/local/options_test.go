package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
)

func TestOptions(t *testing.T) {
	o, err := parseOptions([]string{"-addr", "127.0.0.1:0", "-set", "A=1", "-set", "B=x=y", "-dynamodb", "http://127.0.0.1:8000", "-signing-key", "k", "-template", "t"})
	if err != nil {
		t.Fatalf("parseOptions = %v, want nil", err)
	}
	if o.addr != "127.0.0.1:0" || o.dynamodb != "http://127.0.0.1:8000" || o.signingKey != "k" || o.template != "t" {
		t.Errorf("parseOptions = %+v", o)
	}
	if want := map[string]string{"A": "1", "B": "x=y"}; !maps.Equal(o.set, want) {
		t.Errorf("set = %v, want %v", o.set, want)
	}
	if o, err := parseOptions(nil); err != nil || o.addr != "127.0.0.1:8787" || o.template != "template.yaml" {
		t.Errorf("parseOptions of nothing = %+v, %v, want the defaults", o, err)
	}
}

func TestOptionsFaults(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-set", "A"}, "not of the form Parameter=Value"},
		{[]string{"-set", "A=1", "-set", "A=2"}, "A is set twice"},
		{[]string{"-dynamodb", "127.0.0.1:8000"}, "not a URL"},
		{[]string{"-dynamodb", ""}, "not a URL"},
		{[]string{"-dynamodb", "ftp://127.0.0.1"}, "not a URL"},
		{[]string{"-dynamodb", "https://dynamodb.eu-west-1.amazonaws.com"}, "this is AWS"},
		{[]string{"-dynamodb", "https://DynamoDB.cn-north-1.amazonaws.com.cn.:443"}, "this is AWS"},
		{[]string{"-dynamodb", "https://dynamodb.us-east-1.api.aws"}, "this is AWS"},
		{[]string{"-invoke", "F"}, "not of the form LogicalId=URL"},
		{[]string{"-invoke", "F=127.0.0.1:9000"}, "not of the form LogicalId=URL"},
		{[]string{"-invoke", "=http://127.0.0.1:9000"}, "not of the form LogicalId=URL"},
		{[]string{"-invoke", "F=http://127.0.0.1:9000", "-invoke", "F=http://127.0.0.1:9001"}, "F is named twice"},
		{[]string{"serve"}, `unexpected argument "serve"`},
		{[]string{"-unheard"}, "not defined"},
	} {
		if _, err := parseOptions(tt.args); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("parseOptions(%v) = %v, want %q", tt.args, err, tt.want)
		}
	}
}

func TestRunFaults(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-template", "none.yaml"}, "run this in the folder of template.yaml"},
		{[]string{"-template", "main.go"}, "template:"},
		{[]string{"-template", "../../template.yaml", "-addr", "127.0.0.1:99999"}, "-addr:"},
		{[]string{"-template", "../../template.yaml", "-addr", "127.0.0.1"}, "-addr:"},
		{[]string{"-template", "../../template.yaml", "-addr", "127.0.0.1:0", "-invoke", "F=http://127.0.0.1:9"}, "-invoke: no template"},
	} {
		if err := run(context.Background(), tt.args, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("run(%v) = %v, want %q", tt.args, err, tt.want)
		}
	}
	if err := run(context.Background(), []string{"-h"}, io.Discard); err != nil {
		t.Errorf("run(-h) = %v, want nil", err)
	}
	if _, err := parseOptions([]string{"-h"}); !errors.Is(err, errHelp) {
		t.Errorf("parseOptions(-h) = %v, want %v", err, errHelp)
	}
}

// A DynamoDB that does not answer ends the start, with its address.
func TestDynamoDBThatDoesNotAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	args := []string{"-template", "../../template.yaml", "-addr", "127.0.0.1:0", "-dynamodb", "http://127.0.0.1:1"}
	if err := run(ctx, args, io.Discard); err == nil || !strings.Contains(err.Error(), "at http://127.0.0.1:1") {
		t.Errorf("run = %v, want the address that does not answer", err)
	}
}

// An engine that is slow at first is waited for, and that is said once.
func TestDynamoDBThatIsSlow(t *testing.T) {
	var asked atomic.Int32
	engine := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if asked.Add(1) <= 4 {
			panic(http.ErrAbortHandler)
		}
		rw.Header().Set("Content-Type", "application/x-amz-json-1.0")
		io.WriteString(rw, "{}")
	}))
	defer engine.Close()
	var log bytes.Buffer
	w := world{options: options{dynamodb: engine.URL}, log: slog.New(slog.NewTextHandler(&log, nil))}
	client := dynamo.NewClient(dynamo.ClientConfig{
		Region: template.Region, Endpoint: engine.URL, Credentials: awsclient.Environment(credentials(func(string) string { return "" })),
	})
	err := w.patiently(t.Context(), func(ctx context.Context) error { return create(ctx, client, dynamo.KeysTable("keys")) })
	if err != nil {
		t.Errorf("patiently = %v, want that it waits", err)
	}
	if n := strings.Count(log.String(), "waiting for the DynamoDB"); n != 1 || !strings.Contains(log.String(), engine.URL) {
		t.Errorf("it logged %s, want once that it waits for %s", &log, engine.URL)
	}
}
