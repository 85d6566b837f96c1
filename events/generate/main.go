// Command generate renews the event files: it signs their tokens again, with a
// key made for this and thrown away, and moves all their times to now. The
// public half of the key goes to env.json, for the functions that verify.
//
//	make events
//
// The tests do not need it, since they run by the clock of the files. sam
// local invoke does: tokens live for a day at most, because no verifier takes
// a longer life, and no option makes one.
//
// A token says in its claim "example" what it is an example of: "good" and
// "expired" ones are signed, and a "forged" one is signed with another key
// under the id of the right one.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

func main() {
	dir := flag.String("dir", "events", "renew the files below `DIR`")
	flag.Parse()
	if err := renew(*dir, time.Now()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// anchor is the file whose token tells when the files were made.
const anchor = "authorizer/http-2-get.json"

// functions are those that take their keys from env.json. The others ask the
// tables, which they cannot do without anyway.
func functions() []string { return []string{"AuthorizerFunction", "RevokeFunction", "JwksFunction"} }

// renew rewrites the files as if they were made at now.
func renew(dir string, now time.Time) error {
	text, err := os.ReadFile(filepath.Join(dir, anchor))
	if err != nil {
		return err
	}
	made, err := issued(form().FindString(string(text)))
	if err != nil {
		return fmt.Errorf("%s: %w", anchor, err)
	}
	mint, err := newMint(now.Truncate(time.Second).Sub(made))
	if err != nil {
		return err
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" || strings.HasSuffix(path, ".want.json") || filepath.Base(path) == "env.json" {
			return err
		}
		return mint.renewFile(path)
	})
	if err != nil {
		return err
	}
	return mint.writeEnv(filepath.Join(dir, "env.json"))
}

// form matches a token of three parts.
func form() *regexp.Regexp { return regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`) }

// times matches the times in the authorizer's context.
func times() *regexp.Regexp { return regexp.MustCompile(`("(?:expires|decided)": ")(\d+)(")`) }

// mint makes tokens.
type mint struct {
	shift  time.Duration
	kid    string
	jwks   string
	signer *token.Signer // with the key in env.json
	other  *token.Signer // under the same id
}

func newMint(shift time.Duration) (*mint, error) {
	key, err := token.Generate(token.RS256)
	if err != nil {
		return nil, err
	}
	m := &mint{shift: shift}
	if m.kid, err = token.Thumbprint(key.Public()); err != nil {
		return nil, err
	}
	if m.signer, err = token.NewSigner(token.RS256, m.kid, key); err != nil {
		return nil, err
	}
	jwk, err := token.PublicJWK(m.kid, token.RS256, key.Public())
	if err != nil {
		return nil, err
	}
	m.jwks = `{"keys":[` + string(jwk) + `]}`
	other, err := token.Generate(token.RS256)
	if err != nil {
		return nil, err
	}
	m.other, err = token.NewSigner(token.RS256, m.kid, other)
	return m, err
}

func (m *mint) renewFile(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var faults []error
	renewed := form().ReplaceAllStringFunc(string(text), func(raw string) string {
		fresh, err := m.sign(raw)
		faults = append(faults, err)
		return fresh
	})
	renewed = times().ReplaceAllStringFunc(renewed, func(member string) string {
		parts := times().FindStringSubmatch(member)
		seconds, err := strconv.ParseInt(parts[2], 10, 64)
		faults = append(faults, err)
		return parts[1] + strconv.FormatInt(seconds+int64(m.shift.Seconds()), 10) + parts[3]
	})
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(renewed), 0o644)
}

// content is what the files' tokens carry.
type content struct {
	Issuer     string `json:"iss"`
	Subject    string `json:"sub"`
	RecipeUser string `json:"rsub"`
	Tenant     string `json:"tId"`
	Handle     string `json:"sessionHandle"`
	IssuedAt   int64  `json:"iat"`
	Expires    int64  `json:"exp"`
	Example    string `json:"example"`
}

func read(raw string) (content, error) {
	var c content
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return c, errors.New("no token")
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(text, &c)
}

// issued returns when a token was made.
func issued(raw string) (time.Time, error) {
	c, err := read(raw)
	return time.Unix(c.IssuedAt, 0), err
}

// sign makes a token again.
func (m *mint) sign(raw string) (string, error) {
	c, err := read(raw)
	if err != nil {
		return "", err
	}
	signer := m.signer
	if c.Example == "forged" {
		signer = m.other
	}
	return signer.Sign(token.Claims{
		Issuer: c.Issuer, Audience: c.Issuer, Subject: c.Subject, RecipeUser: c.RecipeUser, Tenant: c.Tenant, Handle: c.Handle,
		IssuedAt: time.Unix(c.IssuedAt, 0).Add(m.shift), Expires: time.Unix(c.Expires, 0).Add(m.shift),
		Custom: json.RawMessage(`{"example":` + strconv.Quote(c.Example) + `}`),
	})
}

// writeEnv writes the variables that sam local gives the functions: the public
// key.
func (m *mint) writeEnv(path string) error {
	env := map[string]map[string]string{}
	for _, id := range functions() {
		env[id] = map[string]string{"PUBLIC_KEYS": m.jwks}
	}
	text, err := json.MarshalIndent(env, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
