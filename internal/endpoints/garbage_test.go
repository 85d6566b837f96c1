package endpoints_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// missing has a member left out.
const missing = "\x00missing"

// badStarts are starts of which one member is not as it must be, and what the
// answer names.
func badStarts() []struct {
	member string
	value  any
	detail string
} {
	long, handle := strings.Repeat("x", 1001), strings.Repeat("A", 43)
	role := map[string]any{"v": []string{"admin"}, "t": 1}
	return []struct {
		member string
		value  any
		detail string
	}{
		{"userID", "u2", "/userID"}, {"refreshToken", "x", "/refreshToken"}, {"oAuthTokens", 1, "/oAuthTokens"},
		{"mode", missing, "mode"}, {"mode", "Cookie", "mode"}, {"mode", "cookie, header", "mode"}, {"mode", "any", "mode"},
		{"mode", []string{"header"}, "/mode"}, {"mode", "header\r\nx: y", "mode"},
		{"userId", missing, "user id"}, {"userId", "a\r\nset-cookie: x=y", "user id"}, {"userId", long, "256"}, {"userId", 1, "/userId"},
		{"recipeUserId", "a\x00", "recipe user id"}, {"tenantId", "nobody", "tenant"},
		{"epoch", missing, "epoch"}, {"epoch", "0", "epoch"}, {"epoch", handle, "epoch"}, {"epoch", 0, "/epoch"},
		{"issuedAt", 0, "issuedAt"}, {"issuedAt", 1.5, "/issuedAt"}, {"issuedAt", 1700000000000000, "issuedAt"}, {"issuedAt", "now", "/issuedAt"},
		{"replaces", "", "/replaces"}, {"replaces", handle + "A", "/replaces"},
		{"claims", "x", "claims"}, {"claims", map[string]any{"sub": "u2"}, "sub"}, {"claims", map[string]any{"st-role": role}, "st-role"},
		{"claims", map[string]any{"a": long}, "1000"}, {"data", []int{1}, "data"},
	}
}

// badBodies are those of other routes, likewise.
func badBodies() []struct{ route, body, detail string } {
	handle := strings.Repeat("A", 43)
	long := strings.Repeat("x", 1001)
	return []struct{ route, body, detail string }{
		{startRoute, ``, "JSON object"}, {startRoute, `[]`, "JSON object"}, {startRoute, `{"userId":"u1","userId":"u2"}`, "twice"},
		{tokenRoute, `{}`, "mode"}, {tokenRoute, `{"mode":"none"}`, "mode"}, {tokenRoute, `{"mode":"header","claims":{}}`, "/claims"},
		{tokenRoute, ``, "JSON"}, {patchClaims, `{"st-ev":{"v":true,"t":1}}`, "st-ev"}, {patchClaims, `{"iat":1}`, "iat"},
		{patchClaims, `{"a":"` + long + `"}`, "1000"}, {patchClaims, `[]`, "JSON object"}, {patchClaims, `{"exp":null}`, "exp"}, {patchUser, `{}`, "disabled"}, {patchUser, `{"disabled":null}`, "disabled"},
		{patchUser, `{"disabled":"true"}`, "/disabled"}, {patchUser, `{"disabled":true,"roles":[]}`, "/roles"},
		{patchUser, `{"disabled":false,"disabled":true}`, "twice"}, {patchRoles, `{"st-role":["admin"]}`, "st-role"},
		{patchRoles, `{"st-perm":{"v":"all","t":1}}`, "st-perm"}, {patchRoles, `{"st-ev":{"v":1,"t":1}}`, "st-ev"},
		{putData, ``, "JSON"}, {putData, `null`, "data"}, {putData, `1`, "data"}, {putData, `{"a":1,"a":2}`, "twice"}, {putData, `{} {}`, "JSON"},
		{endMany, `{}`, "1 to 100"}, {endMany, `{"handles":null}`, "1 to 100"}, {endMany, `{"handles":[null]}`, "no session's"},
		{endMany, `{"handles":["` + handle + `","x"]}`, "no session's"}, {endMany, `{"handles":["` + handle + `",1]}`, "/handles/1"},
		{endMany, `{"handles":["` + strings.Repeat(handle+`","`, 100) + `x"]}`, "1 to 100"}, {endMany, `{"handles":"` + handle + `"}`, "/handles"},
		{endMany, `{"handles":["` + handle + `"],"reason":"x"}`, "/reason"}, {endMany, ``, "JSON"},
		{addRoute, `{"email":"a@b.example","userId":""}`, "userId"}, {addRoute, `{"email":"a@b.example","userId":"` + long[:257] + `"}`, "256"},
		{addRoute, `{"email":"a@b.example","userId":"a\u0000"}`, "user id"}, {addRoute, `{"email":"a@b.example","password":"x"}`, "/password"},
		{addRoute, `{"email":"a@b.example","tenantId":"nobody"}`, "tenant"}, {addRoute, `{"email":"a@b.example","claims":[]}`, "/claims"},
		{addRoute, `{"email":"a@b.example","claims":{"sub":"x"}}`, "sub"}, {addRoute, `{"email":"a@b.example","claims":{"st-role":"admin"}}`, "st-role"},
		{addRoute, `{"email":"a@b.example","verified":true,"claims":{"st-ev":{"v":true,"t":1}}}`, "st-ev"},
		{addRoute, `{"email":"a@b.example","verified":"yes"}`, "/verified"}, {addRoute, `[]`, "JSON"}, {addRoute, ``, "JSON"},
		{patchRoles, `{"tId":"x"}`, "tId"}, {patchRoles, `{"a":"` + long[:600] + `"}`, "600"}, {patchRoles, `null`, "JSON object"},
	}
}

// startWith is a good body of a start, with one member as it is given.
func (c *client) startWith(epoch, member string, value any) string {
	c.t.Helper()
	body := map[string]any{"userId": "u1", "mode": "header", "epoch": epoch, member: value}
	if value == any(missing) {
		delete(body, member)
	}
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// What a backend gets wrong is named, costs no storage call and leaves nothing.
func TestGarbageOfBackends(t *testing.T) {
	c := newStack(t).client("header")
	c.begin("u1", "header", "") // keys are loaded
	epoch, all := c.epoch("u1"), badBodies()
	for _, bad := range badStarts() {
		all = append(all, struct{ route, body, detail string }{startRoute, c.startWith(epoch, bad.member, bad.value), bad.detail})
	}
	params := map[string]string{"handle": strings.Repeat("A", 43), "userId": "u1"}
	for _, bad := range all {
		c.free(func() {
			a := c.asks(request{route: bad.route, params: params, body: bad.body})
			expectCode(t, fmt.Sprintf("%s %.80s", bad.route, bad.body), a, 400, "invalid")
			if detail, _ := decoded(t, a)["detail"].(string); !strings.Contains(detail, bad.detail) {
				t.Errorf("%s %.80s says %q, want %q in it", bad.route, bad.body, detail, bad.detail)
			}
		})
	}
	large := map[string]any{"a": strings.Repeat("x", 350<<10)}
	for _, long := range [][2]string{
		{startRoute, c.startWith(epoch, "device", strings.Repeat("x", 416<<10))}, {startRoute, c.startWith(epoch, "data", large)},
		{tokenRoute, `{"mode":"header"` + strings.Repeat(" ", 64<<10) + `}`}, {endMany, strings.Repeat(" ", 64<<10) + `{}`},
		{patchClaims, strings.Repeat(" ", 64<<10) + `{}`}, {patchRoles, `{"a":"` + strings.Repeat("x", 64<<10) + `"}`},
	} {
		c.free(func() {
			expectCode(t, long[0], c.asks(request{route: long[0], params: params, body: long[1]}), 413, "too_large")
		})
	}
	if live := decoded(t, c.asks(request{route: listRoute, params: of("u1")}))["sessions"].([]any); len(live) != 1 {
		t.Errorf("%d sessions of the user, want the one that was started", len(live))
	}
}
