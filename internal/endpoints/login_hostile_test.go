package endpoints_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/test/provider"
)

// What a login ends in that proves nothing.
const (
	notCompleted = `{"message":"The sign-in could not be completed. Please try again.","status":"GENERAL_ERROR"}`
	notSignedIn  = `{"reason":"The provider did not sign you in.","status":"SIGN_IN_UP_NOT_ALLOWED"}`
	noEmail      = `{"status":"NO_EMAIL_GIVEN_BY_PROVIDER"}`
	noAnswer     = `{"message":"the provider does not answer, please try again"}`
)

// wrong is one thing that is wrong with a login.
type wrong struct {
	name  string
	spoil func(p *provider.Provider)                            // of the provider
	alter func(query map[string]string, verifier string) string // of what the frontend comes back with; returns the verifier
	want  string                                                // the answer's body; "" is notCompleted
	early bool                                                  // the login does not even begin
}

// with sets a claim of an ID token.
func with(name string, value any) func(*provider.Provider) {
	return func(p *provider.Provider) { p.IDToken = func(c provider.Claims) { c[name] = value } }
}

// without takes claims away.
func without(names ...string) func(*provider.Provider) {
	return func(p *provider.Provider) {
		p.IDToken = func(c provider.Claims) {
			maps.DeleteFunc(c, func(name string, _ any) bool { return slices.Contains(names, name) })
		}
	}
}

// timed sets a claim to a time from now.
func timed(name string, d time.Duration) func(*provider.Provider) {
	return func(p *provider.Provider) { p.IDToken = func(c provider.Claims) { c[name] = p.Now().Add(d).Unix() } }
}

// query sets or, if the value is empty, deletes a parameter that the frontend
// comes back with.
func query(name, value string) func(map[string]string, string) string {
	return func(q map[string]string, verifier string) string {
		q[name] = value
		if value == "" {
			delete(q, name)
		}
		return verifier
	}
}

func wrongReturns() []wrong {
	return []wrong{
		{name: "from another provider", alter: query("iss", "https://evil.example.com")},
		{name: "from a provider that looks alike", alter: query("iss", "https://corp.example.com/")},
		{name: "from nobody", alter: query("iss", "")},
		{name: "with an error", alter: query("error", "access_denied"), want: notSignedIn},
		{name: "with an error of another provider's", alter: func(q map[string]string, v string) string {
			q["error"], q["iss"] = "access_denied", "https://evil.example.com"
			return v
		}},
		{name: "without a code", alter: query("code", "")},
		{name: "with a code of nobody's", alter: query("code", "a code that somebody made up")},
		{name: "with a code too long", alter: query("code", strings.Repeat("a", 5000))},
		{name: "with another's verifier", alter: func(map[string]string, string) string { return strings.Repeat("a", 43) }},
		{name: "with another's verifier, for which the provider does not care", spoil: func(p *provider.Provider) { p.AnyCode = true },
			alter: func(map[string]string, string) string { return strings.Repeat("a", 43) }},
		{name: "with no verifier", alter: func(map[string]string, string) string { return "" }},
		{name: "with a verifier that is none", alter: func(map[string]string, string) string { return strings.Repeat(".", 43) }},
	}
}

func wrongClaims() []wrong {
	return []wrong{
		{name: "of another issuer", spoil: with("iss", "https://evil.example.com")},
		{name: "of no issuer", spoil: without("iss")},
		{name: "for another client", spoil: with("aud", "another")},
		{name: "for nobody", spoil: without("aud")},
		{name: "for two clients, made for neither", spoil: with("aud", []string{provider.ClientID, "another"})},
		{name: "made for another", spoil: with("azp", "another")},
		{name: "for two clients, made for the other", spoil: func(p *provider.Provider) {
			p.IDToken = func(c provider.Claims) { c["aud"], c["azp"] = []string{provider.ClientID, "another"}, "another" }
		}},
		{name: "expired", spoil: timed("exp", -time.Second)},
		{name: "without an end", spoil: without("exp")},
		{name: "of the future", spoil: timed("iat", time.Hour)},
		{name: "of the past", spoil: timed("iat", -time.Hour)},
		{name: "without a time", spoil: without("iat")},
		{name: "not good yet", spoil: timed("nbf", time.Hour)},
		{name: "without a nonce", spoil: without("nonce")},
		{name: "with another's nonce", spoil: with("nonce", strings.Repeat("A", 43))},
		{name: "with an empty nonce", spoil: with("nonce", "")},
		{name: "with a nonce of another type", spoil: with("nonce", 1)},
		{name: "without a subject", spoil: without("sub")},
		{name: "with an empty subject", spoil: with("sub", "")},
		{name: "with a subject too long", spoil: with("sub", strings.Repeat("a", 256))},
		{name: "with a subject of another type", spoil: with("sub", 7)},
		{name: "with a subject that is no plain text", spoil: with("sub", "ada\x00")},
		{name: "with an address of another type", spoil: with("email", []string{"ada@example.com"})},
		{name: "verified by another type", spoil: with("email_verified", 1)},
		{name: "of another access token", spoil: with("at_hash", base64.RawURLEncoding.EncodeToString(make([]byte, 16)))},
	}
}

// signing makes the provider sign in another way.
func signing(sign func(p *provider.Provider, h, c provider.Claims) string) func(*provider.Provider) {
	return func(p *provider.Provider) {
		p.Sign = func(h, c provider.Claims) string { return sign(p, h, c) }
	}
}

func header(name string, value any) func(*provider.Provider) {
	return func(p *provider.Provider) { p.Header = func(h provider.Claims) { h[name] = value } }
}

// hmacWith signs by HS256 with what everybody knows.
func hmacWith(key func(*ecdsa.PublicKey) []byte) func(*provider.Provider) {
	return signing(func(p *provider.Provider, h, c provider.Claims) string {
		h["alg"] = "HS256"
		mac := hmac.New(sha256.New, key(p.Public()))
		input := provider.Unsigned(h, c)
		mac.Write([]byte(input))
		return input + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	})
}

func der(key *ecdsa.PublicKey) []byte { text, _ := x509.MarshalPKIXPublicKey(key); return text }

func wrongSignatures() []wrong {
	stranger, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	unsigned := func(alg string) func(*provider.Provider) {
		return signing(func(_ *provider.Provider, h, c provider.Claims) string {
			h["alg"] = alg
			return provider.Unsigned(h, c) + "."
		})
	}
	return []wrong{
		{name: "by the algorithm none", spoil: unsigned("none")},
		{name: "by the algorithm None", spoil: unsigned("None")},
		{name: "by none with a signature", spoil: header("alg", "none")},
		{name: "by HS256 with the public key", spoil: hmacWith(der)},
		{name: "by HS256 with the public key in PEM", spoil: hmacWith(func(k *ecdsa.PublicKey) []byte {
			return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der(k)})
		})},
		{name: "by HS256 with the client's secret", spoil: hmacWith(func(*ecdsa.PublicKey) []byte { return []byte(provider.Secret) })},
		{name: "by another algorithm than the key's", spoil: header("alg", "RS256")},
		{name: "by an algorithm that the provider does not have", spoil: header("alg", "ES384")},
		{name: "by a stranger's key", spoil: signing(func(_ *provider.Provider, h, c provider.Claims) string { return provider.Signed(stranger, h, c) })},
		{name: "by a key that it brings", spoil: signing(func(_ *provider.Provider, h, c provider.Claims) string {
			h["jwk"] = provider.Claims{"kty": "EC", "crv": "P-256", "x": base64.RawURLEncoding.EncodeToString(stranger.X.Bytes()),
				"y": base64.RawURLEncoding.EncodeToString(stranger.Y.Bytes())}
			return provider.Signed(stranger, h, c)
		})},
		{name: "by a key that is not published", spoil: header("kid", "unknown")},
		{name: "with a header that must be understood", spoil: header("crit", []string{"b64x"})},
		{name: "cut short", spoil: signing(func(p *provider.Provider, h, c provider.Claims) string { return provider.Unsigned(h, c) })},
		{name: "in another serialization", spoil: func(p *provider.Provider) {
			p.Tokens = func(c provider.Claims) {
				part := strings.Split(c["id_token"].(string), ".")
				c["id_token"] = `{"protected":"` + part[0] + `","payload":"` + part[1] + `","signature":"` + part[2] + `"}`
			}
		}},
		{name: "with a claim that is there twice", spoil: signing(func(p *provider.Provider, h, c provider.Claims) string {
			return p.SignedText(h, `{"sub":"ada-1","sub":"eve","iss":"`+p.URL+`"}`)
		})},
		{name: "of twenty kilobytes", spoil: with("more", strings.Repeat("a", 20<<10))},
		{name: "missing", spoil: func(p *provider.Provider) { p.Tokens = func(c provider.Claims) { delete(c, "id_token") } }},
		{name: "of another type", spoil: func(p *provider.Provider) { p.Tokens = func(c provider.Claims) { c["id_token"] = 7 } }},
	}
}

// answering are the ways in which no document can be had from a path of the
// provider's.
func answering(path string, early bool, needs func(*provider.Provider)) []wrong {
	type answer = http.HandlerFunc
	writing := func(status int, text string) answer {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); w.Write([]byte(text)) }
	}
	var all []wrong
	for _, a := range []struct {
		name   string
		answer answer
		want   string
	}{
		{"slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, noAnswer},
		{"down", writing(502, "bad gateway"), noAnswer},
		{"throttled", writing(429, ""), noAnswer},
		{"not there", writing(404, "not found"), ""},
		{"huge", writing(200, `{"a":"`+strings.Repeat("a", 1<<20)+`"}`), ""},
		{"empty", writing(200, ""), ""},
		{"no JSON", writing(200, "<html>"), ""},
		{"a list", writing(200, "[]"), ""},
		{"cut short", writing(200, `{"issuer":"https://corp.example.com"`), ""},
		{"an empty object", writing(200, "{}"), ""},
		{"elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example.com"+r.URL.Path, http.StatusFound)
		}, ""},
	} {
		all = append(all, wrong{name: path + " " + a.name, want: a.want, early: early, spoil: func(p *provider.Provider) {
			if needs != nil {
				needs(p)
			}
			p.Answer[path] = a.answer
		}})
	}
	return all
}

func wrongDocuments() []wrong {
	document := func(name string, value any) wrong {
		return wrong{name: "discovery with another " + name, early: true, spoil: func(p *provider.Provider) {
			p.Discovery = func(c provider.Claims) { c[name] = value }
		}}
	}
	addressless := without("email", "email_verified")
	all := []wrong{
		document("issuer", "https://evil.example.com"), document("issuer", "https://corp.example.com/"),
		document("token_endpoint", "http://corp.example.com/token"), document("token_endpoint", "http://127.0.0.1:9001/token"),
		document("jwks_uri", ""), document("authorization_endpoint", "javascript:alert(1)"), document("userinfo_endpoint", "file:///etc/passwd"),
		document("id_token_signing_alg_values_supported", []string{"none", "HS256"}),
		{name: "userinfo of another user", spoil: func(p *provider.Provider) {
			addressless(p)
			p.UserInfo = func(c provider.Claims) { c["sub"] = "eve" }
		}},
		{name: "userinfo without an address", want: noEmail, spoil: func(p *provider.Provider) {
			addressless(p)
			p.UserInfo = func(c provider.Claims) { delete(c, "email") }
		}},
		{name: "no userinfo, and no address", want: noEmail, spoil: func(p *provider.Provider) {
			addressless(p)
			p.Discovery = func(c provider.Claims) { delete(c, "userinfo_endpoint") }
		}},
		{name: "an address that is none", want: noEmail, spoil: with("email", "ada")},
		{name: "a secret that is another", spoil: func(p *provider.Provider) { p.Secret = "another" }},
	}
	all = append(all, answering("/.well-known/openid-configuration", true, nil)...)
	all = append(all, answering("/jwks", false, nil)...)
	all = append(all, answering("/token", false, nil)...)
	return append(all, answering("/userinfo", false, addressless)...)
}

// Whatever is wrong with a login: the client is told so and given nothing, there
// is no user, no line of the log holds a secret, and others sign in meanwhile.
func TestHostileProvider(t *testing.T) {
	for of, list := range map[string][]wrong{
		"return": wrongReturns(), "ID token": wrongClaims(), "ID token signed": wrongSignatures(), "": wrongDocuments(),
	} {
		for _, w := range list {
			t.Run(strings.TrimSpace(of+" "+w.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { w.fails(t) })
			})
		}
	}
}

func (w wrong) fails(t *testing.T) {
	p := newByProvider(t)
	p.network.New("elsewhere.example.com", p.now)
	fine := p.stack.provider("fine", nil)
	if w.spoil != nil {
		w.spoil(p.Provider)
	}
	if w.want == "" {
		w.want = notCompleted
	}
	c := p.client("cookie")
	began := c.send(request{route: beginRoute, query: map[string]string{"thirdPartyId": "corp", "redirectURIOnProviderDashboard": provider.Redirect}})
	a, verifier := began, strings.Repeat("v", 43)
	if !w.early {
		body := decoded(t, began)
		verifier = body["pkceCodeVerifier"].(string)
		back := p.SignIn(t, body["urlWithQueryParams"].(string))
		if w.alter != nil {
			verifier = w.alter(back, verifier)
		}
		a = c.send(request{route: signInUpRoute, body: returning("corp", verifier, back)})
	}
	status := map[string]int{noAnswer: 503}[w.want]
	if status == 0 {
		status = 200
	}
	if a.StatusCode != status || a.Body != w.want || (a.Headers["retry-after"] != "") != (status == 503) {
		t.Errorf("answer = %d %s, want %d %s", a.StatusCode, a.Body, status, w.want)
	}
	expectUntouched(t, "the login", a)
	for _, subject := range []string{"ada-1", "eve", "7"} {
		u, err := p.accounts.ByLogin(t.Context(), "public", identityAt(p.Provider, "corp", subject))
		if !errors.Is(err, accounts.ErrNotFound) {
			t.Errorf("there is the user %+v, %v", u, err)
		}
	}
	if n := p.network["elsewhere.example.com"].Asked(""); n > 0 {
		t.Errorf("another server was asked %d times", n)
	}
	p.told(t, append(p.Given(), verifier))
	other := p.client("header")
	other.loggedIn(other.login(fine, "fine"))
}

func identityAt(p *provider.Provider, id, subject string) accounts.Identity {
	return accounts.Identity{Provider: id, Issuer: p.URL, Subject: subject}
}

// told asserts that the log holds none of the secrets, nor the client's, nor an
// address.
func (s *stack) told(t *testing.T, secrets []string) {
	t.Helper()
	log := s.log.String()
	for _, secret := range append(secrets, provider.Secret, "ada@", "Ada@") {
		if secret != "" && strings.Contains(log, secret) {
			t.Errorf("the log holds %.12q: %s", secret, log)
		}
	}
}
