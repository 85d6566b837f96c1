//go:build deploy

package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/runbook"
)

// operate runs commands of docs/operations.md for the stack, after those at
// its head, and returns what they print. What it calls sam deploys with config
// what run.sh has built.
func operate(t *testing.T, s stack, environment, config, commands string) string {
	t.Helper()
	head := strings.Join(part(t, "# Operating Latchkey"), "")
	text := strings.NewReplacer("stack=latchkey\n", "stack="+s.name+"\n", "--config-env prod", "--config-env "+environment).Replace(head + commands)
	const sam = `sam() { [ "$1" = build ] || "$SAM" "$@" --config-file "$CONFIG" --template-file "$DEPLOY_BUILD/template.yaml" --no-confirm-changeset >&2; }` + "\n"
	shell := exec.CommandContext(t.Context(), "sh", "-e", "-c", sam+text)
	shell.Env = append(os.Environ(), "CONFIG="+config, "PATH="+filepath.Dir(os.Getenv(variableAWS))+":"+os.Getenv("PATH"))
	var faults strings.Builder
	shell.Stderr = &faults
	out, err := shell.Output()
	if err != nil {
		t.Fatalf("%v after printing %s\n%s\nof\n%s", err, out, faults.String(), text)
	}
	return string(out)
}

// part returns the commands under a heading of docs/operations.md.
func part(t *testing.T, title string) []string {
	t.Helper()
	return runbook.Under(t, filepath.Join("..", "..", "docs", "operations.md"), title).Code("sh")
}

// testChange changes a parameter in samconfig.toml, and takes it out again: it
// keeps its value, and so do all others.
func testChange(t *testing.T, s stack, environment string) {
	commands := strings.Join(part(t, "Change a parameter"), "")
	config, err := os.ReadFile(os.Getenv(variableConfig))
	if err != nil {
		t.Fatal(err)
	}
	origins := map[string]string{"default": "http://localhost:3000", "prod": "https://app.example.com"}[environment]
	line := `"AllowedOrigins=` + origins
	changed := filepath.Join(t.TempDir(), "samconfig.toml")
	if err := os.WriteFile(changed, []byte(strings.ReplaceAll(string(config), line, line+" AccessTokenSeconds=900")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, config := range []string{changed, os.Getenv(variableConfig)} {
		printed := operate(t, s, environment, config, commands)
		for _, want := range []string{"AccessTokenSeconds\t900\n", "AllowedOrigins\t" + origins + "\n", "IdleSeconds\t8640000\n"} {
			if !strings.Contains(printed, want) {
				t.Errorf("after deploying with %s the parameters are %s, want %q among them", config, printed, want)
			}
		}
		var f struct {
			Environment struct{ Variables map[string]any }
		}
		s.aws(t, &f, "lambda", "get-function-configuration", "--function-name", s.id(t, "RefreshFunction"))
		// A number in moto, which leaves the type as the parameter has it.
		if got := fmt.Sprint(f.Environment.Variables["ACCESS_TOKEN_SECONDS"]); got != "900" {
			t.Errorf("after deploying with %s ACCESS_TOKEN_SECONDS is %s, want 900", config, got)
		}
	}
}
