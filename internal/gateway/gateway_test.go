package gateway_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

func TestFunctionSeesTheRequest(t *testing.T) {
	w := newWorld(t, open("POST /notes/{id}"))
	r := httptest.NewRequest("POST", "http://127.0.0.1:8787/notes/a%20b?x=1&y=%20&x=2", strings.NewReader(`{"a":1}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", "10.0.0.1")
	r.Header.Set("User-Agent", "test")
	r.Header.Add("Cookie", "a=1; b=2")
	r.Header.Add("Cookie", "c=3")
	w.do(r)
	e := w.last()
	for _, tt := range []struct{ what, got, want string }{
		{"version", e.Version, "2.0"},
		{"rawPath", e.RawPath, "/notes/a b"},
		{"rawQueryString", e.RawQueryString, "x=1&y=%20&x=2"},
		{"x", e.QueryStringParameters["x"], "1,2"},
		{"y", e.QueryStringParameters["y"], " "},
		{"id", e.PathParameters["id"], "a b"},
		{"body", e.Body, `{"a":1}`},
		{"cookies", strings.Join(e.Cookies, "|"), "a=1|b=2|c=3"},
		{"host", e.Headers["host"], "127.0.0.1:8787"},
		{"x-forwarded-for", e.Headers["x-forwarded-for"], "10.0.0.1, 192.0.2.1"},
		{"x-forwarded-proto", e.Headers["x-forwarded-proto"], "http"},
		{"x-forwarded-port", e.Headers["x-forwarded-port"], "8787"},
		{"sourceIp", e.RequestContext.HTTP.SourceIP, "192.0.2.1"},
		{"userAgent", e.RequestContext.HTTP.UserAgent, "test"},
		{"method", e.RequestContext.HTTP.Method, "POST"},
		{"domainName", e.RequestContext.DomainName, "127.0.0.1"},
		{"stage", e.RequestContext.Stage, "$default"},
		{"time", e.RequestContext.Time, "24/Nov/2026:12:00:00 +0000"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if e.IsBase64Encoded || e.RequestContext.TimeEpoch != w.now.UnixMilli() || e.RequestContext.RequestID == "" {
		t.Errorf("event is %+v", e)
	}
}

func TestBodiesThatAreNoTextAreEncoded(t *testing.T) {
	for _, tt := range []struct {
		contentType, body, want string
		encoded                 bool
	}{
		{"application/json; charset=utf-8", `{}`, `{}`, false},
		{"text/plain", "é", "é", false},
		{"text/plain", "\xff", "/w==", true},
		{"application/octet-stream", "a", "YQ==", true},
		{"application/x-www-form-urlencoded", "a=b", "YT1i", true},
		{"", "a", "YQ==", true},
		{"", "", "", false},
	} {
		w := newWorld(t, open("POST /"))
		r := httptest.NewRequest("POST", "http://127.0.0.1/", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.contentType)
		w.do(r)
		if e := w.last(); e.Body != tt.want || e.IsBase64Encoded != tt.encoded {
			t.Errorf("body %q of %q = %q %v, want %q %v", tt.body, tt.contentType, e.Body, e.IsBase64Encoded, tt.want, tt.encoded)
		}
	}
}

func TestFunctionAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		err          error
		want         int
		contentType  string
		body         string
	}{
		{"whole", `{"statusCode":201,"headers":{"content-type":"text/x"},"body":"made"}`, nil, 201, "text/x", "made"},
		{"no content type", `{"statusCode":200,"body":"a"}`, nil, 200, "text/plain; charset=utf-8", "a"},
		{"no body", `{"statusCode":204}`, nil, 204, "", ""},
		{"base64", `{"statusCode":200,"body":"YQ==","isBase64Encoded":true}`, nil, 200, "text/plain; charset=utf-8", "a"},
		{"no base64", `{"statusCode":200,"body":"!","isBase64Encoded":true}`, nil, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"JSON without a status", `{"a":1}`, nil, 200, "application/json", `{"a":1}`},
		{"a list", `[1]`, nil, 200, "application/json", `[1]`},
		{"no JSON", `hello`, nil, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"status of another type", `{"statusCode":"200"}`, nil, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"status out of range", `{"statusCode":99}`, nil, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"headers of another type", `{"statusCode":200,"headers":[]}`, nil, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"failed", ``, errors.New("Unauthorized"), 500, "application/json", `{"message":"Internal Server Error"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, open("GET /"))
			w.back = func(events.APIGatewayV2HTTPRequest) (string, error) { return tt.answer, tt.err }
			answer := w.do(get("/"))
			if answer.Code != tt.want || answer.Body.String() != tt.body || answer.Header().Get("Content-Type") != tt.contentType {
				t.Errorf("answer = %d %q %s, want %d %q %s", answer.Code, answer.Header().Get("Content-Type"), answer.Body, tt.want, tt.contentType, tt.body)
			}
		})
	}
}

func TestCookiesAndHeadersOfAnAnswer(t *testing.T) {
	w := newWorld(t, open("GET /"))
	w.back = func(events.APIGatewayV2HTTPRequest) (string, error) {
		return `{"statusCode":200,"headers":{"front-token":"f","content-length":"99"},"cookies":["a=1; Path=/","b=2"],"body":"x"}`, nil
	}
	h := w.do(get("/")).Header()
	if strings.Join(h.Values("Set-Cookie"), "|") != "a=1; Path=/|b=2" || h.Get("Front-Token") != "f" || h.Get("Content-Length") != "" || h.Get("Apigw-Requestid") == "" {
		t.Errorf("headers = %v", h)
	}
}

func TestBodiesBeyondTheLimitAreRefused(t *testing.T) {
	w := newWorld(t, open("POST /"))
	for size, want := range map[int]int{10 << 20: 200, 10<<20 + 1: 413} {
		r := httptest.NewRequest("POST", "http://127.0.0.1/", bytes.NewReader(make([]byte, size)))
		if answer := w.do(r); answer.Code != want {
			t.Errorf("POST of %d bytes = %d, want %d", size, answer.Code, want)
		}
	}
}

// signed signs a request to an AWS_IAM route with the SDK's own signer.
func signed(t *testing.T, r *http.Request, by aws.Credentials, at time.Time) *http.Request {
	t.Helper()
	digest := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(context.Background(), by, r, hex.EncodeToString(digest[:]), "execute-api", "us-east-1", at); err != nil {
		t.Fatalf("SignHTTP: %v", err)
	}
	return r
}

func TestIAM(t *testing.T) {
	good := aws.Credentials{AccessKeyID: key().ID, SecretAccessKey: key().Secret}
	for _, tt := range []struct {
		name string
		by   aws.Credentials
		skew time.Duration
		edit func(*http.Request)
		want int
	}{
		{"signed", good, 0, func(*http.Request) {}, 200},
		{"another secret", aws.Credentials{AccessKeyID: key().ID, SecretAccessKey: "x"}, 0, func(*http.Request) {}, 403},
		{"long ago", good, -6 * time.Minute, func(*http.Request) {}, 403},
		{"unsigned", good, 0, func(r *http.Request) { r.Header.Del("Authorization") }, 403},
		{"a user's token", good, 0, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 403},
		{"another method", good, 0, func(r *http.Request) { r.Method = "DELETE" }, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, iam("GET /admin"), iam("DELETE /admin"))
			r := signed(t, get("/admin"), tt.by, w.now.Add(tt.skew))
			tt.edit(r)
			answer := w.do(r)
			if answer.Code != tt.want || (len(w.seen) > 0) != (tt.want == 200) || w.asked != 0 {
				t.Fatalf("answer = %d with %d calls, %d of them the authorizer's, want %d", answer.Code, len(w.seen), w.asked, tt.want)
			}
			if tt.want == 403 {
				if answer.Body.String() != `{"message":"Forbidden"}` || w.logged.Len() == 0 {
					t.Errorf("answer %s, log %q; want Forbidden and the reason in the log", answer.Body, w.logged)
				}
				return
			}
			if a := w.last().RequestContext.Authorizer; a.IAM.UserARN != "arn:aws:iam::123456789012:user/local" || a.Lambda != nil {
				t.Errorf("caller = %+v, want a user's ARN", a)
			}
		})
	}
}
