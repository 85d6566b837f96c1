package setup_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

// env returns an environment with these variables and no others.
func env(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestDefaults(t *testing.T) {
	got, err := setup.FromEnv(env(nil))
	want := setup.Config{
		Access: time.Hour, Idle: 100 * 24 * time.Hour, Absolute: 365 * 24 * time.Hour,
		ReplayWindow: time.Minute, RotationGap: 90 * time.Second,
		KeyRotation: 7 * 24 * time.Hour, Algorithm: token.ES256,
		MaxSessions: 100, MinPassword: 8, PerSource: 100,
		CookieSameSite: "lax", Tenants: []string{"public"}, Verification: setup.VerificationOff,
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("FromEnv of nothing = %+v, %v, want %+v", got, err, want)
	}
}

func TestEveryVariableIsRead(t *testing.T) {
	got, err := setup.FromEnv(env(map[string]string{
		"ACCESS_TOKEN_SECONDS": "60", "REPLAY_WINDOW_SECONDS": "0", "ROTATION_GAP_SECONDS": "7",
		"IDLE_SECONDS": "600", "ABSOLUTE_SECONDS": "6000", "KEY_ROTATION_HOURS": "24",
		"SIGNING_ALGORITHM": "EdDSA", "MAX_SESSIONS_PER_USER": "3", "MIN_PASSWORD_LENGTH": "15", "ATTEMPTS_PER_SOURCE": "5000", "VIEWER_ADDRESS_HEADER": "CloudFront-Viewer-Address",
		"ALLOWED_ORIGINS": "https://app.example.com,http://localhost:3000",
		"API_DOMAIN":      "api.example.com", "API_GATEWAY_PATH": "/v1/auth-api",
		"COOKIE_DOMAIN": ".example.com", "COOKIE_SAME_SITE": "none", "TENANTS": "public,acme-2", "EMAIL_VERIFICATION": "required",
		"SESSIONS_TABLE": "s", "ACCOUNTS_TABLE": "a", "KEYS_TABLE": "k", "KMS_KEY_ID": "m",
		"MAIL_FROM": "no-reply@example.com", "WEBSITE_DOMAIN": "https://app.example.com", "MAIL_FUNCTION": "f",
		"DYNAMODB_ENDPOINT": "http://127.0.0.1:8000", "AWS_REGION": "eu-central-1", "PUBLIC_KEYS": "p",
	}))
	want := setup.Config{
		Access: time.Minute, Idle: 10 * time.Minute, Absolute: 100 * time.Minute,
		ReplayWindow: 0, RotationGap: 7 * time.Second,
		KeyRotation: 24 * time.Hour, Algorithm: token.EdDSA,
		MaxSessions: 3, MinPassword: 15, PerSource: 5000, ViewerHeader: "cloudfront-viewer-address",
		Origins:   []string{"https://app.example.com", "http://localhost:3000"},
		APIDomain: "api.example.com", GatewayPath: "/v1/auth-api",
		CookieDomain: ".example.com", CookieSameSite: "none", Tenants: []string{"public", "acme-2"},
		MailFrom: "no-reply@example.com", Website: "https://app.example.com", MailFunction: "f",
		Verification:  setup.VerificationRequired,
		SessionsTable: "s", AccountsTable: "a", KeysTable: "k", KMSKey: "m",
		DynamoDBEndpoint: "http://127.0.0.1:8000", Region: "eu-central-1", PublicKeys: "p",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("FromEnv = %+v, %v, want %+v", got, err, want)
	}
}

// Values that are good alone and not together: the error names both.
func TestCombinations(t *testing.T) {
	site := map[string]string{"API_DOMAIN": "api.example.com"}
	domain := map[string]string{"COOKIE_DOMAIN": "api.example.com"}
	access := map[string]string{"ACCESS_TOKEN_SECONDS": "600"}
	for _, test := range []struct {
		name, good, bad string
		beside          map[string]string
		also            []string
	}{
		{"IDLE_SECONDS", "690", "689", access, []string{"ACCESS_TOKEN_SECONDS", "ROTATION_GAP_SECONDS"}},
		{"IDLE_SECONDS", "4000", "4001", map[string]string{"ABSOLUTE_SECONDS": "4000"}, []string{"ABSOLUTE_SECONDS"}},
		{"REPLAY_WINDOW_SECONDS", "90", "91", nil, []string{"ROTATION_GAP_SECONDS"}},
		{"MAIL_FROM", "", "a@example.com", nil, []string{"WEBSITE_DOMAIN"}},
		{"WEBSITE_DOMAIN", "", "https://example.com", nil, []string{"MAIL_FROM"}},
		{"COOKIE_DOMAIN", ".example.com", "ple.com", site, []string{"API_DOMAIN"}},
		{"API_DOMAIN", "api.example.com", "example.com", domain, []string{"COOKIE_DOMAIN"}},
	} {
		if err := read(test.name, test.good, test.beside); err != nil {
			t.Errorf("FromEnv(%s=%s) beside %v = %v, want no error", test.name, test.good, test.beside, err)
		}
		if err := read(test.name, test.bad, test.beside); err == nil || !namesAll(err, append(test.also, test.name)) {
			t.Errorf("FromEnv(%s=%s) beside %v = %v, want an error that names it and %v", test.name, test.bad, test.beside, err, test.also)
		}
	}
}

// The first and the last good value of each range, and those beyond them.
func TestRanges(t *testing.T) {
	// A wide base, so that only the variable in question is at fault.
	base := map[string]string{"IDLE_SECONDS": "315360000", "ABSOLUTE_SECONDS": "315360000"}
	shortest := map[string]string{"ACCESS_TOKEN_SECONDS": "1", "IDLE_SECONDS": "1", "ROTATION_GAP_SECONDS": "0", "REPLAY_WINDOW_SECONDS": "0"}
	for _, test := range []struct {
		name      string
		good, bad []string
		beside    map[string]string
	}{
		{"ACCESS_TOKEN_SECONDS", []string{"1", "86400"}, []string{"0", "86401", "1h", "3600.0", "0x10", " 60", "1e3", "99999999999999999999"}, base},
		{"REPLAY_WINDOW_SECONDS", []string{"0", "300"}, []string{"-1", "301"}, map[string]string{"ROTATION_GAP_SECONDS": "300"}},
		{"ROTATION_GAP_SECONDS", []string{"0", "300"}, []string{"-1", "301"}, map[string]string{"REPLAY_WINDOW_SECONDS": "0"}},
		{"IDLE_SECONDS", []string{"1", "315360000"}, []string{"0", "315360001"}, map[string]string{
			"ACCESS_TOKEN_SECONDS": "1", "ABSOLUTE_SECONDS": "315360000", "ROTATION_GAP_SECONDS": "0", "REPLAY_WINDOW_SECONDS": "0",
		}},
		{"ABSOLUTE_SECONDS", []string{"1", "315360000"}, []string{"0", "315360001"}, shortest},
		{"KEY_ROTATION_HOURS", []string{"24", "8760"}, []string{"23", "8761"}, nil},
		{"MAX_SESSIONS_PER_USER", []string{"1", "1000"}, []string{"0", "1001"}, nil},
		{"MIN_PASSWORD_LENGTH", []string{"8", "64"}, []string{"7", "65"}, nil},
		{"ATTEMPTS_PER_SOURCE", []string{"10", "1000000"}, []string{"9", "1000001", "all"}, nil},
		{"VIEWER_ADDRESS_HEADER", []string{"X-Real-IP", "cloudfront-viewer-address"}, []string{"x real", "x-real-ip:", "x,y", "x_y", strings.Repeat("x", 65)}, nil},
		{"SIGNING_ALGORITHM", []string{"RS256", "ES256", "EdDSA"}, []string{"none", "rs256", "HS256"}, nil},
		{"ALLOWED_ORIGINS", []string{"https://a.example", "http://localhost:3000"}, []string{
			"*", "null", "a.example", "https://a.example/", "https://A.example", "https://a.example:443", "https://*.example",
			"https://a.example, https://b.example", "https://a.example,", "ftp://a.example", "https://u@a.example",
		}, nil},
		{"API_DOMAIN", []string{"api.example.com"}, []string{"https://api.example.com", "api", "API.example.com", "a..b", "a.example/b"}, nil},
		{"API_GATEWAY_PATH", []string{"/v1", "/a/b"}, []string{"v1", "/v1/", "/", "/a//b", "/..", "/a;b", "/a b"}, nil},
		{"COOKIE_DOMAIN", []string{"example.com", ".example.com"}, []string{"example.com; Path=/", "a..b", "EXAMPLE.com", "."}, nil},
		{"COOKIE_SAME_SITE", []string{"lax", "strict", "none"}, []string{"Lax", "off"}, nil},
		{"MAIL_FROM", []string{"latchkey@localhost", "No-Reply+a_b.c@mail.example.com"}, []string{
			"example.com", "a@", "@b", "a@b@c", "a@B.example", "a@b..example", "A <a@b.example>", "a@b.example,c@d.example", "ä@b.example",
		}, map[string]string{"WEBSITE_DOMAIN": "https://a.example"}},
		{"WEBSITE_DOMAIN", []string{
			"https://app.example.com", "https://a.example:8443", "http://localhost:3000", "http://127.0.0.1", "http://[::1]:80",
		}, []string{
			"http://app.example.com", "https://a.example/", "https://a.example/auth", "https://A.example", "a.example", "*", "https://*.example",
			"https://u@a.example", "https://a.example?b", "http://localhost.example", "https://a.example,https://b.example", "capacitor://localhost",
		}, map[string]string{"MAIL_FROM": "a@example.com"}},
		{"EMAIL_VERIFICATION", []string{"off", "optional", "required"}, []string{"Off", "on", " required"}, nil},
		{"TENANTS", []string{"public", "a,b-2"}, []string{"Public", "a,", "a b", "a/b", strings.Repeat("a", 65)}, nil},
	} {
		for _, value := range test.good {
			if err := read(test.name, value, test.beside); err != nil {
				t.Errorf("FromEnv(%s=%s) = %v, want no error", test.name, value, err)
			}
		}
		for _, value := range test.bad {
			if err := read(test.name, value, test.beside); err == nil || !strings.Contains(err.Error(), test.name) {
				t.Errorf("FromEnv(%s=%s) = %v, want an error that names it", test.name, value, err)
			}
		}
	}
}

func read(name, value string, beside map[string]string) error {
	variables := maps.Clone(beside)
	if variables == nil {
		variables = map[string]string{}
	}
	variables[name] = value
	_, err := setup.FromEnv(env(variables))
	return err
}

// All mistakes in the settings of a stack are told at once.
func TestFaultsAreReportedTogether(t *testing.T) {
	bad := map[string]string{
		"ACCESS_TOKEN_SECONDS": "x", "SIGNING_ALGORITHM": "none", "ALLOWED_ORIGINS": "*", "TENANTS": "A",
		"COOKIE_SAME_SITE": "x", "API_GATEWAY_PATH": "x",
	}
	_, err := setup.FromEnv(env(bad))
	for name := range bad {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("FromEnv of six faults = %v, want an error that names %s", err, name)
		}
	}
}
