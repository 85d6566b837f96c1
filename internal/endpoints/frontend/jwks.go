package frontend

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/latchkey-auth/latchkey/internal/web"
)

// cached says how long clients may keep the keys and their address. A key is
// published a day before it signs.
const cached = "public, max-age=3600"

// JWKS are the routes of the jwks function. They need Keys and Tenants; all
// tenants have the same keys.
func (s *Service) JWKS() map[string]web.Route {
	routes := map[string]web.Route{}
	s.tenanted(routes, "GET /jwt/jwks.json", s.jwks)
	s.tenanted(routes, "GET /.well-known/jwks.json", s.jwks) // where verifiers look that know the issuer only
	s.tenanted(routes, "GET /.well-known/openid-configuration", s.discovery)
	return routes
}

func (s *Service) jwks(ctx context.Context, _ *web.Request) (web.Response, error) {
	set, err := s.Keys.KeySet(ctx)
	if err != nil {
		return web.Response{}, err
	}
	return public(json.RawMessage(set.JWKS())), nil
}

// discovery is the document by which API Gateway's own JWT authorizer finds
// the keys (OpenID Connect Discovery 1.0, section 3).
func (s *Service) discovery(ctx context.Context, _ *web.Request) (web.Response, error) {
	set, err := s.Keys.KeySet(ctx)
	if err != nil {
		return web.Response{}, err
	}
	issuer := set.Settings().Issuer
	return public(map[string]any{
		"issuer":                                issuer,
		"jwks_uri":                              issuer + "/jwt/jwks.json",
		"authorization_endpoint":                issuer + "/signin",
		"response_types_supported":              []string{"token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": set.Algorithms(),
	}), nil
}

func public(body any) web.Response {
	r := web.JSON(http.StatusOK, body)
	r.Headers["cache-control"] = cached
	return r
}
