package endpoints_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// told is what a backend is answered where it has something for the frontend.
type told struct {
	Session map[string]any
	Reply   struct {
		Headers map[string]string
		Cookies []string
	}
}

func toldBy(t *testing.T, a answer) told {
	t.Helper()
	var body told
	if err := json.Unmarshal([]byte(a.Body), &body); err != nil {
		t.Fatalf("%d %s: %v", a.StatusCode, a.Body, err)
	}
	return body
}

// obey gives a frontend the answer of a backend that has copied the reply.
func (c *client) obey(a answer) {
	c.t.Helper()
	reply := toldBy(c.t, a).Reply
	c.receive("/", answer{Headers: reply.Headers, Cookies: reply.Cookies})
}

// follow returns a new frontend that holds what the reply gives.
func (p *person) follow(mode string, a answer) *client {
	p.t.Helper()
	c := p.client(mode)
	c.obey(a)
	return c
}

// payload is what the frontend knows of its access token.
func (c *client) payload() map[string]any {
	c.t.Helper()
	text, err := base64.StdEncoding.DecodeString(c.front)
	var front struct{ Up map[string]any }
	if err != nil || json.Unmarshal(text, &front) != nil {
		c.t.Fatalf("front-token %q is none: %v", c.front, err)
	}
	return front.Up
}

// begin starts a session of the user.
func (c *client) begin(id, mode, more string) answer {
	c.t.Helper()
	return c.asks(request{route: startRoute, body: fmt.Sprintf(`{"userId":%q,"mode":%q,"epoch":%q%s}`, id, mode, c.epoch(id), more)})
}

// A session that a backend starts is the frontend's by copying the reply, which
// also takes back whatever the frontend held of another.
func TestStartByABackend(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		c.domain = "example.com" // from now on, so that host-only cookies are of before
		c.start()
		c.asks(request{route: patchRoles, params: of("u1"), body: `{"st-role":{"v":["admin"],"t":1},"plan":"pro"}`})
		created := c.now().UnixMilli()
		a := c.begin("u1", c.mode, `,"recipeUserId":"r1","claims":{"plan":"free","x":1},"data":{"cart":[1]},
			"device":"Phone\u0000","issuedAt":1`)
		if a.StatusCode != 201 || a.Headers["cache-control"] != "no-store" || len(a.Cookies) > 0 {
			t.Fatalf("start = %d %s with %v, want 201 and nothing kept or set", a.StatusCode, a.Body, a.Headers)
		}
		for name, want := range map[string]any{
			"userId": "u1", "recipeUserId": "r1", "tenantId": "public", "device": "Phone", "timeCreated": float64(created),
			"timeRefreshed": float64(created), "claimsVersion": 1.0, "userClaimsVersion": 1.0, "expiry": float64(created + 8640000*1000),
		} {
			if got := toldBy(t, a).Session[name]; got != want {
				t.Errorf("session's %s = %v, want %v", name, got, want)
			}
		}
		const merged = `"customClaimsInAccessTokenPayload":{"plan":"pro","st-role":{"v":["admin"],"t":1},"x":1},"sessionClaims":{"plan":"free","x":1}`
		if !strings.Contains(a.Body, merged) {
			t.Errorf("session = %s, want both layers in it", a.Body)
		}
		expectReply(t, c.mode, toldBy(t, a))

		c.obey(a)
		c.expect(201, request{route: "POST /notes", body: aNote})
		c.expect(200, request{route: "GET /reports"})
		c.advance(2 * time.Minute)
		c.expect(200, request{route: refreshRoute})
		now := decoded(t, c.admin(infoRoute, c.handle(), "", nil))
		if now["timeRefreshed"] != float64(created+120_000) || now["timeCreated"] != float64(created) || now["sessionHandle"] != c.handle() {
			t.Errorf("session = %v, want it refreshed two minutes after %d", now, created)
		}
		expectVersion(t, c.admin(getData, c.handle(), "", nil), `{"cart":[1]}`, `"1"`)
		second := c.begin("u1", c.mode, fmt.Sprintf(`,"replaces":%q`, c.handle()))
		c.expect(401, request{route: "POST /notes", body: aNote})
		c.obey(second)
		c.expect(201, request{route: "POST /notes", body: aNote})
	})
}

// expectReply asserts what the reply of a start sets, and what it takes back.
func expectReply(t *testing.T, mode string, got told) {
	t.Helper()
	headers, cookies := got.Reply.Headers, strings.Join(got.Reply.Cookies, "\n")
	if headers["cache-control"] != "no-store" || headers["access-control-expose-headers"] != "front-token, st-access-token, st-refresh-token" {
		t.Errorf("reply's headers = %v, want no-store and all three exposed", headers)
	}
	for name := range headers {
		if name != strings.ToLower(name) {
			t.Errorf("reply has a header %s, want it in lower case", name)
		}
	}
	inHeaders := headers["st-access-token"] != "" && headers["st-refresh-token"] != ""
	set := strings.Count(cookies, "sAccessToken=ey") + strings.Count(cookies, "sRefreshToken=v1.")
	gone := strings.Count(cookies, "Token=; Path=") + strings.Count(cookies, "Token=; Domain=example.com; Path=")
	want := [3]int{0, 4, 4}
	if mode == "cookie" {
		want = [3]int{2, 2, 4}
	}
	if inHeaders != (mode == "header") || set != want[0] || gone != want[1] || len(got.Reply.Cookies) != want[2] {
		t.Errorf("reply by %s has tokens in headers: %t, %d cookies set and %d gone, want %v:\n%s", mode, inHeaders, set, gone, want, cookies)
	}
}

// What ends all of a user's sessions between the proof and the start leaves
// none, and the refusal writes nothing.
func TestStartIsBoundToTheEpoch(t *testing.T) {
	c := newStack(t).client("header")
	start := func(epoch string, issued time.Time) answer {
		body := fmt.Sprintf(`{"userId":"u1","mode":"header","epoch":%q,"issuedAt":%d}`, epoch, issued.UnixMilli())
		return c.asks(request{route: startRoute, body: body})
	}
	refuses := func(epoch string, issued time.Time, code string) {
		t.Helper()
		c.sessions.Take()
		expectCode(t, "start", start(epoch, issued), 409, code)
		if calls := c.sessions.Take(); !maps.Equal(calls, map[string]int{"User": 1}) {
			t.Errorf("a start that is refused for %s makes the calls %v, want one reading", code, calls)
		}
	}
	first, proven := c.epoch("u1"), c.now()
	if a := start(first, proven); a.StatusCode != 201 {
		t.Errorf("start = %d %s, want 201", a.StatusCode, a.Body)
	}
	c.advance(time.Second)
	c.asks(request{route: endAllRoute, params: of("u1")})
	second, moved := c.epoch("u1"), c.now()
	c.advance(time.Second)
	refuses(first, c.now(), "epoch_changed")
	refuses(second, proven, "issued_before_revoke")
	refuses(second, moved, "issued_before_revoke")
	if a := start(second, c.now()); a.StatusCode != 201 {
		t.Errorf("start = %d %s, want 201", a.StatusCode, a.Body)
	}
	c.asks(request{route: patchUser, params: of("u1"), body: `{"disabled":true}`})
	refuses(c.epoch("u1"), c.now().Add(time.Second), "user_disabled")
	another := c.asks(request{route: startRoute, body: fmt.Sprintf(`{"userId":"u1","tenantId":"acme","mode":"header","epoch":%q}`, second)})
	expectCode(t, "another tenant's start", another, 409, "epoch_changed")
}

// Claims that a backend merges reach the frontend with the next token, which
// the backend asks for: no refresh is needed, and the refresh token stays.
func TestTokenForABackend(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		handle := c.handle()
		_, refresh := c.tokens()
		before := decoded(t, c.admin(infoRoute, handle, "", nil))
		c.advance(10 * time.Second)
		c.admin(patchClaims, handle, `{"plan":"pro"}`, nil)
		a := c.admin(tokenRoute, handle, fmt.Sprintf(`{"mode":%q}`, c.mode), nil)
		if a.StatusCode != 200 || strings.Contains(a.Body, "efresh-token\":") || strings.Contains(a.Body, "sRefreshToken") {
			t.Fatalf("token = %d %s, want 200 and no refresh token", a.StatusCode, a.Body)
		}
		if got := toldBy(t, a).Session["customClaimsInAccessTokenPayload"]; fmt.Sprint(got) != "map[plan:pro]" {
			t.Errorf("session has the claims %v, want those merged", got)
		}
		c.obey(a)
		claims := c.payload()
		if _, kept := c.tokens(); claims["plan"] != "pro" || claims["iat"] != float64(c.now().Unix()) || kept != refresh {
			t.Errorf("token says %v, want the claims as merged, now; refresh token kept: %t", claims, kept == refresh)
		}
		if after := decoded(t, c.admin(infoRoute, handle, "", nil)); after["expiry"] != before["expiry"] {
			t.Errorf("the session ends at %v, want %v as before", after["expiry"], before["expiry"])
		}
		c.expect(200, request{route: "GET /notes"})
		c.expect(200, request{route: refreshRoute})
		c.expect(200, request{route: signOutRoute})
		expectCode(t, "token of a session that is over", c.admin(tokenRoute, handle, `{"mode":"header"}`, nil), 404, "session_not_found")
	})
}

// Nothing of a name, a claim or a label ends a line of the reply.
func TestRepliesCannotBeSplit(t *testing.T) {
	for _, mode := range []string{"cookie", "header"} {
		c := newStack(t).client(mode)
		const evil = `\r\nset-cookie: x=y; Path=/\u0000;,`
		a := c.asks(request{route: startRoute, body: fmt.Sprintf(`{"userId":"u; Domain=x, é\"","recipeUserId":"r;\u2028",
			"mode":%q,"epoch":%q,"device":"%s","claims":{"%s":"%s"}}`, mode, c.epoch("u1"), evil, evil, evil)})
		if a.StatusCode != 201 {
			t.Fatalf("start = %d %s, want 201", a.StatusCode, a.Body)
		}
		reply := toldBy(t, a).Reply
		for _, value := range slices.AppendSeq(reply.Cookies, maps.Values(reply.Headers)) {
			if strings.ContainsAny(value, "\r\n\x00") || strings.Contains(value, "Domain=") || strings.Contains(value, "x=y") {
				t.Errorf("a header's value is %q", value)
			}
		}
		c.obey(a)
		c.expect(201, request{route: "POST /notes", body: aNote})
		if got := c.payload()["sub"]; got != "u; Domain=x, é\"" {
			t.Errorf("the frontend knows the user as %q", got)
		}
	}
}

// Who takes a user's tokens is on record.
func TestImpersonationIsLogged(t *testing.T) {
	c := newStack(t).client("header")
	a := c.begin("u1", "header", "")
	c.admin(tokenRoute, toldBy(t, a).Session["sessionHandle"].(string), `{"mode":"header"}`, nil)
	handle := toldBy(t, a).Session["sessionHandle"].(string)
	for _, message := range []string{"backend started a session", "backend took a token"} {
		line := fmt.Sprintf(`"msg":%q,"backend":"arn:aws:iam::123456789012:user/local","session":%q,"user":"u1","tenant":"public"`, message, handle)
		if !strings.Contains(c.log.String(), line) {
			t.Errorf("the log has no %s:\n%s", line, c.log)
		}
	}
}
