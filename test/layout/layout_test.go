// Package layout_test holds the folders of this module apart.
package layout_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/latchkey-auth/latchkey/"
	root   = "github.com/latchkey-auth/latchkey" // the package at the module's root
)

// imported is what one package of this module imports.
type imported struct {
	path string // without the module's, but for the package at the root
	name string
	own  []string // what its files import, tests left out
	all  []string // that, and what those import
}

// list asks the go command about every package of the module.
func list(t *testing.T) []imported {
	t.Helper()
	const form = `{{.ImportPath}}|{{.Name}}|{{join .Imports ","}}|{{join .Deps ","}}`
	command := exec.Command("go", "list", "-e", "-f", form, module+"...")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []imported
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		all = append(all, imported{
			path: strings.TrimPrefix(fields[0], module), name: fields[1],
			own: strings.Split(fields[2], ","), all: strings.Split(fields[3], ","),
		})
	}
	return all
}

// below reports whether a package is one of those, or in a folder of theirs.
func below(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return path == folder || strings.HasPrefix(path, folder+"/")
	})
}

const (
	sdk = "github.com/aws/aws-sdk-go-v2"
	aws = "github.com/aws"
)

// library reports whether people import the package.
func library(path string) bool {
	return path == root || below(path, "authorizer", "backend", "sessions")
}

// Imports point one way, product, tools and tests stand in wings of their own,
// and libraries do not bring what their users do not need.
func TestImports(t *testing.T) {
	rules := []struct {
		name      string
		of        func(path string) bool
		forbidden []string
		allowed   []string // of what is forbidden
	}{
		{"tokens know nothing of sessions", func(p string) bool { return p == "sessions/token" },
			[]string{module + "sessions", module + "internal", aws, "net/http"}, nil},
		{"sessions know neither AWS nor HTTP", func(p string) bool { return below(p, "sessions") && !below(p, "sessions/dynamo", "sessions/kms") },
			[]string{aws, "net/http"}, nil},
		{"sessions know no authorizer", func(p string) bool { return below(p, "sessions") }, []string{module + "authorizer"}, nil},
		{"libraries know nothing but libraries and what talks to AWS", library,
			[]string{root},
			[]string{module + "authorizer", module + "sessions", module + "internal/awsclient", module + "internal/table"}},
		{"what wires an authorizer links no KMS", func(p string) bool { return p == root },
			[]string{module + "sessions/kms", sdk + "/service/kms"}, nil},
		{"a backend's library brings no store and no service of AWS", func(p string) bool { return p == "backend" },
			[]string{module + "sessions/dynamo", module + "sessions/kms", module + "internal/table", sdk + "/service"}, nil},
		{"the authorizer's library needs no SDK", func(p string) bool { return p == "authorizer" }, []string{sdk}, nil},
		{"the authorizer links neither accounts nor endpoints", func(p string) bool { return below(p, "functions/authorizer") },
			[]string{module + "internal/accounts", module + "internal/endpoints", module + "internal/web"}, nil},
		{"a backend needs no SDK", func(p string) bool { return below(p, "examples/notes") }, []string{sdk, module + "functions"}, nil},
		{"the product never sees what tests it", func(p string) bool { return !below(p, "test") }, []string{module + "test"}, nil},
		{"nothing deployed has a command in it", func(p string) bool { return !below(p, "cmd", "test") }, []string{module + "cmd"}, nil},
		{"functions are imported by mains that run them", func(p string) bool { return !below(p, "functions", "cmd", "test") },
			[]string{module + "functions"}, nil},
		{"who needs no provider speaks to none", func(p string) bool { return below(p, "functions") && p != "functions/logins" },
			[]string{module + "internal/logins/openid", "github.com/coreos/go-oidc", "golang.org/x/oauth2", "github.com/go-jose/go-jose"}, nil},
		{"nothing but commands for operators links the SDK's config", func(p string) bool { return !below(p, "cmd/enlist", "cmd/import") },
			[]string{sdk + "/config"}, nil},
	}
	all := list(t)
	for _, rule := range rules {
		seen := 0
		for _, p := range all {
			if !rule.of(p.path) {
				continue
			}
			seen++
			for _, dep := range p.all {
				if below(dep, rule.forbidden...) && !below(dep, rule.allowed...) && dep != module+p.path {
					t.Errorf("%s: %s imports %s", rule.name, p.path, dep)
				}
			}
		}
		if seen == 0 {
			t.Errorf("%s: the rule is about no package", rule.name)
		}
	}
}

// A function is a main; the rules of our own API, which the local run needs
// too, stand beside the authorizer's. Tokens touch neither files nor network.
// The SDK is for those that talk to AWS themselves. Names say what packages are.
func TestPackages(t *testing.T) {
	for _, p := range list(t) {
		if below(p.path, "functions") && p.name != "main" && p.path != "functions/authorizer/rules" {
			t.Errorf("%s is package %s, want main", p.path, p.name)
		}
		talks := below(p.path, "backend", "sessions/dynamo", "sessions/kms", "internal", "cmd/local", "cmd/enlist", "cmd/import", "test")
		for _, dep := range p.own {
			if p.path == "sessions/token" && (dep == "os" || dep == "net") || !talks && below(dep, sdk) {
				t.Errorf("%s imports %s", p.path, dep)
			}
		}
		for segment := range strings.SplitSeq(p.path, "/") {
			if slices.Contains([]string{"util", "utils", "common", "types", "models", "helpers", "misc"}, segment) {
				t.Errorf("a package is called %s", p.path)
			}
		}
	}
}

// Only those functions link a service that may use it: KMS those that open or
// make private keys, SES the one that mails, and Lambda the one that asks it to.
// Two hash passwords that people type.
func TestWhoLinksWhichService(t *testing.T) {
	passwords := []string{"functions/signup", "functions/signin"}
	links := map[string][]string{
		sdk + "/service/kms": {
			"functions/signup", "functions/signin", "functions/logins", "functions/refresh", "functions/impersonate", "functions/rotatekeys",
		},
		sdk + "/service/sesv2":       {"functions/mail"},
		sdk + "/service/lambda":      {"functions/signin"},
		"golang.org/x/crypto/argon2": passwords,
		"golang.org/x/crypto/bcrypt": passwords,
	}
	seen := 0
	for _, p := range list(t) {
		name, isMain := strings.CutPrefix(p.path, "functions/")
		if !isMain || strings.Contains(name, "/") {
			continue
		}
		seen++
		for dep, by := range links {
			if got, want := slices.Contains(p.all, dep), slices.Contains(by, p.path); got != want {
				t.Errorf("%s links %s: %v, want %v", p.path, dep, got, want)
			}
		}
	}
	if seen != 11 {
		t.Errorf("found %d functions, want 11", seen)
	}
}

// The authorizer is started for anyone who comes, so what it weighs is waited for.
func TestSizeOfTheAuthorizer(t *testing.T) {
	const limit = 9_000_000
	binary := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s", "-tags", "lambda.norpc,nethttpomithttp2", "-o", binary, module+"functions/authorizer")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > limit {
		t.Errorf("the authorizer for linux/amd64 has %d bytes, want at most %d", info.Size(), limit)
	}
}
