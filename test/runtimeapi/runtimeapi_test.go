package runtimeapi_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/test/runtimeapi"
)

// build builds a main package as the functions are built, for this machine.
func build(t *testing.T, folder string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	out, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, folder).CombinedOutput()
	if err != nil {
		t.Fatalf("go build %s: %v\n%s", folder, err, out)
	}
	return binary
}

func TestFunction(t *testing.T) {
	f, err := runtimeapi.Start(t.Context(), build(t, "./testdata/echo"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Stop()
	if f.Init() <= 0 {
		t.Errorf("Init() = %v, want a time", f.Init())
	}

	for _, event := range []string{`{"a":1}`, `"again"`, `[]`} {
		answer, err := f.Invoke(t.Context(), []byte(event))
		if err != nil || answer.Error != nil || string(answer.Payload) != event {
			t.Errorf("Invoke(%s) = %s, %v, %v, want the event", event, answer.Payload, answer.Error, err)
		}
	}
	answer, err := f.Invoke(t.Context(), []byte(`"fail"`))
	if err != nil || answer.Error == nil || answer.Error.Message != "Unauthorized" || answer.Payload != nil {
		t.Errorf("Invoke(fail) = %+v, %v, want the error Unauthorized", answer, err)
	}
	if _, err := f.Invoke(t.Context(), []byte(`"exit"`)); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("Invoke(exit) = %v, want exit status 3", err)
	}
}

func TestStartTellsHowAProcessEnded(t *testing.T) {
	_, err := runtimeapi.Start(t.Context(), "/bin/false", nil)
	if err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("Start(false) = %v, want exit status 1", err)
	}
}
