// Package client calls the API in tests as frontends and backends do: with the
// tokens of a session in headers or cookies, or signed.
package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/latchkey-auth/latchkey/internal/template"
)

// Password is one that the policy accepts.
const Password = "nine tall birches by the river"

// Client calls one API with the tokens of a session. With only the URL set it
// is a stranger.
type Client struct {
	T   testing.TB // fails if a call of Get, Post or Do does; Send does not need it
	URL string     // without a slash at the end

	Bearer    string // sent as Authorization, unless empty
	InCookies bool   // asks for tokens in cookies, from a page of Origin
	Origin    string
	Cookies   []*http.Cookie
	Key       aws.Credentials // signs as a backend does, unless empty

	HTTP *http.Client      // nil means http.DefaultClient
	Told func(http.Header) // gets the headers of requests and answers; may be nil
}

// Answer is a complete answer.
type Answer struct {
	t      testing.TB
	Call   string // method and path
	Status int
	Header http.Header
	Body   []byte
}

// Get sends a GET request.
func (c Client) Get(path string) Answer { c.T.Helper(); return c.Do("GET", path, "") }

// Post sends JSON.
func (c Client) Post(path, body string) Answer { c.T.Helper(); return c.Do("POST", path, body) }

// Do calls the API. It fails the test if there is no answer.
func (c Client) Do(method, path, body string) Answer {
	c.T.Helper()
	a, err := c.Send(c.T.Context(), method, path, body)
	if err != nil {
		c.T.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// Send calls the API.
func (c Client) Send(ctx context.Context, method, path, body string) (Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.URL+path, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	c.dress(r)
	if c.Key.AccessKeyID != "" {
		if err := Sign(r, c.Key, body, time.Now()); err != nil {
			return Answer{}, err
		}
	}
	response, err := c.http().Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if c.Told != nil {
		c.Told(r.Header)
		c.Told(response.Header)
	}
	return Answer{c.T, method + " " + path, response.StatusCode, response.Header, text}, err
}

func (c Client) http() *http.Client {
	if c.HTTP == nil {
		return http.DefaultClient
	}
	return c.HTTP
}

// dress adds the headers that SuperTokens' frontends send.
func (c Client) dress(r *http.Request) {
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Rid", "anti-csrf")
	r.Header.Set("Fdi-Version", "4.1")
	r.Header.Set("St-Auth-Mode", "header")
	if c.InCookies {
		r.Header.Set("St-Auth-Mode", "cookie")
	}
	if c.Origin != "" {
		r.Header.Set("Origin", c.Origin)
	}
	if c.Bearer != "" {
		r.Header.Set("Authorization", "Bearer "+c.Bearer)
	}
	for _, cookie := range c.Cookies {
		r.AddCookie(cookie)
	}
}

// Sign signs a request with that body as the SDKs do.
func Sign(r *http.Request, key aws.Credentials, body string, at time.Time) error {
	hash := sha256.Sum256([]byte(body))
	return v4.NewSigner().SignHTTP(r.Context(), key, r, hex.EncodeToString(hash[:]), "execute-api", template.Region, at)
}

// With returns a client with the tokens of the answer instead of its own, and
// without those that the answer takes away.
func (c Client) With(a Answer) Client {
	if access, told := a.Header["St-Access-Token"]; told {
		c.Bearer = access[0]
	}
	if !c.InCookies {
		return c
	}
	for _, set := range (&http.Response{Header: a.Header}).Cookies() {
		c.Cookies = slices.DeleteFunc(slices.Clone(c.Cookies), func(old *http.Cookie) bool { return old.Name == set.Name })
		if set.Value != "" {
			c.Cookies = append(c.Cookies, set)
		}
	}
	return c
}

// Want fails the test at once unless the answer has the status. What follows
// would mean nothing.
func (a Answer) Want(status int) Answer {
	a.t.Helper()
	if err := a.Check(status); err != nil {
		a.t.Fatal(err)
	}
	return a
}

// Check returns an error unless the answer has the status.
func (a Answer) Check(status int) error {
	if a.Status != status {
		return fmt.Errorf("%s = %d %s, want %d", a.Call, a.Status, a.Body, status)
	}
	return nil
}

// Saying fails the test at once unless the body contains the text.
func (a Answer) Saying(text string) Answer {
	a.t.Helper()
	if !strings.Contains(string(a.Body), text) {
		a.t.Fatalf("%s = %s, want %q in it", a.Call, a.Body, text)
	}
	return a
}

// Decode reads the body into what v points to.
func (a Answer) Decode(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body, v); err != nil {
		a.t.Fatalf("%s = %s: %v", a.Call, a.Body, err)
	}
}

// Tokens returns the two tokens in the headers. Both must be there.
func (a Answer) Tokens() (access, refresh string) {
	a.t.Helper()
	access, refresh = a.Header.Get("St-Access-Token"), a.Header.Get("St-Refresh-Token")
	if access == "" || refresh == "" {
		a.t.Fatalf("%s = %d %s without tokens in its headers", a.Call, a.Status, a.Body)
	}
	return access, refresh
}

// Jar returns the cookies of the two tokens that the answer set.
func (a Answer) Jar() []*http.Cookie {
	a.t.Helper()
	cookies := (&http.Response{Header: a.Header}).Cookies()
	if len(cookies) != 2 {
		a.t.Fatalf("%s set %d cookies, want those of two tokens", a.Call, len(cookies))
	}
	return cookies
}

// Claims is the part of an access token that tests read. It is not verified.
type Claims struct {
	User     string `json:"sub"`
	Handle   string `json:"sessionHandle"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// ClaimsOf reads an access token.
func ClaimsOf(access string) (Claims, error) {
	parts := strings.Split(access, ".")
	if len(parts) != 3 {
		return Claims{}, errors.New("there is no access token")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Claims{}, err
	}
	var c Claims
	if err := json.Unmarshal(text, &c); err != nil || c.Handle == "" {
		return Claims{}, errors.New("the access token names no session")
	}
	return c, nil
}

// Form is the body of sign-up and sign-in.
func Form(email, password string) string {
	type field struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	}
	body, _ := json.Marshal(map[string][]field{"formFields": {{"email", email}, {"password", password}}}) // texts only
	return string(body)
}
