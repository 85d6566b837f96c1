package endpoints_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// expectCode asserts a problem by what programs know it by.
func expectCode(t *testing.T, what string, a answer, status int, code string) {
	t.Helper()
	var problem struct{ Code string }
	if err := json.Unmarshal([]byte(a.Body), &problem); err != nil || a.StatusCode != status || problem.Code != code {
		t.Errorf("%s = %d %.300s, want %d %s", what, a.StatusCode, a.Body, status, code)
	}
}

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

// asks sends a request as a backend does.
func (c *client) asks(r request) answer {
	c.t.Helper()
	r.admin = true
	return c.serve(c.t.Context(), c.event(r))
}

// of names a user in a path.
func of(id string) map[string]string { return map[string]string{"userId": id} }

// epoch is what a backend is told of the user's epoch.
func (c *client) epoch(id string) string {
	c.t.Helper()
	return decoded(c.t, c.asks(request{route: userRoute, params: of(id)}))["epoch"].(string)
}

// begin starts a session of the user.
func (c *client) begin(id, mode, more string) answer {
	c.t.Helper()
	return c.asks(request{route: startRoute, body: fmt.Sprintf(`{"userId":%q,"mode":%q,"epoch":%q%s}`, id, mode, c.epoch(id), more)})
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

// A session that a backend starts is the frontend's by copying the reply, which
// also takes back whatever the frontend held of another.
func TestStartByABackend(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		c.domain = "example.com" // from now on, so that host-only cookies are of before
		c.start()
		c.asks(request{route: patchRoles, params: of("u1"), body: `{"st-role":{"v":["admin"],"t":1},"plan":"pro"}`})
		created := c.now().UnixMilli()
		a := c.begin("u1", c.mode, `,"recipeUserId":"r1","claims":{"plan":"free","x":1},"data":{"cart":[1]},"device":"Phone\u0000","issuedAt":1`)
		if a.StatusCode != 201 || a.Headers["cache-control"] != "no-store" || len(a.Cookies) > 0 {
			t.Fatalf("start = %d %s with %v, want 201 and nothing kept or set", a.StatusCode, a.Body, a.Headers)
		}
		for name, want := range map[string]any{
			"userId": "u1", "recipeUserId": "r1", "tenantId": "public", "device": "Phone", "timeCreated": float64(created),
			"timeRefreshed": float64(created), "claimsVersion": 1.0, "userClaimsVersion": 1.0,
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
		c.expect(200, request{route: refreshRoute})
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
		return c.asks(request{route: startRoute, body: fmt.Sprintf(`{"userId":"u1","mode":"header","epoch":%q,"issuedAt":%d}`, epoch, issued.UnixMilli())})
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
	expectCode(t, "another tenant's start", c.asks(request{route: startRoute, body: fmt.Sprintf(`{"userId":"u1","tenantId":"acme","mode":"header","epoch":%q}`, second)}), 409, "epoch_changed")
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

// A backend that ends its caller's session signs the frontend out by the same
// answer, however it holds its tokens, and whether or not anything was live.
func TestRevokeTellsTheFrontend(t *testing.T) {
	eachMode(t, func(t *testing.T, c *client) {
		handle := c.handle()
		for range 2 {
			a := c.admin(endRoute, handle, "", nil)
			if a.StatusCode != 200 || !strings.Contains(a.Body, statusOK) || toldBy(t, a).Reply.Headers["cache-control"] != "no-store" {
				t.Fatalf("revoke = %d %s, want 200 and a reply", a.StatusCode, a.Body)
			}
			c.obey(a)
			if access, refresh := c.tokens(); access != "" || refresh != "" || c.front != "" {
				t.Errorf("after a revoke the frontend holds %q, %q, %q, want nothing", access, refresh, c.front)
			}
		}
		c.expect(401, request{route: "GET /notes"})
	})
}

// Of a list all are ended or the answer is an error; one that is no handle ends
// nothing.
func TestRevokeMany(t *testing.T) {
	p := inMemory(t).person()
	one, other := p.browserGrant.Session.Handle, p.appGrant.Session.Handle
	list := func(handles ...any) string {
		text, err := json.Marshal(map[string]any{"handles": handles})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	over := make([]any, 100)
	for i := range over {
		over[i] = sessions.NewHandle(one.User()).String()
	}
	for _, body := range []string{
		list(), list(nil), list(one, "x"), list(one, 1), list(append(over, one)...), `{"handles":null}`, `{"handles":"` + one.String() + `"}`,
		`{"handles":["` + one.String() + `"],"reason":"x"}`, `{"handle":["` + one.String() + `"]}`, `{}`, ``,
	} {
		p.free(func() { expectCode(t, body, p.guest.asks(request{route: endMany, body: body}), 400, "invalid") })
	}
	p.alive(p.browser)
	if a := p.guest.asks(request{route: endMany, body: list(append(over[:98], one, other)...)}); a.StatusCode != 200 || a.Body != `{"status":"OK"}` {
		t.Errorf("revoke of a hundred = %d %s, want 200", a.StatusCode, a.Body)
	}
	p.over(p.browserGrant)
	p.over(p.appGrant)
}

// One session outlives all others only if it is a live one of that user;
// otherwise nothing ends.
func TestRevokeAllExcept(t *testing.T) {
	g := inMemory(t)
	p, q := g.person(), g.person()
	except := func(id, handle string) answer {
		return p.guest.asks(request{route: endAllRoute, params: of(id), query: map[string]string{"except": handle}})
	}
	gone := p.start()
	p.guest.admin(endRoute, gone.Session.Handle.String(), "", nil)
	for name, handle := range map[string]string{"nothing": "", "no handle": "x", "another user's": q.browserGrant.Session.Handle.String()} {
		p.free(func() { expectCode(t, name, except(p.id, handle), 409, "session_not_found") })
	}
	expectCode(t, "one that is over", except(p.id, gone.Session.Handle.String()), 409, "session_not_found")
	p.alive(p.app)
	if a := except(p.id, p.browserGrant.Session.Handle.String()); a.Body != `{"status":"OK"}` {
		t.Errorf("revoke of all others = %d %s, want 200", a.StatusCode, a.Body)
	}
	p.over(p.appGrant)
	p.alive(p.browser)
	q.alive(q.browser)
}

// A user whom nobody has seen is one of epoch 0. Disabled, the user is signed
// out and cannot sign in; a role holds for sessions that are and that will be.
func TestUsers(t *testing.T) {
	p := inMemory(t).person()
	c := p.guest
	nobody := decoded(t, c.asks(request{route: userRoute, params: of("nobody")}))
	if want := (map[string]any{"userId": "nobody", "tenantId": "public", "epoch": sessions.User{}.EpochText(), "disabled": false, "claimsVersion": 0.0, "account": nil}); !maps.Equal(nobody, want) {
		t.Errorf("a user never seen = %v, want %v", nobody, want)
	}
	expectVersion(t, c.asks(request{route: getRoles, params: of("nobody")}), `{}`, `"0"`)

	const role = `{"st-role":{"v":["admin"],"t":1}}`
	write := func(body, version string) answer {
		return c.asks(request{route: patchRoles, params: of(p.id), body: body, headers: map[string]string{"if-match": version}})
	}
	expectVersion(t, write(role, `"0"`), role, `"1"`)
	expectCode(t, "an old version", write(`{"plan":1}`, `"0"`), 412, "version_conflict")
	p.browser.expect(200, request{route: refreshRoute})
	p.browser.expect(200, request{route: "GET /reports"})
	expectVersion(t, write(`{"st-role":null}`, ""), `{}`, `"2"`)

	before := c.epoch(p.id)
	a := c.asks(request{route: patchUser, params: of(p.id), body: `{"disabled":true}`})
	if got := decoded(t, a); got["disabled"] != true || got["epoch"] == before || got["claimsVersion"] != 2.0 {
		t.Errorf("disabled user = %v, want another epoch", got)
	}
	p.browser.expect(401, request{route: "POST /notes", body: aNote})
	c.expect(200, request{route: signInRoute, body: known(p)})
	if access, _ := c.tokens(); access != "" {
		t.Error("a disabled user signed in")
	}
	c.asks(request{route: patchUser, params: of(p.id), body: `{"disabled":false}`})
	c.expect(200, request{route: signInRoute, body: known(p)})
	p.alive(c)
}

// An id in a path has one spelling, which no decoding on the way changes.
func TestIDsInPaths(t *testing.T) {
	c := newStack(t).client("header")
	tilde := func(id string) string { return "~" + base64.RawURLEncoding.EncodeToString([]byte(id)) }
	for _, id := range []string{"u1", "a.b_c@d|e:f-g", "...", "~x", "a/b", "50%", ".", "..", "é", "a b", "auth0|1", "../sessions", strings.Repeat("x", 256)} {
		segment := id
		if strings.Trim(id, "abcdefghtuxz01.|_@:-") != "" || id == "." || id == ".." {
			segment = tilde(id)
		}
		got := decoded(t, c.asks(request{route: userRoute, params: of(segment)}))
		if got["userId"] != id {
			t.Errorf("the user of %s = %v, want %s", segment, got, id)
		}
		c.asks(request{route: patchRoles, params: of(segment), body: `{"of":"` + segment + `"}`})
		if a := c.asks(request{route: getRoles, params: of(segment)}); a.Body != `{"of":"`+segment+`"}` {
			t.Errorf("claims of %s = %s, want those of this id alone", segment, a.Body)
		}
	}
	for _, segment := range []string{
		"", "a/b", "50%", "a%2Fb", ".", "..", "é", "a b", "a+b", "~", tilde("u1"), tilde("..."), tilde("a/b") + "=", tilde("a/b") + "\n",
		"~!!", "~_w", tilde("a\x00b"), tilde("\xff"), tilde(strings.Repeat("/", 257)), strings.Repeat("x", 257), "u1\r\nx: y",
	} {
		for route := range routes() {
			if strings.Contains(route, "{userId}") {
				c.free(func() {
					expectCode(t, fmt.Sprintf("%s of %.20q", route, segment), c.asks(request{route: route, params: of(segment), body: `{"disabled":true}`}), 400, "invalid")
				})
			}
		}
	}
}

// What a backend gets wrong is named, costs no storage call and leaves nothing.
func TestGarbageOfBackends(t *testing.T) {
	c := newStack(t).client("header")
	c.begin("u1", "header", "") // keys are loaded
	good := map[string]any{"userId": "u1", "mode": "header", "epoch": c.epoch("u1")}
	with := func(name string, value any) string {
		body := maps.Clone(good)
		body[name] = value
		if value == missing {
			delete(body, name)
		}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	long := strings.Repeat("x", 1001)
	handle := strings.Repeat("A", 43)
	for _, test := range []struct{ route, body, detail string }{
		{startRoute, ``, "JSON object"}, {startRoute, `[]`, "JSON object"}, {startRoute, `{"userId":"u1","userId":"u2"}`, "twice"},
		{startRoute, with("userID", "u2"), "/userID"}, {startRoute, with("refreshToken", "x"), "/refreshToken"}, {startRoute, with("oAuthTokens", 1), "/oAuthTokens"},
		{startRoute, with("mode", missing), "mode"}, {startRoute, with("mode", "Cookie"), "mode"}, {startRoute, with("mode", "cookie, header"), "mode"},
		{startRoute, with("mode", "any"), "mode"}, {startRoute, with("mode", []string{"header"}), "/mode"}, {startRoute, with("mode", "header\r\nx: y"), "mode"},
		{startRoute, with("userId", missing), "user id"}, {startRoute, with("userId", "a\r\nset-cookie: x=y"), "user id"},
		{startRoute, with("userId", strings.Repeat("x", 257)), "256"}, {startRoute, with("userId", 1), "/userId"},
		{startRoute, with("recipeUserId", "a\x00"), "recipe user id"}, {startRoute, with("tenantId", "nobody"), "tenant"},
		{startRoute, with("epoch", missing), "epoch"}, {startRoute, with("epoch", "0"), "epoch"}, {startRoute, with("epoch", handle), "epoch"},
		{startRoute, with("epoch", 0), "/epoch"}, {startRoute, with("issuedAt", 0), "issuedAt"}, {startRoute, with("issuedAt", 1.5), "/issuedAt"},
		{startRoute, with("issuedAt", 1700000000000000), "issuedAt"}, {startRoute, with("issuedAt", "now"), "/issuedAt"},
		{startRoute, with("replaces", ""), "/replaces"}, {startRoute, with("replaces", handle+"A"), "/replaces"},
		{startRoute, with("claims", "x"), "claims"}, {startRoute, with("claims", map[string]any{"sub": "u2"}), "sub"},
		{startRoute, with("claims", map[string]any{"st-role": map[string]any{"v": []string{"admin"}, "t": 1}}), "st-role"},
		{startRoute, with("claims", map[string]any{"a": long}), "1000"}, {startRoute, with("data", []int{1}), "data"},
		{tokenRoute, `{}`, "mode"}, {tokenRoute, `{"mode":"none"}`, "mode"}, {tokenRoute, `{"mode":"header","claims":{}}`, "/claims"}, {tokenRoute, ``, "JSON"},
		{patchClaims, `{"st-ev":{"v":true,"t":1}}`, "st-ev"}, {patchClaims, `{"iat":1}`, "iat"}, {patchClaims, `{"a":"` + long + `"}`, "1000"},
		{patchUser, `{}`, "disabled"}, {patchUser, `{"disabled":null}`, "disabled"}, {patchUser, `{"disabled":"true"}`, "/disabled"},
		{patchUser, `{"disabled":true,"roles":[]}`, "/roles"}, {patchUser, `{"disabled":false,"disabled":true}`, "twice"},
		{patchRoles, `{"st-role":["admin"]}`, "st-role"}, {patchRoles, `{"st-perm":{"v":"all","t":1}}`, "st-perm"}, {patchRoles, `{"st-ev":{"v":1,"t":1}}`, "st-ev"},
		{patchRoles, `{"tId":"x"}`, "tId"}, {patchRoles, `{"a":"` + long[:600] + `"}`, "600"}, {patchRoles, `null`, "JSON object"},
	} {
		c.free(func() {
			a := c.asks(request{route: test.route, params: map[string]string{"handle": handle, "userId": "u1"}, body: test.body})
			expectCode(t, fmt.Sprintf("%s %.80s", test.route, test.body), a, 400, "invalid")
			if detail, _ := decoded(t, a)["detail"].(string); !strings.Contains(detail, test.detail) {
				t.Errorf("%s %.80s says %q, want %q in it", test.route, test.body, detail, test.detail)
			}
		})
	}
	for route, body := range map[string]string{
		startRoute: with("device", strings.Repeat("x", 416<<10)), tokenRoute: `{"mode":"header"` + strings.Repeat(" ", 64<<10) + `}`,
		patchRoles: `{"a":"` + strings.Repeat("x", 64<<10) + `"}`, endMany: strings.Repeat(" ", 64<<10) + `{}`,
	} {
		c.free(func() {
			expectCode(t, route, c.asks(request{route: route, params: map[string]string{"handle": handle, "userId": "u1"}, body: body}), 413, "too_large")
		})
	}
	c.free(func() {
		expectCode(t, "data beyond 350 KB", c.asks(request{route: startRoute, body: with("data", map[string]any{"a": strings.Repeat("x", 350<<10)})}), 413, "too_large")
	})
	if live := decoded(t, c.asks(request{route: listRoute, params: of("u1")}))["sessions"].([]any); len(live) != 1 {
		t.Errorf("%d sessions of the user, want the one that was started", len(live))
	}
}

// missing has a member left out.
const missing = "\x00missing"

// Nothing of a name, a claim or a label ends a line of the reply.
func TestRepliesCannotBeSplit(t *testing.T) {
	for _, mode := range []string{"cookie", "header"} {
		c := newStack(t).client(mode)
		const evil = `\r\nset-cookie: x=y; Path=/\u0000;,`
		c.asks(request{route: patchRoles, params: of("u,1"), body: "{}"})
		a := c.asks(request{route: startRoute, body: fmt.Sprintf(`{"userId":"u; Domain=x, é\"","recipeUserId":"r;\u2028","mode":%q,"epoch":%q,"device":"%s","claims":{"%s":"%s"}}`,
			mode, c.epoch("u1"), evil, evil, evil)})
		if a.StatusCode != 201 {
			t.Fatalf("start = %d %s, want 201", a.StatusCode, a.Body)
		}
		reply := toldBy(t, a).Reply
		for _, value := range append(reply.Cookies, reply.Headers["front-token"], reply.Headers["st-access-token"], reply.Headers["st-refresh-token"]) {
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
	for _, message := range []string{"backend started a session", "backend took a token"} {
		line := `"msg":"` + message + `","backend":"arn:aws:iam::123456789012:role/backend","session":"` + toldBy(t, a).Session["sessionHandle"].(string) + `","user":"u1","tenant":"public"`
		if !strings.Contains(c.log.String(), line) {
			t.Errorf("the log has no %s:\n%s", line, c.log)
		}
	}
}
