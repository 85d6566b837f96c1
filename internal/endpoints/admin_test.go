package endpoints_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

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

// Users of one id in two tenants are two users.
func TestSessionsOfAnotherTenantsUser(t *testing.T) {
	p := inMemory(t).person()
	for route, want := range map[string]string{listRoute: `{"sessions":[]}`, endAllRoute: `{"status":"OK"}`} {
		a := p.guest.asks(request{route: route, params: of(p.id), query: map[string]string{"tenantId": "acme"}})
		if a.StatusCode != 200 || a.Body != want {
			t.Errorf("%s of another tenant's user = %d %s, want %s", route, a.StatusCode, a.Body, want)
		}
	}
	p.alive(p.browser)
	p.alive(p.app)
}

func expectVersion(t *testing.T, a answer, body, etag string) {
	t.Helper()
	if a.StatusCode != 200 || a.Body != body || a.Headers["etag"] != etag {
		t.Errorf("answer = %d %s with ETag %s, want 200 %s with %s", a.StatusCode, a.Body, a.Headers["etag"], body, etag)
	}
}

func TestVersions(t *testing.T) {
	c := signedUp(t, "header")
	handle := c.handle()
	expectVersion(t, c.admin(getData, handle, "", nil), `{}`, `"0"`)
	for _, step := range []struct{ route, body, version, want, etag string }{
		{putData, `{ "a": 1 }`, "", `{"status":"OK"}`, `"1"`},
		{putData, `{"b":2}`, `"1"`, `{"status":"OK"}`, `"2"`},
		{putData, `{"c":3}`, `"1"`, "", ""},
		{putData, `{"d":4}`, "*", `{"status":"OK"}`, `"3"`},
		{patchClaims, `{"a":{"v":1,"t":2},"b":true}`, "", `{"a":{"v":1,"t":2},"b":true}`, `"2"`},
		{patchClaims, `{"b":null}`, `"2"`, `{"a":{"v":1,"t":2}}`, `"3"`},
		{patchClaims, `{"c":1}`, `"2"`, "", ""},
		{patchClaims, `{}`, "", `{"a":{"v":1,"t":2}}`, `"4"`},
	} {
		a := c.admin(step.route, handle, step.body, map[string]string{"If-Match": step.version})
		if step.etag == "" {
			expectProblem(t, a, 412, "the version is another")
			continue
		}
		expectVersion(t, a, step.want, step.etag)
	}
	expectVersion(t, c.admin(getData, handle, "", nil), `{"d":4}`, `"3"`)
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
