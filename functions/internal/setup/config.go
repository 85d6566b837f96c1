// Package setup wires the functions: it reads their configuration from the
// environment and builds each one's handler over given backends. The mains and
// the local run use the same constructors.
//
// It knows DynamoDB. It does not know KMS, which is linked only where private
// keys are opened: see package sealing.
package setup

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/sessions/token"
)

// Config is the configuration of a function, as README describes it.
type Config struct {
	Access, Idle, Absolute time.Duration
	Replay, Gap            time.Duration
	KeyRotation            time.Duration
	Algorithm              token.Algorithm
	MaxSessions            int
	MinPassword            int
	Origins                []string
	APIDomain              string // custom domain of the API; empty means execute-api's
	GatewayPath            string // path that is mapped to the API on that domain
	CookieDomain           string // empty means host-only cookies
	CookieSameSite         string // lax, none or strict
	Tenants                []string

	SessionsTable, AccountsTable, KeysTable string
	KMSKey                                  string
	DynamoDBEndpoint                        string // empty means the Region's
	Region                                  string
	PublicKeys                              string // a JWK Set in place of the keys table, for sam local

	// Insecure is set by the local run alone, which is reached by plain http:
	// its cookies lack Secure. No variable sets it.
	Insecure bool
}

// FromEnv reads the configuration. What is not set has its default. It
// reports every bad variable by its name, all together.
func FromEnv(getenv func(string) string) (Config, error) {
	e := &environment{getenv: getenv}
	c := Config{
		Access:         e.seconds("ACCESS_TOKEN_SECONDS", 3600, 1, 86400),
		Replay:         e.seconds("REPLAY_WINDOW_SECONDS", 60, 0, 300),
		Gap:            e.seconds("ROTATION_GAP_SECONDS", 90, 0, 300),
		Idle:           e.seconds("IDLE_SECONDS", 8640000, 1, 315360000),
		Absolute:       e.seconds("ABSOLUTE_SECONDS", 31536000, 1, 315360000),
		KeyRotation:    time.Duration(e.integer("KEY_ROTATION_HOURS", 168, 24, 8760)) * time.Hour,
		Algorithm:      e.algorithm("SIGNING_ALGORITHM"),
		MaxSessions:    e.integer("MAX_SESSIONS_PER_USER", 100, 1, 1000),
		MinPassword:    e.integer("MIN_PASSWORD_LENGTH", 8, 8, 64),
		Origins:        e.origins("ALLOWED_ORIGINS"),
		APIDomain:      e.matching("API_DOMAIN", "", `[a-z0-9.-]+`),
		GatewayPath:    e.matching("API_GATEWAY_PATH", "", `(/[A-Za-z0-9._~-]+)+`),
		CookieDomain:   e.matching("COOKIE_DOMAIN", "", `\.?[a-z0-9.-]+`),
		CookieSameSite: e.matching("COOKIE_SAME_SITE", "lax", `lax|none|strict`),
		Tenants:        e.list("TENANTS", "public", `[a-z0-9-]+`),

		SessionsTable: getenv("SESSIONS_TABLE"), AccountsTable: getenv("ACCOUNTS_TABLE"), KeysTable: getenv("KEYS_TABLE"),
		KMSKey: getenv("KMS_KEY_ID"), DynamoDBEndpoint: getenv("DYNAMODB_ENDPOINT"), Region: getenv("AWS_REGION"),
		PublicKeys: getenv("PUBLIC_KEYS"),
	}
	e.require(c.Access <= c.Idle, "ACCESS_TOKEN_SECONDS must not exceed IDLE_SECONDS")
	e.require(c.Idle <= c.Absolute, "IDLE_SECONDS must not exceed ABSOLUTE_SECONDS")
	e.require(c.Gap >= c.Replay, "ROTATION_GAP_SECONDS must be at least REPLAY_WINDOW_SECONDS")
	return c, errors.Join(e.faults...)
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
		return token.RS256
	}
	a, err := token.ParseAlgorithm(text)
	if err != nil {
		e.require(false, fmt.Sprintf("%s=%q must be RS256, ES256 or EdDSA", name, text))
	}
	return a
}

// matching returns the variable if the whole of it matches the pattern.
func (e *environment) matching(name, standard, pattern string) string {
	text := e.getenv(name)
	if text == "" {
		return standard
	}
	if !regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(text) {
		e.require(false, fmt.Sprintf("%s=%q must match %s", name, text, pattern))
	}
	return text
}

func (e *environment) list(name, standard, pattern string) []string {
	text := e.matching(name, standard, pattern+`(,`+pattern+`)*`)
	return strings.Split(text, ",")
}

// origins reads exact origins as browsers send them: scheme and host, with a
// port where it is not the scheme's own. Not set means that no page may call.
func (e *environment) origins(name string) []string {
	text := e.getenv(name)
	if text == "" {
		return nil
	}
	origins := strings.Split(text, ",")
	for _, origin := range origins {
		u, err := url.Parse(origin)
		ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && origin == u.Scheme+"://"+u.Host
		e.require(ok && origin == strings.ToLower(origin), fmt.Sprintf("%s: %q is not an exact origin such as https://app.example.com", name, origin))
	}
	return origins
}
