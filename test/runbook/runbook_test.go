package runbook_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/latchkey-auth/latchkey/test/runbook"
)

func TestRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	const text = "# Title\n\n```sh\na=1\n```\n\n## First\n\n`x` and\n\n```sh\necho '## no heading'\nb\n```\n```json\n{}\n```\n```sh\nc\n```\n\n## Second\nwords\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []runbook.Part{
		{Title: "# Title", Commands: []string{"a=1\n"}},
		{Title: "First", Commands: []string{"echo '## no heading'\nb\n", "c\n"}},
		{Title: "Second"},
	}
	if got, err := runbook.Read(file); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Read = %q, %v, want %q", got, err, want)
	}
	if _, err := runbook.Read(file + "x"); err == nil {
		t.Error("Read of no file = no error")
	}
}
