// Package setup starts the functions: it reads their configuration from the
// environment, opens their backends and builds what they stand on. It holds
// what the authorizer needs; package api builds the functions behind the routes
// and package rotatekeys the one that keeps the keys. The mains and the local
// run use the same constructors.
//
// It knows DynamoDB. It does not know KMS, which is linked only where private
// keys are opened: see package sealing.
package setup

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Config is the configuration of a function, as docs/configuration.md describes it.
type Config struct {
	Access, Idle, Absolute    time.Duration
	ReplayWindow, RotationGap time.Duration
	KeyRotation               time.Duration
	Algorithm                 token.Algorithm
	MaxSessions               int
	MinPassword               int
	PerSource                 int      // attempts of one address in a quarter of an hour
	ViewerHeader              string   // in lower case; where the only proxy states the client's address
	Origins                   []string // whose pages may use cookie tokens; nil means none
	APIDomain                 string   // custom domain of the API; empty means execute-api's
	GatewayPath               string   // path to which the API is mapped on that domain
	CookieDomain              string   // empty means host-only cookies
	CookieSameSite            string   // lax, none or strict
	Tenants                   []string
	MailFrom                  string       // address that mails come from; empty: none are sent
	Website                   string       // origin that links in mails lead to; empty if MailFrom is
	Verification              Verification // of the addresses of users

	// The constructor of a function says which of these it needs.
	SessionsTable, AccountsTable, KeysTable string
	KMSKey                                  string
	MailFunction                            string // name of the function that mails; empty: none
	DynamoDBEndpoint                        string // empty means the Region's
	Region                                  string
	PublicKeys                              string // a JWK Set instead of the keys table, for sam local
	Stack                                   string // name of the stack, which tells metrics apart

	// Only the local run sets Insecure, because it is reached by plain http: its
	// cookies lack Secure. No variable sets it.
	Insecure bool
}

// maxAccess is the longest life that access tokens can be given. Every function
// accepts tokens up to it. During a deployment, functions with the old setting
// meet tokens made with the new one, and must not refuse them.
const maxAccess = 24 * time.Hour

// websitePattern is an exact origin, reached by https or on this machine:
// anyone who reads a token on its way can take over the account.
const websitePattern = `(https://[a-z0-9-]+(\.[a-z0-9-]+)*|http://(localhost|127\.0\.0\.1|\[::1\]))(:[0-9]{1,5})?`

// FromEnv reads the configuration. A variable that is not set has its default.
// FromEnv reports every bad variable by its name, all together.
func FromEnv(getenv func(string) string) (Config, error) {
	e := &environment{getenv: getenv}
	c := Config{
		Access:         e.seconds("ACCESS_TOKEN_SECONDS", 3600, 1, int(maxAccess.Seconds())),
		ReplayWindow:   e.seconds("REPLAY_WINDOW_SECONDS", 60, 0, 300),
		RotationGap:    e.seconds("ROTATION_GAP_SECONDS", 90, 0, 300),
		Idle:           e.seconds("IDLE_SECONDS", 8640000, 1, 315360000),
		Absolute:       e.seconds("ABSOLUTE_SECONDS", 31536000, 1, 315360000),
		KeyRotation:    time.Duration(e.integer("KEY_ROTATION_HOURS", 168, 24, 8760)) * time.Hour,
		Algorithm:      e.algorithm("SIGNING_ALGORITHM"),
		MaxSessions:    e.integer("MAX_SESSIONS_PER_USER", 100, 1, 1000),
		MinPassword:    e.integer("MIN_PASSWORD_LENGTH", 8, 8, 64),
		PerSource:      e.integer("ATTEMPTS_PER_SOURCE", 100, 10, 1_000_000),
		ViewerHeader:   strings.ToLower(e.matching("VIEWER_ADDRESS_HEADER", `[A-Za-z0-9-]{1,64}`)),
		Origins:        e.list("ALLOWED_ORIGINS", ""),
		APIDomain:      e.matching("API_DOMAIN", `[a-z0-9-]+(\.[a-z0-9-]+)+`),
		GatewayPath:    getenv("API_GATEWAY_PATH"),
		CookieDomain:   getenv("COOKIE_DOMAIN"),
		CookieSameSite: cmp.Or(getenv("COOKIE_SAME_SITE"), "lax"),
		Tenants:        e.list("TENANTS", "public"),
		MailFrom:       e.matching("MAIL_FROM", `[A-Za-z0-9._+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)*`),
		Website:        e.matching("WEBSITE_DOMAIN", websitePattern),
		Verification:   e.verification("EMAIL_VERIFICATION"),

		SessionsTable: getenv("SESSIONS_TABLE"), AccountsTable: getenv("ACCOUNTS_TABLE"), KeysTable: getenv("KEYS_TABLE"),
		KMSKey: getenv("KMS_KEY_ID"), DynamoDBEndpoint: getenv("DYNAMODB_ENDPOINT"), Region: getenv("AWS_REGION"),
		MailFunction: getenv("MAIL_FUNCTION"), PublicKeys: getenv("PUBLIC_KEYS"), Stack: getenv("STACK_NAME"),
	}
	// A refresh within the gap gives a new access token, but does not make the
	// session live longer.
	e.require(c.Idle >= c.Access+c.RotationGap,
		"IDLE_SECONDS must be at least ACCESS_TOKEN_SECONDS and ROTATION_GAP_SECONDS together, or a client that refreshes a moment late is logged out")
	e.require(c.Idle <= c.Absolute, "IDLE_SECONDS must not exceed ABSOLUTE_SECONDS")
	e.require(c.RotationGap >= c.ReplayWindow, "ROTATION_GAP_SECONDS must be at least REPLAY_WINDOW_SECONDS")
	e.require((c.MailFrom == "") == (c.Website == ""),
		"MAIL_FROM and WEBSITE_DOMAIN are set together, or neither is: a mail has a link to the website")
	e.checkWire(c)
	return c, errors.Join(e.faults...)
}

// checkWire checks what is sent in cookies and compared with headers, by the
// rules of the packages that use it. It checks one variable at a time so that
// each is named.
func (e *environment) checkWire(c Config) {
	for _, only := range []struct {
		name string
		cfg  fdi.Config
	}{
		{"ALLOWED_ORIGINS", fdi.Config{Origins: c.Origins}},
		{"API_GATEWAY_PATH", fdi.Config{GatewayPath: c.GatewayPath}},
		{"COOKIE_DOMAIN", fdi.Config{Domain: c.CookieDomain}},
		{"COOKIE_SAME_SITE", fdi.Config{SameSite: c.CookieSameSite}},
	} {
		only.cfg.Secure = true
		if _, err := fdi.New(only.cfg); err != nil {
			e.faults = append(e.faults, fmt.Errorf("%s: %w", only.name, err))
		}
	}
	for _, tenant := range c.Tenants {
		e.require(isName(tenant), fmt.Sprintf("TENANTS: %q is not made of a-z, 0-9 and hyphens, 64 at most", tenant))
	}
	parent := strings.TrimPrefix(c.CookieDomain, ".")
	below := c.APIDomain == parent || strings.HasSuffix(c.APIDomain, "."+parent)
	e.require(c.APIDomain == "" || parent == "" || below, "COOKIE_DOMAIN must be API_DOMAIN or a parent of it")
}

// isName reports whether s can be the name of a tenant, which is a segment of
// paths.
func isName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// environment reads variables and collects what is wrong with them.
type environment struct {
	getenv func(string) string
	faults []error
}

func (e *environment) require(ok bool, words string) {
	if !ok {
		e.faults = append(e.faults, errors.New(words))
	}
}

func (e *environment) integer(name string, standard, least, most int) int {
	text := e.getenv(name)
	if text == "" {
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		e.require(false, fmt.Sprintf("%s=%q must be a whole number from %d to %d", name, text, least, most))
		return standard
	}
	return n
}

func (e *environment) seconds(name string, standard, least, most int) time.Duration {
	return time.Duration(e.integer(name, standard, least, most)) * time.Second
}

func (e *environment) algorithm(name string) token.Algorithm {
	text := e.getenv(name)
	if text == "" {
		return token.ES256
	}
	a, err := token.ParseAlgorithm(text)
	if err != nil {
		e.require(false, fmt.Sprintf("%s=%q must be ES256, RS256 or EdDSA", name, text))
	}
	return a
}

// matching returns the variable if it is empty or if all of it matches the
// pattern.
func (e *environment) matching(name, pattern string) string {
	text := e.getenv(name)
	ok := text == "" || regexp.MustCompile(`^(?:`+pattern+`)$`).MatchString(text)
	e.require(ok, fmt.Sprintf("%s=%q must match %s", name, text, pattern))
	return text
}

// list returns the parts of the variable between commas: none if it is empty.
func (e *environment) list(name, standard string) []string {
	text := cmp.Or(e.getenv(name), standard)
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
