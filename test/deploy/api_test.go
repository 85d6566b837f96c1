//go:build deploy

package deploy_test

import (
	"strings"
	"testing"
)

// open are the routes that answer without a session; {tenantId} ones are left
// out, and follow the route without it.
func open() map[string]bool {
	return map[string]bool{
		"POST /auth/signup": true, "POST /auth/signin": true, "POST /auth/session/refresh": true, "POST /auth/signout": true,
		"GET /auth/authorisationurl": true, "POST /auth/signinup": true, "POST /auth/logout/{provider}": true,
		"POST /auth/user/password/reset": true, "POST /auth/user/password/reset/token": true,
		"GET /auth/emailpassword/email/exists": true, "GET /auth/signup/email/exists": true,
		"GET /auth/jwt/jwks.json": true, "GET /auth/.well-known/jwks.json": true, "GET /auth/.well-known/openid-configuration": true,
	}
}

// route is one as API Gateway lists it.
type route struct{ RouteKey, AuthorizationType, AuthorizerId, Target string }

func testAPI(t *testing.T, s stack) {
	id := s.id(t, "HttpApi")
	var list struct{ Items []route }
	s.aws(t, &list, "apigatewayv2", "get-routes", "--api-id", id)
	seen, authorizers := map[string]bool{}, map[string]bool{}
	for _, r := range list.Items {
		seen[r.RouteKey] = true
		if testRoute(t, r) == "CUSTOM" {
			authorizers[r.AuthorizerId] = true
		}
	}
	if len(authorizers) != 1 {
		t.Errorf("the routes have the authorizers %v, want one", authorizers)
	}
	for authorizer := range authorizers {
		testAuthorizer(t, s, authorizer)
	}
	for key := range open() {
		if !seen[key] {
			t.Errorf("there is no route %s", key)
		}
	}
	testCORS(t, s, id)
}

// testRoute wants the protection that the route should have, and returns it:
// IAM under /admin, none where nobody has a session yet, else the authorizer.
func testRoute(t *testing.T, r route) (want string) {
	t.Helper()
	want = "CUSTOM"
	switch {
	case open()[strings.Replace(r.RouteKey, "/{tenantId}", "", 1)]:
		want = ""
	case strings.Contains(r.RouteKey, " /admin/"):
		want = "AWS_IAM"
	}
	if got := strings.TrimPrefix(r.AuthorizationType, "NONE"); got != want {
		t.Errorf("%s is protected by %q, want %q", r.RouteKey, got, want)
	}
	if !strings.HasPrefix(r.Target, "integrations/") {
		t.Errorf("%s leads to %q, want an integration", r.RouteKey, r.Target)
	}
	return want
}

func testAuthorizer(t *testing.T, s stack, id string) {
	var a struct {
		AuthorizerUri, AuthorizerPayloadFormatVersion string
		AuthorizerResultTtlInSeconds                  *int
		EnableSimpleResponses                         bool
		IdentitySource                                []string
	}
	s.aws(t, &a, "apigatewayv2", "get-authorizer", "--api-id", s.id(t, "HttpApi"), "--authorizer-id", id)
	if !strings.HasSuffix(a.AuthorizerUri, s.id(t, "AuthorizerFunctionAliaslive")+"/invocations") {
		t.Errorf("the authorizer is %s, want the alias", a.AuthorizerUri)
	}
	if a.AuthorizerResultTtlInSeconds == nil || *a.AuthorizerResultTtlInSeconds != 0 {
		t.Error("the authorizer's decisions are kept, want a time of 0, said")
	}
	if a.AuthorizerPayloadFormatVersion != "2.0" || a.EnableSimpleResponses || len(a.IdentitySource) != 0 {
		t.Errorf("the authorizer is %+v, want payload 2.0, policies, and no identity source", a)
	}
}

func testCORS(t *testing.T, s stack, id string) {
	var api struct {
		CorsConfiguration struct {
			AllowOrigins, ExposeHeaders []string
			AllowCredentials            bool
		}
	}
	s.aws(t, &api, "apigatewayv2", "get-api", "--api-id", id)
	cors := api.CorsConfiguration
	if len(cors.AllowOrigins) != 1 || strings.Contains(cors.AllowOrigins[0], "*") || !cors.AllowCredentials {
		t.Errorf("CORS allows %v, credentials %t, want one exact origin, with them", cors.AllowOrigins, cors.AllowCredentials)
	}
	if len(cors.ExposeHeaders) != 4 {
		t.Errorf("CORS exposes %v, want the four headers of the frontends", cors.ExposeHeaders)
	}
}
