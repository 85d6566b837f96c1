//go:build dynamodb

// Package lambda_test runs the bootstrap binaries of all functions as Lambda
// runs them. The processes have the environment that template.yaml declares,
// get their events from a Runtime API, and use DynamoDB Local and a stand-in
// for KMS. The local run's gateway is in front of them, so they are called over
// HTTP.
//
// Everything they log is read at the end. It must be JSON and must not contain
// any secret of the run.
package lambda_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/gateway"
	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/kmslocal"
	"github.com/latchkey-auth/latchkey/test/provider"
	"github.com/latchkey-auth/latchkey/test/runtimeapi"
)

const (
	root       = "../.."
	sealingKey = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
	patience   = 2 * time.Minute // for a start on a busy machine
)

// stack is the deployed stack as processes.
type stack struct {
	functions    map[string]*function // by logical id
	environments map[string][]string  // likewise
	tables       map[string]string    // names by the variable that holds them
	post         *postOffice
	postURL      string
	corp         *provider.Provider
	corpFile     string // its certificate
	kms          *kmslocal.Server
	kmsURL       string
	dynamoURL    string
	key          sigv4.Key // gives access to the admin routes
	url          string    // of the API; set by serve
	secrets      secrets
	record       *record // of the functions' requests to AWS; nil means none is kept
}

// function is one function with a single sandbox.
type function struct {
	*runtimeapi.Function
	busy sync.Mutex
}

// newStorage returns a stack with its tables and its key, but no functions yet.
func newStorage(t testing.TB) *stack {
	t.Helper()
	s := &stack{functions: map[string]*function{}, environments: map[string][]string{}, kms: kmslocal.New(sealingKey)}
	kms := httptest.NewServer(s.kms)
	t.Cleanup(kms.Close)
	s.kmsURL = kms.URL
	s.post = &postOffice{invoke: s.invoke, mails: make(chan sentMail, 16)}
	post := httptest.NewServer(s.post)
	t.Cleanup(post.Close)
	s.postURL = post.URL
	s.openProvider(t)
	s.key = sigv4.Key{ID: "AKIAEXAMPLE", Secret: "an example of a secret access key", Region: template.Region}
	s.secrets.add(s.key.Secret)
	s.tables = map[string]string{ // those of the template, by a test of cmd/local
		"SESSIONS_TABLE": dynamolocal.Table(t, dynamo.SessionsTable),
		"ACCOUNTS_TABLE": dynamolocal.Table(t, accounts.AccountsTable),
		"KEYS_TABLE":     dynamolocal.Table(t, dynamo.KeysTable),
	}
	s.dynamoURL = dynamolocal.Endpoint(t)
	return s
}

// start starts the functions and puts the API in front of them.
func (s *stack) start(t testing.TB, binaries map[string]string) {
	t.Helper()
	declared := readTemplate(t)
	for _, f := range declared.Functions {
		s.environments[f.ID] = s.environment(f)
		s.functions[f.ID] = &function{Function: boot(t, binaries[f.ID], s.environments[f.ID])}
	}
	s.serve(t, declared.APIs[0])
}

func readTemplate(t testing.TB) *template.Stack {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := template.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	declared, err := parsed.Stack(map[string]string{
		"MaxSessionsPerUser": "1000", // the most allowed
		"MailFrom":           mailFrom, "WebsiteDomain": website,
	})
	if err != nil {
		t.Fatal(err)
	}
	return declared
}

// build builds the functions for this machine by the Makefile's rules. It
// returns the paths of the binaries by logical id.
func build(t testing.TB) map[string]string {
	t.Helper()
	binaries := map[string]string{}
	for _, f := range readTemplate(t).Functions {
		folder := filepath.Join(t.TempDir(), f.ID)
		binaries[f.ID] = filepath.Join(folder, "bootstrap")
		make := exec.CommandContext(t.Context(), "make", "-C", root, "build-"+f.ID, "GOARCH="+runtime.GOARCH, "ARTIFACTS_DIR="+folder)
		if out, err := make.CombinedOutput(); err != nil {
			t.Fatalf("make build-%s: %v\n%s", f.ID, err, out)
		}
	}
	return binaries
}

// environment returns what the template declares for the function and what
// Lambda itself adds. The values of this run replace those of AWS.
func (s *stack) environment(f template.Function) []string {
	here := map[string]string{
		"KMS_ENDPOINT": s.kmsURL, "DYNAMODB_ENDPOINT": s.dynamoURL, "SES_ENDPOINT": s.postURL, "LAMBDA_ENDPOINT": s.postURL,
	}
	for name, url := range here {
		if s.record != nil {
			here[name] = s.record.proxy(f.ID, url)
		}
	}
	maps.Copy(here, s.tables)
	here["KMS_KEY_ID"] = sealingKey
	env := []string{"AWS_REGION=" + template.Region, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local"}
	if f.ID == "LoginsFunction" {
		env = append(env, "SSL_CERT_FILE="+s.corpFile)
	}
	for name, value := range f.Environment {
		if own, found := here[name]; found {
			value = own
		}
		env = append(env, name+"="+value)
	}
	return env
}

// boot starts a binary. It is stopped when the test ends.
func boot(t testing.TB, binary string, env []string) *runtimeapi.Function {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	f, err := runtimeapi.Start(ctx, binary, env)
	if err != nil {
		t.Fatalf("%s: %v", binary, err)
	}
	t.Cleanup(f.Stop)
	return f
}

// serve puts the gateway in front of the functions.
func (s *stack) serve(t testing.TB, api template.API) {
	t.Helper()
	g, err := gateway.New(gateway.Config{API: api, APIID: apiID, Invoke: s.invoke, Key: s.key, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	s.url = server.URL
}

// invoke passes one event to a function. The error is the function's own.
func (s *stack) invoke(ctx context.Context, id string, event []byte) ([]byte, error) {
	id, _, _ = strings.Cut(id, ":") // each sandbox has the alias live
	f, found := s.functions[id]
	if !found {
		return nil, errors.New("no function " + id)
	}
	f.busy.Lock()
	defer f.busy.Unlock()
	answer, err := f.Invoke(ctx, event)
	if err != nil {
		return nil, err
	}
	if answer.Error != nil {
		return nil, errors.New(answer.Error.Message)
	}
	return answer.Payload, nil
}

// scan returns all items of a table.
func (s *stack) scan(t testing.TB, variable string) *dynamodb.ScanOutput {
	t.Helper()
	table := s.tables[variable]
	out, err := dynamolocal.Client(t).Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
