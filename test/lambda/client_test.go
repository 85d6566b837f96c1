//go:build dynamodb

package lambda_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// origin is the page that the API is called from, which is the template's default.
const origin = "http://localhost:3000"

// client calls the API over HTTP and notes down what is secret in the answers.
type client struct {
	t     *testing.T
	stack *stack

	bearer  string         // sent as Authorization if not empty
	cookies []*http.Cookie // sent as they are
	cookie  bool           // asks for cookies instead of headers
	signed  bool           // signs with the access key of the admin routes
}

func (s *stack) client(t *testing.T) client { return client{t: t, stack: s} }

// answer is a response that was read.
type answer struct {
	t      *testing.T
	call   string
	status int
	header http.Header
	body   []byte
}

func (c client) get(path string) answer { return c.do("GET", path, "") }

func (c client) post(path, body string) answer { return c.do("POST", path, body) }

// do calls the API.
func (c client) do(method, path, body string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.stack.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	c.dress(r)
	if c.signed {
		c.sign(r, body)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	c.stack.secrets.addResponse(response.Header)
	return answer{t: c.t, call: method + " " + path, status: response.StatusCode, header: response.Header, body: text}
}

// dress adds the headers that SuperTokens' frontends send.
func (c client) dress(r *http.Request) {
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Rid", "anti-csrf")
	r.Header.Set("Fdi-Version", "4.1")
	r.Header.Set("St-Auth-Mode", "header")
	if c.cookie {
		r.Header.Set("St-Auth-Mode", "cookie")
		r.Header.Set("Origin", origin)
	}
	if c.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	for _, cookie := range c.cookies {
		r.AddCookie(cookie)
	}
}

// sign signs as the SDKs do.
func (c client) sign(r *http.Request, body string) {
	c.t.Helper()
	key := aws.Credentials{AccessKeyID: c.stack.key.ID, SecretAccessKey: c.stack.key.Secret}
	hash := sha256.Sum256([]byte(body))
	err := v4.NewSigner().SignHTTP(context.Background(), key, r, hex.EncodeToString(hash[:]), "execute-api", template.Region, time.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	c.stack.secrets.add(r.Header.Get("Authorization"))
}

// want fails the test unless the answer has the status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s = %d %s, want %d", a.call, a.status, a.body, status)
	}
	return a
}

// saying fails the test unless the body contains the text.
func (a answer) saying(text string) answer {
	a.t.Helper()
	if !strings.Contains(string(a.body), text) {
		a.t.Fatalf("%s = %s, want %q in it", a.call, a.body, text)
	}
	return a
}

func (a answer) decode(into any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		a.t.Fatalf("%s = %s: %v", a.call, a.body, err)
	}
}

// tokens returns the tokens in the headers.
func (a answer) tokens() (access, refresh string) {
	a.t.Helper()
	access, refresh = a.header.Get("St-Access-Token"), a.header.Get("St-Refresh-Token")
	if access == "" || refresh == "" {
		a.t.Fatalf("%s has no tokens in its headers", a.call)
	}
	return access, refresh
}

// jar returns the cookies that the answer set.
func (a answer) jar() []*http.Cookie {
	a.t.Helper()
	cookies := (&http.Response{Header: a.header}).Cookies()
	if len(cookies) != 2 {
		a.t.Fatalf("%s set %d cookies, want those of two tokens", a.call, len(cookies))
	}
	return cookies
}

// form is the body of sign-up and sign-in. The password is a secret of the run.
func (s *stack) form(email, password string) string {
	s.secrets.add(password)
	type field struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	}
	body, _ := json.Marshal(map[string][]field{"formFields": {{"email", email}, {"password", password}}})
	return string(body)
}
