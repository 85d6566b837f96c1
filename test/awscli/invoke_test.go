//go:build awscli

package awscli_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// testInvoke gives events to functions by aws lambda invoke. What all the event
// files are answered is a test of cmd/local.
func testInvoke(t *testing.T, l *local) {
	for _, c := range []struct {
		function, event string
		want            string // stands in the answer, which may be an error
		failed          bool
	}{
		{"AuthorizerFunction", "authorizer/http-2-post", `"checked":"store"`, false},
		{"AuthorizerFunction", "authorizer/unknown-kind", `"errorMessage":"authorizer: `, true},
		{"SignInFunction", "signin/right", `\"status\":\"OK\"`, false},
		{"RevokeFunction", "revoke/admin-one", `"statusCode":200`, false},
		{"AuthorizerFunction", "authorizer/http-2-post", `{"errorMessage":"Unauthorized","errorType":"errorString"}`, true}, // it was revoked
		{"AuthorizerFunction", "authorizer/http-2-get", `"checked":"token"`, false},
	} {
		answer, report := l.invoke(t, c.function, l.event(t, c.event))
		var told struct {
			StatusCode    int
			FunctionError string
		}
		if err := json.Unmarshal(report, &told); err != nil || told.StatusCode != 200 || (told.FunctionError == "Unhandled") != c.failed {
			t.Errorf("aws lambda invoke %s with %s printed %s, want status 200 and failed: %v", c.function, c.event, report, c.failed)
		}
		if !strings.Contains(string(answer), c.want) {
			t.Errorf("%s with %s = %s, want %s in it", c.function, c.event, answer, c.want)
		}
	}
}

// testInvokeOtherwise invokes what is not there, and without waiting.
func testInvokeOtherwise(t *testing.T, l *local) {
	_, err := l.aws(t, "NoFunction", []byte("{}"))
	var failed *exec.ExitError
	if !errors.As(err, &failed) || !strings.Contains(string(failed.Stderr), "ResourceNotFoundException") {
		t.Errorf("aws lambda invoke NoFunction = %v, want ResourceNotFoundException", err)
	}
	for kind, status := range map[string]string{"DryRun": "204", "Event": "202"} {
		report, err := l.aws(t, "JwksFunction", []byte("{}"), "--invocation-type", kind)
		if err != nil || !strings.Contains(string(report), `"StatusCode": `+status) {
			t.Errorf("aws lambda invoke of type %s = %s, %v, want status %s", kind, report, err, status)
		}
	}
}

// event returns an event file with the token and the handle of this run in
// place of its own, and decisions made just now.
func (l *local) event(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	for pattern, by := range map[string]string{
		`eyJ[\w-]+\.[\w-]+\.[\w-]+`:      l.token,
		`GW2NAouqSXcq-wNGBduSE[\w-]{22}`: l.Handle,
		`("decided": ")\d+"`:             `${1}` + strconv.FormatInt(time.Now().Unix(), 10) + `"`,
	} {
		text = regexp.MustCompile(pattern).ReplaceAll(text, []byte(by))
	}
	return text
}

// invoke returns the function's answer and what the CLI reports.
func (l *local) invoke(t *testing.T, function string, event []byte) (answer, report []byte) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "answer.json")
	report, err := l.awsTo(t, out, function, event)
	if err != nil {
		t.Fatalf("aws lambda invoke %s: %v", function, err)
	}
	answer, err = os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return answer, report
}

func (l *local) aws(t *testing.T, function string, event []byte, flags ...string) ([]byte, error) {
	t.Helper()
	return l.awsTo(t, filepath.Join(t.TempDir(), "answer.json"), function, event, flags...)
}

// awsTo runs aws lambda invoke, and returns what it prints.
func (l *local) awsTo(t *testing.T, out, function string, event []byte, flags ...string) ([]byte, error) {
	t.Helper()
	payload := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(payload, event, 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := append([]string{"lambda", "invoke", "--endpoint-url", l.URL, "--function-name", function, "--payload", "file://" + payload}, flags...)
	command := exec.CommandContext(t.Context(), os.Getenv("AWSCLI"), append(arguments, out)...)
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=true", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=" + l.Key.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + l.Key.SecretAccessKey,
	}
	report, err := command.Output()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatalf("%v: run make test-awscli, which installs the AWS CLI", err)
	}
	return report, err
}
