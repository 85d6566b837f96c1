//go:build awscli

package awscli_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	region    = "us-east-1"
	forbidden = `{"message":"Forbidden"}`
	stamp     = "20060102T150405Z"
)

// TestAWS runs everything against one local run. The order matters: events
// revoke Ada's session at their end.
func TestAWS(t *testing.T) {
	l := startLocal(t)
	t.Run("curl", func(t *testing.T) { testCurl(t, l) })
	t.Run("SDK", func(t *testing.T) { testSigner(t, l) })
	t.Run("invoke", func(t *testing.T) { testInvoke(t, l) })
	t.Run("invoke otherwise", func(t *testing.T) { testInvokeOtherwise(t, l) })
}

// testCurl signs with curl. A handle has no character that needs an escape.
func testCurl(t *testing.T, l *local) {
	session := l.url + "/admin/sessions/" + l.handle
	user := l.url + "/admin/users/nobody/sessions?tenantId=public"
	signed := []string{"--aws-sigv4", "aws:amz:" + region + ":execute-api", "--user", l.key.AccessKeyID + ":" + l.key.SecretAccessKey}
	wrong := []string{"--aws-sigv4", "aws:amz:" + region + ":execute-api", "--user", l.key.AccessKeyID + ":wrong"}
	elsewhere := []string{"--aws-sigv4", "aws:amz:eu-west-1:execute-api", "--user", l.key.AccessKeyID + ":" + l.key.SecretAccessKey}
	old := append([]string{"-H", "X-Amz-Date: " + time.Now().Add(-time.Hour).UTC().Format(stamp)}, signed...)
	for _, c := range []struct {
		name  string
		flags []string
		url   string
		want  string // status and a part of the body
	}{
		{"signed", signed, session, `200 "userId"`},
		{"signed, with a query", signed, user, `200 "sessions":[]`},
		{"wrong secret", wrong, session, "403 " + forbidden},
		{"another region", elsewhere, session, "403 " + forbidden},
		{"an hour old", old, session, "403 " + forbidden},
		{"unsigned", nil, session, "403 " + forbidden},
		{"a user's token", []string{"-H", "Authorization: Bearer " + l.token}, session, "403 " + forbidden},
	} {
		out, err := exec.CommandContext(t.Context(), "curl", append(c.flags, "-sS", "-w", "\n%{http_code}", c.url)...).CombinedOutput()
		if err != nil {
			t.Fatalf("curl, %s: %v\n%s", c.name, err, out)
		}
		body, status, _ := strings.Cut(string(out), "\n")
		wantStatus, wantBody, _ := strings.Cut(c.want, " ")
		if status != wantStatus || !strings.Contains(body, wantBody) {
			t.Errorf("curl, %s = %s %s, want %s", c.name, status, body, c.want)
		}
	}
}

// testSigner signs with the SDK.
func testSigner(t *testing.T, l *local) {
	data := "/admin/sessions/" + l.handle + "/data"
	other := aws.Credentials{AccessKeyID: l.key.AccessKeyID, SecretAccessKey: "wrong"}
	keep := func(*http.Request) {}
	for _, c := range []struct {
		name         string
		method, path string
		key          aws.Credentials
		at           time.Time
		after        func(*http.Request) // what happens to the request once it is signed
		status       int
		want         string
	}{
		{"write", "PUT", data, l.key, time.Now(), keep, 200, `"OK"`},
		{"read", "GET", data, l.key, time.Now(), keep, 200, "bicycle"},
		{"a path with spaces", "GET", "/admin/users/a%20b/sessions", l.key, time.Now(), keep, 200, `"sessions":[]`},
		{"wrong secret", "GET", data, other, time.Now(), keep, 403, forbidden},
		{"signed too early", "GET", data, l.key, time.Now().Add(-10 * time.Minute), keep, 403, forbidden},
		{"signed too late", "GET", data, l.key, time.Now().Add(10 * time.Minute), keep, 403, forbidden},
		{"another method", "GET", data, l.key, time.Now(), func(r *http.Request) { r.Method = "DELETE"; r.URL.Path = strings.TrimSuffix(data, "/data") }, 403, forbidden},
		{"another query", "GET", data, l.key, time.Now(), func(r *http.Request) { r.URL.RawQuery = "a=b" }, 403, forbidden},
		{"another body", "PUT", data, l.key, time.Now(), func(r *http.Request) { setBody(r, `{"basket":["a car"]}`) }, 403, forbidden},
		{"signature removed", "GET", data, l.key, time.Now(), func(r *http.Request) { r.Header.Del("Authorization") }, 403, forbidden},
		{"read again", "GET", data, l.key, time.Now(), keep, 200, "bicycle"},
	} {
		r := signed(t, signedRequest{method: c.method, url: l.url + c.path, key: c.key, at: c.at})
		c.after(r)
		status, body := send(t, r)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("SDK, %s = %d %s, want %d %s", c.name, status, body, c.status, c.want)
		}
	}
}

// signedRequest is what is signed.
type signedRequest struct {
	method, url string
	key         aws.Credentials
	at          time.Time
}

// signed returns a request with a signature of the SDK. A PUT has a body.
func signed(t *testing.T, s signedRequest) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), s.method, s.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	body := ""
	if s.method == "PUT" {
		body = `{"basket":["a bicycle"]}`
		setBody(r, body)
	}
	hash := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(t.Context(), s.key, r, hex.EncodeToString(hash[:]), "execute-api", region, s.at); err != nil {
		t.Fatal(err)
	}
	return r
}

func setBody(r *http.Request, body string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
}

func send(t *testing.T, r *http.Request) (status int, body string) {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
