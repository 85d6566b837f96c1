package gateway

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// jwt does what API Gateway's own authorizer does: it verifies the token with
// the issuer's public keys and asks nothing else.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
// says which tokens it accepts and what it passes on.
func (g *httpAPI) jwt(r *http.Request, in request, a template.Authorizer) (caller, *response) {
	identity, complete := identify(a.Sources, in.value)
	if !complete {
		return nil, challenge("")
	}
	claims, err := g.verify(r.Context(), identity[0], a)
	if err != nil {
		g.cfg.Log.Warn("the JWT authorizer refused a request", "route", in.route.Key, "error", err)
		return nil, challenge(` error="invalid_token" error_description="the token is not valid"`)
	}
	return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims},
	}, nil
}

// challenge is the answer to a request without a valid token.
func challenge(fault string) *response {
	answer := message(http.StatusUnauthorized)
	answer.header.Set("Www-Authenticate", "Bearer"+fault)
	return &answer
}

// verify returns the claims of a valid token, each as text.
func (g *httpAPI) verify(ctx context.Context, text string, a template.Authorizer) (map[string]string, error) {
	document, err := g.cfg.JWKS(ctx, a.Issuer)
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", a.Issuer, err)
	}
	keys, err := token.ParseJWKS(document)
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", a.Issuer, err)
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256", "RS384", "RS512"}), jwt.WithJSONNumber(), jwt.WithIssuer(a.Issuer),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithTimeFunc(g.cfg.Now),
	)
	claims := jwt.MapClaims{}
	_, err = parser.ParseWithClaims(bearer(text), claims, func(t *jwt.Token) (any, error) { return rsaKey(keys, t.Header["kid"]) })
	if err != nil {
		return nil, err
	}
	if !meant(claims, a.Audience) {
		return nil, errors.New("the token is for another audience")
	}
	texts := map[string]string{}
	for name, value := range claims {
		texts[name] = fmt.Sprint(value)
	}
	return texts, nil
}

// bearer returns the token in a header, which may name its scheme.
func bearer(header string) string {
	if scheme, rest, found := strings.Cut(header, " "); found && strings.EqualFold(scheme, "Bearer") {
		return rest
	}
	return header
}

// rsaKey returns the key with that id if it is an RSA key. API Gateway supports
// no other kind.
func rsaKey(keys []token.SigningKey, id any) (*rsa.PublicKey, error) {
	for _, key := range keys {
		if key.ID != id {
			continue
		}
		_, _, public, err := token.ParseJWK(key.Public)
		if key, ok := public.(*rsa.PublicKey); ok && err == nil {
			return key, nil
		}
		return nil, errors.New("the key is no RSA key")
	}
	return nil, errors.New("the issuer has no such key")
}

// meant reports whether the token is for one of the audience: by aud, or by
// client_id if it has no aud.
func meant(claims jwt.MapClaims, audience []string) bool {
	of, err := claims.GetAudience()
	if _, found := claims["aud"]; !found {
		id, _ := claims["client_id"].(string)
		of = jwt.ClaimStrings{id}
	}
	return err == nil && slices.ContainsFunc(of, func(one string) bool { return one != "" && slices.Contains(audience, one) })
}
