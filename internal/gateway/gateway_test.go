package gateway_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey-auth/latchkey/test/client"
)

func TestFunctionSeesTheRequest(t *testing.T) {
	w := newHTTP(t, open("POST /notes/{id}"))
	w.do(request("POST", "/notes/a%20b?x=1&y=%20&x=2", `{"a":1}`, "Content-Type", "application/json",
		"X-Forwarded-For", "10.0.0.1", "User-Agent", "test", "Cookie", "a=1; b=2", "Cookie", "c=3"))
	w.seen[0].check(t, map[string]any{
		"version": "2.0", "rawPath": "/notes/a b", "rawQueryString": "x=1&y=%20&x=2", "body": `{"a":1}`, "isBase64Encoded": false,
		"queryStringParameters": map[string]string{"x": "1,2", "y": " "}, "pathParameters.id": "a b",
		"cookies": []string{"a=1", "b=2", "c=3"}, "headers.host": "shop.localhost:8787",
		"headers.x-forwarded-for": "10.0.0.1, 192.0.2.1", "headers.x-forwarded-proto": "http", "headers.x-forwarded-port": "8787",
		"requestContext.http.sourceIp": "192.0.2.1", "requestContext.http.userAgent": "test", "requestContext.http.method": "POST",
		"requestContext.domainName": "shop.localhost", "requestContext.stage": "$default",
		"requestContext.time": "24/Nov/2026:12:00:00 +0000", "requestContext.timeEpoch": w.now.UnixMilli(),
	})
	if w.seen[0].at("requestContext.requestId") == "" {
		t.Error("the request has no id")
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
		w := newHTTP(t, open("POST /"))
		w.do(request("POST", "/", tt.body, "Content-Type", tt.contentType))
		var body any
		if tt.want != "" {
			body = tt.want
		}
		w.seen[0].check(t, map[string]any{"body": body, "isBase64Encoded": tt.encoded})
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
			w := newHTTP(t, open("GET /"))
			w.back = func() (string, error) { return tt.answer, tt.err }
			answer := w.do(get("/"))
			if answer.Code != tt.want || answer.Body.String() != tt.body || answer.Header().Get("Content-Type") != tt.contentType {
				t.Errorf("answer = %d %q %s, want %d %q %s", answer.Code, answer.Header().Get("Content-Type"), answer.Body, tt.want, tt.contentType, tt.body)
			}
		})
	}
}

func TestCookiesAndHeadersOfAnAnswer(t *testing.T) {
	w := newHTTP(t, open("GET /"))
	w.back = func() (string, error) {
		return `{"statusCode":200,"headers":{"front-token":"f","content-length":"99"},"cookies":["a=1; Path=/","b=2"],"body":"x"}`, nil
	}
	h := w.do(get("/")).Header()
	if strings.Join(h.Values("Set-Cookie"), "|") != "a=1; Path=/|b=2" || h.Get("Front-Token") != "f" || h.Get("Content-Length") != "" || h.Get("Apigw-Requestid") == "" {
		t.Errorf("headers = %v", h)
	}
}

func TestBodiesBeyondTheLimitAreRefused(t *testing.T) {
	w := newHTTP(t, open("POST /"))
	for size, want := range map[int]int{10 << 20: 200, 10<<20 + 1: 413} {
		r := httptest.NewRequest("POST", "http://127.0.0.1/", bytes.NewReader(make([]byte, size)))
		if answer := w.do(r); answer.Code != want {
			t.Errorf("POST of %d bytes = %d, want %d", size, answer.Code, want)
		}
	}
}

// The signer decides who signed. This package decides what a function is told
// of them.
func TestIAM(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*http.Request)
		want int
	}{
		{"signed", func(*http.Request) {}, 200},
		{"another method", func(r *http.Request) { r.Method = "DELETE" }, 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newHTTP(t, iam("GET /admin"), iam("DELETE /admin"))
			r := get("/admin")
			if err := client.Sign(r, aws.Credentials{AccessKeyID: key().ID, SecretAccessKey: key().Secret}, "", w.now); err != nil {
				t.Fatal(err)
			}
			tt.edit(r)
			answer := send(t, w.gateway(), tt.want, r)
			if called := len(w.seen) > 0; called != (tt.want == 200) || len(w.asked) != 0 {
				t.Fatalf("the function was called: %v; the authorizer %d times", called, len(w.asked))
			}
			if tt.want == 403 {
				if answer.Body.String() != `{"message":"Forbidden"}` || w.logged.Len() == 0 {
					t.Errorf("answer %s, log %q; want Forbidden and the reason in the log", answer.Body, w.logged)
				}
				return
			}
			w.seen[0].check(t, map[string]any{
				"requestContext.authorizer.iam.userArn": "arn:aws:iam::123456789012:user/local", "requestContext.authorizer.lambda": nil,
			})
		})
	}
}
