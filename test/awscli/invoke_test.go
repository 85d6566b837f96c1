//go:build awscli

package awscli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// testInvoke invokes functions by aws lambda invoke. What all the event files
// are answered is a test of cmd/local.
func testInvoke(t *testing.T, l *local) {
	for _, c := range []struct {
		function, event, kind string
		report, answer        string // stand in what the CLI prints and in the function's answer
	}{
		{"RotateKeysFunction", `{"action":"rotate"}`, "RequestResponse", `"StatusCode": 200`, `"signingKeys"`},
		{"AuthorizerFunction", `{}`, "RequestResponse", `"FunctionError": "Unhandled"`, `"errorMessage":"authorizer: `},
		{"JwksFunction", `{}`, "DryRun", `"StatusCode": 204`, ""},
		{"JwksFunction", `{}`, "Event", `"StatusCode": 202`, ""},
		{"NoFunction", `{}`, "RequestResponse", "ResourceNotFoundException", ""},
	} {
		out := filepath.Join(t.TempDir(), "answer.json")
		command := exec.CommandContext(t.Context(), os.Getenv("AWSCLI"), "lambda", "invoke", "--endpoint-url", l.URL,
			"--function-name", c.function, "--payload", c.event, "--invocation-type", c.kind, out)
		command.Env = []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=true", "AWS_DEFAULT_REGION=" + region,
			"AWS_ACCESS_KEY_ID=" + l.Key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + l.Key.SecretAccessKey,
		}
		report, err := command.CombinedOutput()
		if !strings.Contains(string(report), c.report) {
			t.Errorf("aws lambda invoke %s of type %s = %v, printing %s, want %s in it", c.function, c.kind, err, report, c.report)
		}
		answer, err := os.ReadFile(out)
		if c.answer != "" && (err != nil || !strings.Contains(string(answer), c.answer)) {
			t.Errorf("%s with %s = %s, %v, want %s in it", c.function, c.event, answer, err, c.answer)
		}
	}
}
