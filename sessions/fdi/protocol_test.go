package fdi_test

import (
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

func TestNewAccepts(t *testing.T) {
	for name, cfg := range map[string]fdi.Config{
		"zero":       {},
		"everything": {Secure: true, Domain: "example.com", SameSite: "strict", BasePath: "/a/b", GatewayPath: "/v1", Origins: []string{"https://a.example", "http://[::1]:3000"}},
		"none":       {Secure: true, SameSite: "none"},
		"dot domain": {Domain: ".example.com"},
		"localhost":  {Origins: []string{"http://localhost:3000", "http://127.0.0.1:8787", "http://a.example:443", "https://a.example:80"}},
		"apps":       {Origins: []string{"capacitor://localhost", "tauri://localhost", "app://-", "chrome-extension://abcdefghijklmnopabcdefghijklmnop", "safari-web-extension://E4B7C2F0-0A1B"}},
	} {
		if _, err := fdi.New(cfg); err != nil {
			t.Errorf("New(%s) = %v, want nil", name, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, cfg := range map[string]fdi.Config{
		"same-site none without secure":  {SameSite: "none"},
		"unknown same-site":              {SameSite: "Lax"},
		"domain with an attribute":       {Domain: "example.com; Path=/"},
		"domain with a scheme":           {Domain: "https://example.com"},
		"domain in capitals":             {Domain: "Example.com"},
		"domain with an empty label":     {Domain: "example..com"},
		"domain that is a dot":           {Domain: "."},
		"base path without a slash":      {BasePath: "auth"},
		"base path with a slash at end":  {BasePath: "/auth/"},
		"base path with an attribute":    {BasePath: "/auth;x"},
		"base path that climbs":          {BasePath: "/auth/.."},
		"base path that stays":           {BasePath: "/auth/."},
		"gateway path that is a slash":   {GatewayPath: "/"},
		"gateway path with a line break": {GatewayPath: "/v1\r\nx"},
		"origin any":                     {Origins: []string{"*"}},
		"origin null":                    {Origins: []string{"null"}},
		"origin empty":                   {Origins: []string{""}},
		"origin with a wildcard":         {Origins: []string{"https://*.example.com"}},
		"origin with a slash":            {Origins: []string{"https://a.example/"}},
		"origin in capitals":             {Origins: []string{"https://A.example"}},
		"origin with its own port":       {Origins: []string{"https://a.example:443"}},
		"origin with its own plain port": {Origins: []string{"http://a.example:80"}},
		"origin with an empty port":      {Origins: []string{"https://a.example:"}},
		"origin with port 0443":          {Origins: []string{"https://a.example:0443"}},
		"origin with port 08443":         {Origins: []string{"https://a.example:08443"}},
		"origin with port 0":             {Origins: []string{"https://a.example:0"}},
		"origin with port 65536":         {Origins: []string{"https://a.example:65536"}},
		"origin that is not in punycode": {Origins: []string{"https://bücher.example"}},
		"origin with a comma":            {Origins: []string{"https://a,b"}},
		"origin with a user":             {Origins: []string{"https://u@a.example"}},
		"app without a host":             {Origins: []string{"capacitor://"}},
		"app with a port":                {Origins: []string{"capacitor://localhost:1"}},
		"app with a path":                {Origins: []string{"capacitor://localhost/"}},
		"app in capitals":                {Origins: []string{"Capacitor://localhost"}},
		"app with a wildcard":            {Origins: []string{"capacitor://*"}},
		"origin without a scheme":        {Origins: []string{"a.example"}},
		"two origins in one":             {Origins: []string{"https://a.example,https://b.example"}},
	} {
		if _, err := fdi.New(cfg); err == nil {
			t.Errorf("New(%s) = nil, want an error", name)
		}
	}
}

// Browsers give these schemes another origin, or none.
func TestNewRefusesSchemesThatAreNoApps(t *testing.T) {
	for _, scheme := range []string{"ws", "wss", "ftp", "file", "data", "blob", "about", "javascript"} {
		if _, err := fdi.New(fdi.Config{Origins: []string{scheme + "://a"}}); err == nil {
			t.Errorf("New(%s://a) = nil, want an error", scheme)
		}
	}
}

func TestNewReportsAllFaults(t *testing.T) {
	_, err := fdi.New(fdi.Config{SameSite: "x", Domain: "y/", BasePath: "z", GatewayPath: "w", Origins: []string{"v", "u"}})
	if err == nil {
		t.Fatal("New = nil, want an error")
	}
	if lines := strings.Count(err.Error(), "\n") + 1; lines != 6 {
		t.Errorf("New reports %d faults, want 6: %v", lines, err)
	}
}

// The list belongs to the protocol: changing the caller's slice later must not
// open it.
func TestNewCopiesOrigins(t *testing.T) {
	origins := []string{"https://a.example"}
	p := protocol(t, fdi.Config{Origins: origins})
	origins[0] = "https://evil.example"
	if err := p.CheckOrigin(fdi.Request{Origin: "https://evil.example"}); err == nil {
		t.Error("CheckOrigin = nil after the caller changed its slice")
	}
}
