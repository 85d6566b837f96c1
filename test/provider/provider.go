// Package provider is an OpenID provider for tests. By default it does
// everything right and is as strict with its client as a provider can be. Each
// of its hooks makes it do one thing wrong.
package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The client that every Provider knows, and its redirect URI.
const (
	ClientID = "latchkey"
	Secret   = "the secret of the client, + % : in it"
	Redirect = "https://app.example.com/auth/callback/corp"
)

// Claims are the claims of a token or the members of a document.
type Claims = map[string]any

// Provider is an OpenID provider. Its hooks must not be changed during a
// request.
type Provider struct {
	URL    string // its issuer
	Secret string // of its client
	Now    func() time.Time
	// User has the claims of the user who signs in.
	User Claims

	Discovery func(Claims)                // spoils the discovery document
	Header    func(Claims)                // spoils the header of every token
	IDToken   func(Claims)                // spoils the claims of an ID token
	Sign      func(h, c Claims) string    // signs in place of the key
	Tokens    func(Claims)                // spoils the answer to an exchange
	UserInfo  func(Claims)                // spoils the answer of userinfo
	Keys      func(Claims)                // spoils the published key
	Answer    map[string]http.HandlerFunc // replaces the answer of a path
	AnyCode   bool                        // a code is accepted again, and from any client

	mu     sync.Mutex
	key    *ecdsa.PrivateKey
	kid    string
	codes  map[string]url.Values // the query that each code was given for
	access map[string]bool
	given  []string // every code and token that was given out
	asked  map[string]int
}

// Network holds providers by host. It carries requests to them without a
// socket, so that a test can stop the clock.
type Network map[string]*Provider // by host

// New returns a Provider at the host, reached by https.
func (n Network) New(host string, now func() time.Time) *Provider {
	p := &Provider{
		URL: "https://" + host, Secret: Secret, Now: now, User: Claims{"sub": "ada-1", "email": "Ada@Example.com", "email_verified": true},
		Answer: map[string]http.HandlerFunc{}, codes: map[string]url.Values{}, access: map[string]bool{}, asked: map[string]int{},
	}
	p.Rotate()
	n[host] = p
	return p
}

// RoundTrip implements http.RoundTripper.
func (n Network) RoundTrip(r *http.Request) (*http.Response, error) {
	p, there := n[r.URL.Host]
	if !there || r.URL.Scheme != "https" {
		return nil, fmt.Errorf("no provider at %s", r.URL)
	}
	answered := make(chan *http.Response, 1)
	go func() {
		recorder := httptest.NewRecorder()
		p.ServeHTTP(recorder, r)
		answered <- recorder.Result()
	}()
	select {
	case response := <-answered:
		return response, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// Rotate makes a new key, which signs from then on. The old one is no longer
// published.
func (p *Provider) Rotate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.kid = rand.Text()
}

// Public returns the public half of the signing key.
func (p *Provider) Public() *ecdsa.PublicKey {
	p.mu.Lock()
	defer p.mu.Unlock()
	return &p.key.PublicKey
}

// Given returns every code and token that was given out.
func (p *Provider) Given() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.given...)
}

// Asked returns how often a path was requested. An empty path means any.
func (p *Provider) Asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

// ServeHTTP implements http.Handler.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked[r.URL.Path]++
	p.asked[""]++
	p.mu.Unlock()
	if answer, there := p.Answer[r.URL.Path]; there {
		answer(w, r)
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		p.discovery(w)
	case "/jwks":
		p.keys(w)
	case "/token":
		p.exchange(w, r)
	case "/userinfo":
		p.userInfo(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (p *Provider) discovery(w http.ResponseWriter) {
	document := Claims{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize?of=corp", "token_endpoint": p.URL + "/token",
		"jwks_uri": p.URL + "/jwks", "userinfo_endpoint": p.URL + "/userinfo",
		"id_token_signing_alg_values_supported":          []string{"none", "HS256", "ES256", "RS256"},
		"authorization_response_iss_parameter_supported": true,
	}
	spoil(p.Discovery, document)
	write(w, http.StatusOK, document)
}

func (p *Provider) keys(w http.ResponseWriter) {
	text, _ := jose.JSONWebKey{Key: p.Public(), KeyID: p.kid, Algorithm: "ES256", Use: "sig"}.MarshalJSON()
	public := Claims{}
	json.Unmarshal(text, &public)
	spoil(p.Keys, public)
	write(w, http.StatusOK, Claims{"keys": []any{Claims{"kty": "unheard of"}, public}})
}

// SignIn does what the user's browser does on the page of a login. It returns
// the query that the user is sent back with.
func (p *Provider) SignIn(t testing.TB, authorization string) map[string]string {
	t.Helper()
	u, err := url.Parse(authorization)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": ClientID, "redirect_uri": Redirect, "code_challenge_method": "S256", "of": "corp",
	} {
		if q.Get(name) != want {
			t.Errorf("%s asks for %s %q, want %q", authorization, name, q.Get(name), want)
		}
	}
	if len(q.Get("code_challenge")) != 43 || len(q.Get("nonce")) != 43 || q.Has("state") {
		t.Errorf("%s has no challenge or no nonce of 256 bits, or a state", authorization)
	}
	code := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = q
	p.given = append(p.given, code)
	return map[string]string{"code": code, "iss": p.URL, "state": "the frontend's"}
}

// exchange redeems a code once, for the client and the login it was given to.
func (p *Provider) exchange(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	id, _ = url.QueryUnescape(id)
	secret, _ = url.QueryUnescape(secret)
	if id != ClientID || secret != p.Secret {
		write(w, http.StatusUnauthorized, Claims{"error": "invalid_client"})
		return
	}
	code := r.PostFormValue("code")
	p.mu.Lock()
	asked, known := p.codes[code]
	if !p.AnyCode {
		delete(p.codes, code)
	}
	p.mu.Unlock()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	bound := base64.RawURLEncoding.EncodeToString(challenge[:]) == asked.Get("code_challenge") && r.PostFormValue("redirect_uri") == asked.Get("redirect_uri")
	if !known || !bound && !p.AnyCode {
		write(w, http.StatusBadRequest, Claims{"error": "invalid_grant", "error_description": "of the code " + code})
		return
	}
	now := p.Now()
	claims := Claims{
		"iss": p.URL, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "nonce": asked.Get("nonce"),
	}
	maps.Copy(claims, p.User)
	spoil(p.IDToken, claims)
	access := rand.Text()
	answer := Claims{"access_token": access, "token_type": "Bearer", "expires_in": 3600, "id_token": p.Token(claims, "JWT")}
	spoil(p.Tokens, answer)
	p.mu.Lock()
	p.access[access] = true
	p.given = append(p.given, access)
	p.mu.Unlock()
	write(w, http.StatusOK, answer)
}

func (p *Provider) userInfo(w http.ResponseWriter, r *http.Request) {
	var access string
	fmt.Sscanf(r.Header.Get("Authorization"), "Bearer %s", &access)
	p.mu.Lock()
	known := p.access[access]
	p.mu.Unlock()
	if !known {
		write(w, http.StatusUnauthorized, Claims{"error": "invalid_token"})
		return
	}
	info := Claims{"sub": p.User["sub"], "email": "userinfo@example.com", "email_verified": "true"}
	spoil(p.UserInfo, info)
	write(w, http.StatusOK, info)
}

// Token signs claims and notes the token down. If Sign or Header is set, those
// make the token.
func (p *Provider) Token(claims Claims, typ string) string {
	p.mu.Lock()
	header, key := Claims{"alg": "ES256", "kid": p.kid}, p.key
	p.mu.Unlock()
	if typ != "" {
		header["typ"] = typ
	}
	spoil(p.Header, header)
	sign := p.Sign
	if sign == nil {
		sign = func(h, c Claims) string { return Signed(key, h, c) }
	}
	token := sign(header, claims)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.given = append(p.given, token)
	return token
}

// LogoutToken signs a notice that the login of a subject has ended.
func (p *Provider) LogoutToken(subject string, change func(Claims)) string {
	now := p.Now()
	claims := Claims{
		"iss": p.URL, "aud": ClientID, "sub": subject, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": rand.Text(),
		"events": Claims{"http://schemas.openid.net/event/backchannel-logout": Claims{}},
	}
	spoil(change, claims)
	return p.Token(claims, "logout+jwt")
}

// SignedText signs a text instead of claims.
func (p *Provider) SignedText(header Claims, text string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return signed(p.key, part(encoded(header))+"."+part([]byte(text)))
}

// Signed returns the token signed with the key by ES256, whatever its header
// says.
func Signed(key *ecdsa.PrivateKey, header, claims Claims) string {
	return signed(key, Unsigned(header, claims))
}

// Unsigned returns the part of a token that is signed.
func Unsigned(header, claims Claims) string {
	return part(encoded(header)) + "." + part(encoded(claims))
}

func signed(key *ecdsa.PrivateKey, input string) string {
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		panic(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return input + "." + part(signature)
}

func part(of []byte) string { return base64.RawURLEncoding.EncodeToString(of) }

func encoded(c Claims) []byte {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	return text
}

func spoil(hook func(Claims), c Claims) {
	if hook != nil {
		hook(c)
	}
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
