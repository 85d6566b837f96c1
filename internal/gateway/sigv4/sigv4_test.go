package sigv4_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/internal/gateway/sigv4"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func key() sigv4.Key {
	return sigv4.Key{ID: "AKIDLOCAL", Secret: "a secret of the tests", Region: "us-east-1"}
}

// request is signed by the SDK's own signer for that time and service.
func request(t testing.TB, r *http.Request, body string, by signer) *http.Request {
	t.Helper()
	digest := sha256.Sum256([]byte(body))
	err := v4.NewSigner().SignHTTP(context.Background(),
		aws.Credentials{AccessKeyID: by.id, SecretAccessKey: by.secret}, r, hex.EncodeToString(digest[:]), by.service, by.region, by.at)
	if err != nil {
		t.Fatalf("SignHTTP: %v", err)
	}
	return r
}

type signer struct {
	id, secret, service, region string
	at                          time.Time
}

func good() signer {
	return signer{id: key().ID, secret: key().Secret, service: "execute-api", region: "us-east-1", at: now}
}

func TestVerifyAcceptsWhatTheSDKSigns(t *testing.T) {
	for _, tt := range []struct {
		method, target, body string
		after                time.Duration
	}{
		{"GET", "/", "", 0},
		{"GET", "/admin/sessions/abc", "", 5 * time.Minute},
		{"DELETE", "/admin/users/u-1/sessions?tenantId=public", "", -5 * time.Minute},
		{"GET", "/admin/users/a%20b/sessions?b=2&a=1&a=0&a-b=3", "", 0},
		{"GET", "/admin/users/%C3%A9/sessions?x=%2F%2B+y", "", 0},
		{"PUT", "/admin/sessions/abc/data", `{"a":1}`, 0},
	} {
		r := httptest.NewRequest(tt.method, "http://127.0.0.1:8787"+tt.target, strings.NewReader(tt.body))
		request(t, r, tt.body, good())
		if err := key().Verify(r, []byte(tt.body), now.Add(tt.after)); err != nil {
			t.Errorf("Verify(%s %s) %s after signing = %v, want nil", tt.method, tt.target, tt.after, err)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	change := func(f func(*signer)) signer { s := good(); f(&s); return s }
	none := func(*http.Request) {}
	for _, tt := range []struct {
		name   string
		by     signer
		change func(*http.Request)
		body   string
	}{
		{"another key", change(func(s *signer) { s.id = "AKIDOTHER" }), none, "{}"},
		{"another secret", change(func(s *signer) { s.secret = "guessed" }), none, "{}"},
		{"another service", change(func(s *signer) { s.service = "s3" }), none, "{}"},
		{"another region", change(func(s *signer) { s.region = "eu-west-1" }), none, "{}"},
		{"signed long ago", change(func(s *signer) { s.at = now.Add(-5*time.Minute - time.Second) }), none, "{}"},
		{"signed in the future", change(func(s *signer) { s.at = now.Add(5*time.Minute + time.Second) }), none, "{}"},
		{"another body", good(), none, "{ }"},
		{"another body under the signed hash", good(), func(r *http.Request) {
			r.Header.Set("X-Amz-Content-Sha256", strings.Repeat("0", 64))
		}, "{}"},
		{"another method", good(), func(r *http.Request) { r.Method = "DELETE" }, "{}"},
		{"another path", good(), func(r *http.Request) { r.URL.Path = "/admin/sessions/b/data" }, "{}"},
		{"another query", good(), func(r *http.Request) { r.URL.RawQuery = "tenantId=other" }, "{}"},
		{"a query that cannot be read", good(), func(r *http.Request) { r.URL.RawQuery = "a;b" }, "{}"},
		{"another host", good(), func(r *http.Request) { r.Host = "example.com" }, "{}"},
		{"no signature", good(), func(r *http.Request) { r.Header.Del("Authorization") }, "{}"},
		{"two signatures", good(), func(r *http.Request) {
			r.Header.Add("Authorization", r.Header.Get("Authorization"))
		}, "{}"},
		{"a session's token", good(), func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, "{}"},
		{"no date", good(), func(r *http.Request) { r.Header.Del("X-Amz-Date") }, "{}"},
		{"a signature of other letters", good(), edit("Signature=", "Signature=z"), "{}"},
		{"host not signed", good(), edit("host;", ""), "{}"},
		{"date not signed", good(), edit("x-amz-date", "x-amz-other"), "{}"},
		{"a signed header that is not there", good(), edit("SignedHeaders=", "SignedHeaders=absent;"), "{}"},
		{"a signed header in upper case", good(), edit("SignedHeaders=", "SignedHeaders=X-Amz-Date;"), "{}"},
		{"nothing but the name", good(), func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 ")
		}, "{}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("PUT", "http://127.0.0.1:8787/admin/sessions/a/data", strings.NewReader("{}"))
			request(t, r, "{}", tt.by)
			tt.change(r)
			if err := key().Verify(r, []byte(tt.body), now); !errors.Is(err, sigv4.ErrRefused) {
				t.Errorf("Verify = %v, want %v", err, sigv4.ErrRefused)
			}
		})
	}
}

// edit changes the text of the Authorization header.
func edit(old, new string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
	}
}

// Any request that the SDK signs is verified. The same request with one changed
// byte in its signature is refused.
func TestVerifyAgreesWithTheSDK(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		segments := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Z0-9_.~-]{1,12}`), 1, 4).Draw(rt, "segments")
		parameters := rapid.MapOf(rapid.StringMatching(`[a-z-]{1,6}`), rapid.StringMatching(`[ -~]{0,12}`)).Draw(rt, "parameters")
		body := rapid.String().Draw(rt, "body")
		r := httptest.NewRequest("PUT", "http://127.0.0.1:8787/"+strings.Join(segments, "/"), strings.NewReader(body))
		q := r.URL.Query()
		for name, value := range parameters {
			q.Set(name, value)
		}
		r.URL.RawQuery = q.Encode()
		request(t, r, body, good())
		if err := key().Verify(r, []byte(body), now); err != nil {
			rt.Fatalf("Verify = %v, want nil", err)
		}
		a := []byte(r.Header.Get("Authorization"))
		last := &a[len(a)-1]
		*last = map[bool]byte{true: '1', false: '0'}[*last == '0']
		r.Header.Set("Authorization", string(a))
		if err := key().Verify(r, []byte(body), now); err == nil {
			rt.Fatal("Verify of a changed signature = nil, want an error")
		}
	})
}

func TestKeyHidesItsSecret(t *testing.T) {
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, key()); strings.Contains(text, key().Secret) {
			t.Errorf("Sprintf(%s) = %s, want no secret", format, text)
		}
	}
}
