package backend_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey-auth/latchkey/backend"
)

const told = `{"headers":{"front-token":"F","cache-control":"no-store",
	"access-control-expose-headers":"front-token, st-access-token"},
	"cookies":["sAccessToken=; Domain=example.com; Path=/","sAccessToken=new; Path=/"]}`

func reply(t *testing.T, text string) backend.Reply {
	t.Helper()
	var r backend.Reply
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// The reply's headers count, its cookies are added and replace those that a
// browser would overwrite, and what both expose is exposed once, however the
// answer spells its headers.
func TestReplyIntoAnswers(t *testing.T) {
	expose := "X-Total, Front-Token, st-access-token"
	own := "seen=1; Path=/"
	cookies := []string{own, "sAccessToken=; Domain=example.com; Path=/", "sAccessToken=new; Path=/"}
	r := reply(t, told)

	http2 := events.APIGatewayV2HTTPResponse{
		StatusCode: 201, Body: "b", Cookies: []string{own, "sAccessToken=old; Path=/; Secure"},
		Headers: map[string]string{
			"Cache-control": "public", "x-own": "1", "Access-Control-Expose-Headers": "X-Total, Front-Token",
		},
	}
	r.IntoHTTP(&http2)
	r.IntoHTTP(&http2) // twice is once
	want := events.APIGatewayV2HTTPResponse{StatusCode: 201, Body: "b", Cookies: cookies, Headers: map[string]string{
		"Cache-Control": "no-store", "X-Own": "1", "Access-Control-Expose-Headers": expose, "Front-Token": "F",
	}}
	if text(http2) != text(want) {
		t.Errorf("payload 2.0:\n got %s\nwant %s", text(http2), text(want))
	}

	rest := events.APIGatewayProxyResponse{
		StatusCode: 201, Body: "b",
		Headers: map[string]string{"set-cookie": own, "x-own": "1", "cache-control": "public"},
		MultiValueHeaders: map[string][]string{
			"access-control-expose-headers": {"X-Total", "Front-Token"}, "X-Own": {"1", "2"},
		},
	}
	r.IntoREST(&rest)
	wantREST := events.APIGatewayProxyResponse{StatusCode: 201, Body: "b", MultiValueHeaders: map[string][]string{
		"Cache-Control": {"no-store"}, "X-Own": {"1", "2"}, "Access-Control-Expose-Headers": {expose},
		"Front-Token": {"F"}, "Set-Cookie": cookies,
	}}
	if text(rest) != text(wantREST) {
		t.Errorf("payload 1.0:\n got %s\nwant %s", text(rest), text(wantREST))
	}

	h := http.Header{
		"Set-Cookie": {own}, "Access-Control-Expose-Headers": {"X-Total, Front-Token"},
		"Cache-Control": {"public"}, "X-Own": {"1"},
	}
	r.Into(h)
	wantHeader := http.Header(wantREST.MultiValueHeaders).Clone()
	wantHeader["X-Own"] = []string{"1"}
	if text(h) != text(wantHeader) {
		t.Errorf("headers:\n got %s\nwant %s", text(h), text(wantHeader))
	}
}

// Where there is nothing to tell the answer stays as it is.
func TestReplyOfNothing(t *testing.T) {
	rest := events.APIGatewayProxyResponse{Headers: map[string]string{"x-own": "1"}}
	http2 := events.APIGatewayV2HTTPResponse{Headers: map[string]string{"x-own": "1"}, Cookies: []string{"a=1", "a=2"}}
	before := text([]any{rest, http2})
	backend.Reply{}.IntoREST(&rest)
	backend.Reply{}.IntoHTTP(&http2)
	if after := text([]any{rest, http2}); after != before {
		t.Errorf("got %s, want %s", after, before)
	}
}
