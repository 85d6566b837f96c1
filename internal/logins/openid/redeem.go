package openid

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	stdjson "encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/oauth2"

	"github.com/latchkey-auth/latchkey/internal/logins"
)

var errTruth = errors.New("openid: neither true nor false")

// maxCode is the longest code that is redeemed, in bytes.
const maxCode = 4096

// verifierForm is that of the verifiers that Authorize makes.
var verifierForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// nonceOf returns the nonce of the login that has the verifier. The verifier
// does not follow from it. A party that has neither has no use for the ID
// token.
func nonceOf(verifier string) string {
	sum := sha256.Sum256([]byte("latchkey: nonce of a login\n" + verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Authorize begins a login that is to end at the redirect URI. It returns
// logins.ErrNotFound, ErrRedirect, ErrRefused or ErrUnavailable, or
// token.ErrUnavailable.
func (c *Client) Authorize(ctx context.Context, id, clientType, redirectURI string) (logins.Authorization, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	p, m, err := c.party(ctx, id, clientType, redirectURI)
	if err != nil {
		return logins.Authorization{}, err
	}
	var random [32]byte
	rand.Read(random[:])
	verifier := base64.RawURLEncoding.EncodeToString(random[:])
	to := oauth2.Config{
		ClientID: p.ClientID, RedirectURL: redirectURI, Scopes: p.Scopes, Endpoint: oauth2.Endpoint{AuthURL: m.Authorization},
	}
	return logins.Authorization{
		URL:      to.AuthCodeURL("", oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonceOf(verifier))),
		Verifier: verifier,
	}, nil
}

// party returns the provider by which a login may end at the redirect URI, and
// what that provider publishes.
func (c *Client) party(ctx context.Context, id, clientType, redirectURI string) (logins.Provider, metadata, error) {
	p, err := c.provider(ctx, id, clientType)
	if err != nil {
		return logins.Provider{}, metadata{}, err
	}
	if !p.Redirects(redirectURI) {
		return logins.Provider{}, metadata{}, logins.ErrRedirect
	}
	m, err := c.discover(ctx, p.Issuer)
	return p, m, err
}

// Redeem returns the person that the provider vouches for. It returns
// logins.ErrNotFound, ErrRedirect, ErrDeclined, ErrRefused or ErrUnavailable,
// or token.ErrUnavailable.
func (c *Client) Redeem(ctx context.Context, r logins.Return) (logins.Person, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTime)
	defer cancel()
	p, m, err := c.party(ctx, r.Provider, r.ClientType, r.RedirectURI)
	if err != nil {
		return logins.Person{}, err
	}
	if err := judge(m, r); err != nil {
		return logins.Person{}, err
	}
	tokens, err := c.exchange(ctx, p, m, r)
	if err != nil {
		return logins.Person{}, err
	}
	raw, _ := tokens.Extra("id_token").(string)
	claims, mapped, err := c.identify(ctx, p, m, raw, tokens.AccessToken, nonceOf(r.Verifier))
	if err != nil {
		return logins.Person{}, err
	}
	if claims.Email == "" && m.UserInfo != "" {
		if claims.address, err = c.userInfo(ctx, m, claims.Subject, tokens.AccessToken); err != nil {
			return logins.Person{}, err
		}
	}
	return logins.Person{
		Issuer: p.Issuer, Subject: claims.Subject, Email: claims.Email, Verified: bool(claims.Verified), Claims: mapped,
	}, nil
}

// judge says what is wrong with what a user came back with, before any of it is
// used. It must come from the provider with which the login began, and from no
// other (RFC 9207, section 2.4).
func judge(m metadata, r logins.Return) error {
	issuer, told := r.Query["iss"]
	code := r.Query["code"]
	switch {
	case told && issuer != m.Issuer:
		return refused("return: from another issuer")
	case !told && m.TellsIssuer:
		return refused("return: without the issuer")
	case r.Query["error"] != "":
		return logins.ErrDeclined
	case code == "" || len(code) > maxCode:
		return refused("return: without a code, or one too long")
	case !verifierForm.MatchString(r.Verifier):
		return refused("return: without the verifier of the login")
	}
	return nil
}

// exchange redeems the code (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
func (c *Client) exchange(ctx context.Context, p logins.Provider, m metadata, r logins.Return) (*oauth2.Token, error) {
	secret, err := c.secret(ctx, p)
	if err != nil {
		return nil, err
	}
	client := oauth2.Config{
		ClientID: p.ClientID, ClientSecret: secret, RedirectURL: r.RedirectURI,
		Endpoint: oauth2.Endpoint{TokenURL: m.Token, AuthStyle: m.authStyle(secret)},
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, c.http)
	tokens, err := client.Exchange(ctx, r.Query["code"], oauth2.VerifierOption(r.Verifier))
	if err != nil {
		return nil, exchangeFault(err)
	}
	return tokens, nil
}

// exchangeFault is the error of an exchange. The library's own error holds what
// the provider sent.
func exchangeFault(err error) error {
	var answered *oauth2.RetrieveError
	var failed *url.Error
	switch {
	case errors.As(err, &answered) && answered.Response.StatusCode != http.StatusOK:
		why := "exchange"
		if slices.Contains(exchangeErrors(), answered.ErrorCode) {
			why += ": " + answered.ErrorCode
		}
		return statusFault(why, answered.Response.StatusCode)
	case errors.As(err, &failed):
		return unanswered("exchange", err)
	}
	return refused("exchange: malformed")
}

// exchangeErrors are the errors that a provider may give for an exchange (RFC
// 6749, section 5.2).
func exchangeErrors() []string {
	return []string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
	}
}

// identify verifies an ID token. It returns its claims, and the claims that the
// provider's mapping names.
func (c *Client) identify(
	ctx context.Context, p logins.Provider, m metadata, raw, access, nonce string,
) (idToken, map[string]stdjson.RawMessage, error) {
	var t idToken
	var all map[string]jsontext.Value
	byLibrary := func(v *oidc.IDTokenVerifier) error {
		verified, err := v.Verify(ctx, raw)
		if err == nil && verified.AccessTokenHash != "" {
			err = verified.VerifyAccessToken(access)
		}
		return err
	}
	err := c.verify(ctx, m, p, raw, byLibrary, func(proof *proof) error {
		if err := errors.Join(proof.strictly(&t), proof.strictly(&all)); err != nil {
			return refused("ID token: claims malformed")
		}
		return t.check(p, c.now(), nonce)
	})
	if err != nil {
		return idToken{}, nil, err
	}
	mapped := make(map[string]stdjson.RawMessage, len(p.Claims))
	for to, from := range p.Claims {
		mapped[to] = stdjson.RawMessage("null")
		if value, said := all[from]; said {
			mapped[to] = stdjson.RawMessage(value)
		}
	}
	return t, mapped, nil
}

// userInfo returns the address that the provider gives at its userinfo
// endpoint. The answer must be for the same user (OpenID Connect Core 1.0,
// section 5.3.2).
func (c *Client) userInfo(ctx context.Context, m metadata, subject, access string) (address, error) {
	var info struct {
		Subject string `json:"sub"`
		address
	}
	if err := c.get(ctx, "userinfo", m.UserInfo, access, &info); err != nil {
		return address{}, err
	}
	if info.Subject != subject {
		return address{}, refused("userinfo: of another user")
	}
	return info.address, nil
}
