package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
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

// What a run cannot serve ends its start with words.
func TestRunFaults(t *testing.T) {
	own := func(args ...string) []string { return append([]string{"-template", "../../template.yaml"}, args...) }
	attached := func(name, old, new string) []string {
		return append(changed(t, name, old, new), "-latchkey", "../../template.yaml")
	}
	rows := []struct {
		args []string
		want string
	}{
		{[]string{"-template", "none.yaml"}, "run this in the folder of template.yaml"},
		{[]string{"-template", "main.go"}, "-template: template:"},
		{own("-addr", "127.0.0.1:99999"), "-addr:"},
		{own("-addr", "127.0.0.1"), "-addr:"},
		{own("-invoke", "F=http://127.0.0.1:9"), "-invoke: no template"},
		{
			own("-set", "IdleSeconds=10", "-set", "AccessTokenSeconds=20"),
			"IDLE_SECONDS must be at least ACCESS_TOKEN_SECONDS and ROTATION_GAP_SECONDS together",
		},
		{own("-set", "RotationGapSeconds=10"), "ROTATION_GAP_SECONDS"},
		{own("-set", "AccessTokenSeconds=86401"), "parameter AccessTokenSeconds"},
		{own("-set", "NoSuch=1"), "there is no parameter NoSuch"},
		{own("-set", "CookieSameSite=none"), "CookieSameSite=none needs https"},
		{example("http-api"), "-latchkey"},
		{attached("http-api", "-AuthorizerArn", "-NoSuch"), "no stack here exports"},
		{attached("http-api", "  WhoAmIFunction:", "  OtherFunction:"), "OtherFunction: there is no such function"},
		{attached("http-api", "AWS::Serverless::HttpApi", "AWS::Serverless::Application"), "a template of its own"},
		{
			attached("http-api", "  ShopApi:", "  Local:\n    Type: AWS::Serverless::HttpApi\n  ShopApi:"),
			"Local has the id of Latchkey's own API",
		},
		{attached("custom-domain", "ApiId: !Ref ShopApi\n", "ApiId: other\n"), "is no HTTP API of the template"},
	}
	for name, want := range keyFaults(t) {
		rows = append(rows, struct {
			args []string
			want string
		}{own("-signing-key", name), want})
	}
	for _, tt := range rows {
		if !slices.Contains(tt.args, "-addr") {
			tt.args = append(tt.args, "-addr", "127.0.0.1:0")
		}
		if err := run(t.Context(), tt.args, io.Discard); err == nil || strings.Count(err.Error(), tt.want) != 1 {
			t.Errorf("run(%v) = %v, want %q, once", tt.args, err, tt.want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err := run(ended, own("-addr", "127.0.0.1:0", "-dynamodb", "http://127.0.0.1:1"), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "at http://127.0.0.1:1") {
		t.Errorf("run = %v, want the address that does not answer", err)
	}
	if err := run(t.Context(), []string{"-h"}, io.Discard); err != nil {
		t.Errorf("run(-h) = %v, want nil", err)
	}
	// It serves, but does not know the issuer's keys.
	c, _ := startWith(t, nil, changed(t, "hybrid", `-Issuer"}`, `-ApiUrl"}`)...).signUp()
	atShop(c).Get("/me").Want(401)
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
