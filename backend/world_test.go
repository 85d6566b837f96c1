package backend_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/backend"
	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
	"github.com/latchkey-auth/latchkey/sessions"
)

func now() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// handle is one of a session of u1, another one of another session.
func handle() string  { return sessions.Handle(append(make([]byte, 31), 1)).String() }
func another() string { return sessions.Handle(append(make([]byte, 31), 2)).String() }

// key admits to the admin API.
func key() sigv4.Key { return sigv4.Key{ID: "AKIDTEST", Secret: "a secret", Region: "eu-central-1"} }

// admin stands in for the admin API: it keeps what it is asked, checks the
// signature, and says what the test wants.
type admin struct {
	*httptest.Server
	t     *testing.T
	asked []string // method, path and query as they came, If-Match, body
	says  func(line string) (status int, etag, body string)
}

func newAdmin(t *testing.T) *admin {
	a := &admin{t: t}
	a.says = func(string) (int, string, string) { return 200, `"1"`, "{}" }
	a.Server = httptest.NewServer(a)
	t.Cleanup(a.Close)
	return a
}

func (a *admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		a.t.Error(err)
	}
	line := r.Method + " " + r.RequestURI
	if err := key().Verify(r, body, now()); err != nil {
		a.t.Errorf("%s: %v", line, err)
	}
	if len(body) > 0 && r.Header.Get("Content-Type") != "application/json" {
		a.t.Errorf("%s is sent as %q", line, r.Header.Get("Content-Type"))
	}
	parts := []string{line}
	for _, more := range []string{r.Header.Get("If-Match"), string(body)} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	a.asked = append(a.asked, strings.Join(parts, " "))
	status, etag, answer := a.says(line)
	if etag != "" {
		w.Header().Set("Etag", etag)
	}
	w.WriteHeader(status)
	io.WriteString(w, answer)
}

// client returns one of the admin API.
func (a *admin) client() *backend.Client { return newClient(a.URL) }

func credentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: key().ID, SecretAccessKey: key().Secret}, nil
	})
}

// token is what an access token of a session looks like to a backend, which
// does not verify it.
func token(handle string) string {
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return encode(`{"alg":"ES256","kid":"k","typ":"at+jwt"}`) + "." + encode(`{"sessionHandle":"`+handle+`"}`) + ".c2ln"
}

// decided is what the authorizer's context says of u1.
func decided(claims string) map[string]any {
	return map[string]any{
		"latchkey": "1", "user": "u1", "recipeUser": "r1", "tenant": "public", "handle": handle(),
		"expires": "1795521660", "decided": "1795521600", "checked": "store", "payload": claims,
	}
}

// eventOf is a POST with that context, whose token came in a header.
func eventOf(context map[string]any) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0"}
	e.Headers = map[string]string{"authorization": "Bearer " + token(handle())}
	e.RequestContext.HTTP.Method = "POST"
	e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: context}
	return e
}

func restOf(context map[string]any) events.APIGatewayProxyRequest {
	e := events.APIGatewayProxyRequest{HTTPMethod: "POST"}
	e.MultiValueHeaders = map[string][]string{"Authorization": {"Bearer " + token(handle())}}
	e.RequestContext.HTTPMethod, e.RequestContext.Authorizer = "POST", context
	return e
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
