package fdi_test

import (
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// TestNew: what a browser would not take as it is meant is refused, and all that
// is wrong is said together.
func TestNew(t *testing.T) {
	for name, test := range map[string]struct {
		faults int
		cfg    fdi.Config
	}{
		"zero":                           {0, fdi.Config{}},
		"everything":                     {0, fdi.Config{Secure: true, Domain: "example.com", SameSite: "strict", BasePath: "/a/b", GatewayPath: "/v1", Origins: []string{"https://a.example", "http://[::1]:3000"}}},
		"none":                           {0, fdi.Config{Secure: true, SameSite: "none"}},
		"dot domain":                     {0, fdi.Config{Domain: ".example.com"}},
		"localhost":                      {0, fdi.Config{Origins: []string{"http://localhost:3000", "http://127.0.0.1:8787", "http://a.example:443", "https://a.example:80"}}},
		"apps":                           {0, fdi.Config{Origins: []string{"capacitor://localhost", "tauri://localhost", "app://-", "chrome-extension://abcdefghijklmnopabcdefghijklmnop", "safari-web-extension://E4B7C2F0-0A1B"}}},
		"same-site none without secure":  {1, fdi.Config{SameSite: "none"}},
		"unknown same-site":              {1, fdi.Config{SameSite: "Lax"}},
		"domain with an attribute":       {1, fdi.Config{Domain: "example.com; Path=/"}},
		"domain with a scheme":           {1, fdi.Config{Domain: "https://example.com"}},
		"domain in capitals":             {1, fdi.Config{Domain: "Example.com"}},
		"domain with an empty label":     {1, fdi.Config{Domain: "example..com"}},
		"domain that is a dot":           {1, fdi.Config{Domain: "."}},
		"base path without a slash":      {1, fdi.Config{BasePath: "auth"}},
		"base path with a slash at end":  {1, fdi.Config{BasePath: "/auth/"}},
		"base path with an attribute":    {1, fdi.Config{BasePath: "/auth;x"}},
		"base path that climbs":          {1, fdi.Config{BasePath: "/auth/.."}},
		"base path that stays":           {1, fdi.Config{BasePath: "/auth/."}},
		"gateway path that is a slash":   {1, fdi.Config{GatewayPath: "/"}},
		"gateway path with a line break": {1, fdi.Config{GatewayPath: "/v1\r\nx"}},
		"origin any":                     {1, fdi.Config{Origins: []string{"*"}}},
		"origin null":                    {1, fdi.Config{Origins: []string{"null"}}},
		"origin empty":                   {1, fdi.Config{Origins: []string{""}}},
		"origin with a wildcard":         {1, fdi.Config{Origins: []string{"https://*.example.com"}}},
		"origin with a slash":            {1, fdi.Config{Origins: []string{"https://a.example/"}}},
		"origin in capitals":             {1, fdi.Config{Origins: []string{"https://A.example"}}},
		"origin with its own port":       {1, fdi.Config{Origins: []string{"https://a.example:443"}}},
		"origin with its own plain port": {1, fdi.Config{Origins: []string{"http://a.example:80"}}},
		"origin with an empty port":      {1, fdi.Config{Origins: []string{"https://a.example:"}}},
		"origin with port 0443":          {1, fdi.Config{Origins: []string{"https://a.example:0443"}}},
		"origin with port 08443":         {1, fdi.Config{Origins: []string{"https://a.example:08443"}}},
		"origin with port 0":             {1, fdi.Config{Origins: []string{"https://a.example:0"}}},
		"origin with port 65536":         {1, fdi.Config{Origins: []string{"https://a.example:65536"}}},
		"origin that is not in punycode": {1, fdi.Config{Origins: []string{"https://bücher.example"}}},
		"origin with a comma":            {1, fdi.Config{Origins: []string{"https://a,b"}}},
		"origin with a user":             {1, fdi.Config{Origins: []string{"https://u@a.example"}}},
		// Browsers give these schemes another origin, or none.
		"no apps": {8, fdi.Config{Origins: []string{
			"ws://a", "wss://a", "ftp://a", "file://a", "data://a", "blob://a", "about://a", "javascript://a",
		}}},
		"app without a host":      {1, fdi.Config{Origins: []string{"capacitor://"}}},
		"app with a port":         {1, fdi.Config{Origins: []string{"capacitor://localhost:1"}}},
		"app with a path":         {1, fdi.Config{Origins: []string{"capacitor://localhost/"}}},
		"app in capitals":         {1, fdi.Config{Origins: []string{"Capacitor://localhost"}}},
		"app with a wildcard":     {1, fdi.Config{Origins: []string{"capacitor://*"}}},
		"origin without a scheme": {1, fdi.Config{Origins: []string{"a.example"}}},
		"two origins in one":      {1, fdi.Config{Origins: []string{"https://a.example,https://b.example"}}},
		"all together":            {6, fdi.Config{SameSite: "x", Domain: "y/", BasePath: "z", GatewayPath: "w", Origins: []string{"v", "u"}}},
	} {
		p, err := fdi.New(test.cfg)
		faults := 0
		if err != nil {
			faults = strings.Count(err.Error(), "\n") + 1
		}
		if faults != test.faults || (p == nil) != (faults > 0) {
			t.Errorf("New(%s) = %v, %v, want %d faults", name, p, err, test.faults)
		}
	}
}
