package endpoints_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// adminRoutes are the routes for backends.
func adminRoutes() []string {
	var all []string
	for route := range routes() {
		if strings.Contains(route, " /admin/") {
			all = append(all, route)
		}
	}
	return all
}

// expectProblem asserts an error in the form of RFC 9457.
func expectProblem(t *testing.T, a answer, status int, detail string) {
	t.Helper()
	var problem struct {
		Type, Title, Detail, Code string
		Status                    int
	}
	if err := json.Unmarshal([]byte(a.Body), &problem); err != nil {
		t.Errorf("body %q is no problem: %v", a.Body, err)
	}
	if a.StatusCode != status || problem.Status != status || problem.Detail != detail || problem.Type != "about:blank" || problem.Title == "" || problem.Code == "" {
		t.Errorf("answer = %d %s, want %d %s", a.StatusCode, a.Body, status, detail)
	}
	if a.Headers["content-type"] != "application/problem+json" || a.Headers["cache-control"] != "no-store" {
		t.Errorf("headers of %s = %v, want a problem that nobody keeps", a.Body, a.Headers)
	}
}

// expectCode asserts a problem by what programs know it by.
func expectCode(t *testing.T, what string, a answer, status int, code string) {
	t.Helper()
	var problem struct{ Code string }
	if err := json.Unmarshal([]byte(a.Body), &problem); err != nil || a.StatusCode != status || problem.Code != code {
		t.Errorf("%s = %d %.300s, want %d %s", what, a.StatusCode, a.Body, status, code)
	}
}

// asks sends a request as a backend does.
func (c *client) asks(r request) answer {
	c.t.Helper()
	r.admin = true
	return c.serve(c.t.Context(), r)
}

// An admin operation looks for the caller's IAM identity itself: a route that
// is opened by mistake opens nothing.
func TestAdminNeedsIAM(t *testing.T) {
	type description = events.APIGatewayV2HTTPRequestContextAuthorizerDescription
	c := signedUp(t, "header")
	handle := c.handle()
	for _, route := range adminRoutes() {
		for name, by := range map[string]*description{
			"nobody":            nil,
			"nothing":           {},
			"an empty identity": {IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{AccountID: "123456789012"}},
			"a visitor of an identity pool": {IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{
				UserARN:         "arn:aws:sts::123456789012:assumed-role/visitors/CognitoIdentityCredentials",
				CognitoIdentity: events.APIGatewayV2HTTPRequestContextAuthorizerCognitoIdentity{IdentityID: "eu-central-1:x"},
			}},
			"a user": {Lambda: map[string]any{"latchkey": "1", "user": "u", "iam": map[string]any{"userArn": "arn"}}},
			"a JWT":  {JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"userArn": "arn"}}},
		} {
			c.meddle = func(e *httpEvent) { e.RequestContext.Authorizer = by }
			r := request{route: route, params: map[string]string{"handle": handle, "userId": "u"}, body: "{}"}
			c.free(func() { expectProblem(t, c.asks(r), 403, "forbidden") })
			if t.Failed() {
				t.Fatalf("%s by %s", route, name)
			}
		}
	}
}

// admin sends a request about the client's session as a backend.
func (c *client) admin(route, handle, body string, headers map[string]string) answer {
	c.t.Helper()
	return c.serve(c.t.Context(), request{route: route, params: map[string]string{"handle": handle}, body: body, headers: headers, admin: true})
}

func TestUnknownHandles(t *testing.T) {
	c := signedUp(t, "header")
	handle := c.handle()
	for _, route := range adminRoutes() {
		if !strings.Contains(route, "{handle}") {
			continue
		}
		for _, unknown := range []string{"x", handle + "A", handle[:42], strings.Repeat("_", 43)} {
			expectProblem(t, c.admin(route, unknown, "{}", nil), 404, "no such session")
		}
		// One that could be: somebody's that is over, or was never given out.
		other, body := strings.Repeat("A", 43), "{}"
		if route == tokenRoute {
			body = `{"mode":"header"}`
		}
		if route == "DELETE /admin/sessions/{handle}" {
			if a := c.admin(route, other, "", nil); a.StatusCode != 200 {
				t.Errorf("%s of a session that is over = %d, want 200", route, a.StatusCode)
			}
			continue
		}
		expectProblem(t, c.admin(route, other, body, nil), 404, "no such session")
	}
}

func TestSessionInformation(t *testing.T) {
	c := signedUp(t, "header")
	handle := c.handle()
	created := c.now().UnixMilli()
	c.advance(2 * time.Minute)
	c.expect(200, request{route: refreshRoute})
	got := decoded(t, c.admin("GET /admin/sessions/{handle}", handle, "", nil))
	for name, want := range map[string]any{
		"sessionHandle": handle, "tenantId": "public", "recipeUserId": got["userId"], "device": "Mozilla/5.0",
		"timeCreated": float64(created), "timeRefreshed": float64(created + 120_000), "expiry": float64(created + 120_000 + 8640000*1000),
		"claimsVersion": 1.0,
	} {
		if got[name] != want {
			t.Errorf("session's %s = %v, want %v", name, got[name], want)
		}
	}
	if claims, _ := got["customClaimsInAccessTokenPayload"].(map[string]any); claims == nil || len(claims) > 0 {
		t.Errorf("session's claims = %v, want {}", got["customClaimsInAccessTokenPayload"])
	}
}

func TestSessionsOfAUser(t *testing.T) {
	c := signedUp(t, "header")
	second := c.stack.client("header")
	user := decoded(t, second.expect(200, request{route: signInRoute, body: form("alice@example.com", password)}))["user"].(map[string]any)["id"].(string)
	about := func(method, tenant string) answer {
		r := request{route: method + " /admin/users/{userId}/sessions", params: map[string]string{"userId": user}, admin: true}
		if tenant != "" {
			r.query = map[string]string{"tenantId": tenant}
		}
		return c.serve(t.Context(), r)
	}
	if list := decoded(t, about("GET", ""))["sessions"].([]any); len(list) != 2 {
		t.Errorf("sessions of the user = %v, want 2", list)
	}
	if list := decoded(t, about("GET", "acme"))["sessions"].([]any); len(list) != 0 {
		t.Errorf("sessions of another tenant's user = %v, want none", list)
	}
	expectProblem(t, about("GET", "nobody"), 400, "unknown tenant")
	expectProblem(t, about("DELETE", "nobody"), 400, "unknown tenant")
	if a := about("DELETE", "acme"); a.Body != `{"status":"OK"}` {
		t.Errorf("revoking all of another tenant's user = %s, want it done", a.Body)
	}
	c.expect(201, request{route: "POST /notes", body: aNote})
	if a := about("DELETE", "public"); a.Body != `{"status":"OK"}` {
		t.Errorf("revoking all of the user = %s, want it done", a.Body)
	}
	c.expect(401, request{route: "POST /notes", body: aNote})
	second.expect(401, request{route: "POST /notes", body: aNote})
}

func expectVersion(t *testing.T, a answer, body, etag string) {
	t.Helper()
	if a.StatusCode != 200 || a.Body != body || a.Headers["etag"] != etag {
		t.Errorf("answer = %d %s with ETag %s, want 200 %s with %s", a.StatusCode, a.Body, a.Headers["etag"], body, etag)
	}
}

func TestData(t *testing.T) {
	c := signedUp(t, "header")
	handle := c.handle()
	expectVersion(t, c.admin(getData, handle, "", nil), `{}`, `"0"`)
	expectVersion(t, c.admin(putData, handle, `{ "a": 1 }`, nil), `{"status":"OK"}`, `"1"`)
	expectVersion(t, c.admin(putData, handle, `{"b":2}`, map[string]string{"if-match": `"1"`}), `{"status":"OK"}`, `"2"`)
	expectProblem(t, c.admin(putData, handle, `{"c":3}`, map[string]string{"If-Match": `"1"`}), 412, "the version is another")
	expectVersion(t, c.admin(getData, handle, "", nil), `{"b":2}`, `"2"`)
	expectVersion(t, c.admin(putData, handle, `{"d":4}`, map[string]string{"if-match": "*"}), `{"status":"OK"}`, `"3"`)
	c.expect(200, request{route: refreshRoute})
	expectVersion(t, c.admin(getData, handle, "", nil), `{"d":4}`, `"3"`)
	c.expect(200, request{route: signOutRoute})
	expectProblem(t, c.admin(getData, handle, "", nil), 404, "no such session")
}

// A write that always meets another: with a version that is its caller's
// news, without one it is worth another try.
func TestContendedWrites(t *testing.T) {
	c := signedUp(t, "header")
	handle := c.handle()
	c.sessions.arm(&plan{way: contended, many: forGood})
	for route, version := range map[string]string{putData: `"0"`, patchClaims: `"1"`} {
		expectProblem(t, c.admin(route, handle, `{"a":1}`, map[string]string{"if-match": version}), 412, "the version is another")
		expectTryAgain(t, route, c.admin(route, handle, `{"a":1}`, nil))
	}
}

func TestDataThatIsRefused(t *testing.T) {
	c := signedUp(t, "header")
	handle := c.handle()
	for _, body := range []string{``, `null`, `[]`, `1`, `{"a":1,"a":2}`, `{"a":`, `{} {}`} {
		if a := c.admin(putData, handle, body, nil); a.StatusCode != 400 {
			t.Errorf("PUT data %q = %d %s, want 400", body, a.StatusCode, a.Body)
		}
	}
	for _, version := range []string{`1`, `W/"1"`, `"1","2"`, `"-1"`, `"01"`, `"x"`, `""`, `"`, `"1`, `"99999999999999999999"`} {
		for _, route := range []string{putData, patchClaims} {
			a := c.admin(route, handle, "{}", map[string]string{"if-match": version})
			expectProblem(t, a, 400, `If-Match must be one version in quotes, as in "3"`)
		}
	}
	const limit = 350 << 10
	whole := fmt.Sprintf(`{"a":%q}`, strings.Repeat("x", limit-len(`{"a":""}`)))
	expectProblem(t, c.admin(putData, handle, whole+strings.Repeat(" ", 416<<10), nil), 413, "body too large")
	expectProblem(t, c.admin(putData, handle, whole[:6]+"x"+whole[6:], nil), 413, "sessions: data larger than 358400 bytes")
	expectVersion(t, c.admin(getData, handle, "", nil), `{}`, `"0"`)
	expectVersion(t, c.admin(putData, handle, whole+strings.Repeat(" ", 50<<10), nil), `{"status":"OK"}`, `"1"`)
}

func TestClaims(t *testing.T) {
	c := signedUp(t, "header")
	handle := c.handle()
	expectVersion(t, c.admin(patchClaims, handle, `{"a":{"v":1,"t":2},"b":true}`, nil), `{"a":{"v":1,"t":2},"b":true}`, `"2"`)
	expectVersion(t, c.admin(patchClaims, handle, `{"b":null}`, map[string]string{"if-match": `"2"`}), `{"a":{"v":1,"t":2}}`, `"3"`)
	expectProblem(t, c.admin(patchClaims, handle, `{"c":1}`, map[string]string{"if-match": `"2"`}), 412, "the version is another")
	for _, body := range []string{``, `null`, `[]`, `{"sub":"u"}`, `{"exp":null}`, `{"a":1,"a":2}`, fmt.Sprintf(`{"a":%q}`, strings.Repeat("x", 2000))} {
		if a := c.admin(patchClaims, handle, body, nil); a.StatusCode != 400 {
			t.Errorf("PATCH claims %.40q = %d %s, want 400", body, a.StatusCode, a.Body)
		}
	}
	if a := c.admin(patchClaims, handle, `{"sub":"u"}`, nil); !strings.Contains(a.Body, "sub") {
		t.Errorf("PATCH of a protected claim = %s, want its name", a.Body)
	}
	expectProblem(t, c.admin(patchClaims, handle, strings.Repeat(" ", 64<<10)+"{}", nil), 413, "body too large")
	expectVersion(t, c.admin(patchClaims, handle, `{}`, nil), `{"a":{"v":1,"t":2}}`, `"4"`)
}
