package fdi_test

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// decode does what the client does: atob, which takes the standard alphabet
// and padding, then UTF-8, then JSON.
func decode(t interface{ Fatalf(string, ...any) }, front string) (uid string, ate int64, up map[string]any) {
	text, err := base64.StdEncoding.Strict().DecodeString(front)
	if err != nil {
		t.Fatalf("front-token is no base64: %v", err)
	}
	var f struct {
		UID string         `json:"uid"`
		ATE int64          `json:"ate"`
		UP  map[string]any `json:"up"`
	}
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatalf("front-token is no JSON: %v: %s", err, text)
	}
	return f.UID, f.ATE, f.UP
}

// Any user id comes back as it was, and the payload is the token's own. What no
// token can say is refused.
func TestFrontTokenRoundTrip(t *testing.T) {
	if _, err := fdi.FrontToken(token.Claims{Subject: "\xff"}); err == nil {
		t.Error("FrontToken with an invalid user id = nil, want an error")
	}
	rapid.Check(t, func(t *rapid.T) {
		c := token.Claims{
			Issuer: "i", Audience: "i", Tenant: "public", Handle: "h",
			Subject:    rapid.StringN(1, 40, -1).Draw(t, "sub"),
			RecipeUser: "r",
			IssuedAt:   time.Unix(1_700_000_000, 0),
			Expires:    time.Unix(rapid.Int64Range(1_700_000_000, 1<<40).Draw(t, "exp"), 0),
			Custom:     json.RawMessage(`{"st-role":{"v":["admin"],"t":1700000000000}}`),
		}
		front, err := fdi.FrontToken(c)
		if err != nil {
			t.Fatalf("FrontToken: %v", err)
		}
		uid, ate, up := decode(t, front)
		if uid != c.Subject || ate != c.Expires.Unix()*1000 {
			t.Fatalf("uid, ate = %q, %d, want %q, %d", uid, ate, c.Subject, c.Expires.Unix()*1000)
		}
		payload, err := c.Payload()
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]any
		if err := json.Unmarshal(payload, &want); err != nil || !reflect.DeepEqual(up, want) {
			t.Fatalf("up = %v, want %v", up, want)
		}
	})
}
