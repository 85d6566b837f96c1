package runbook_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/latchkey-auth/latchkey/test/runbook"
)

func TestCode(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	const text = "# Title\n\n```sh\na=1\n```\n\n## First\n\n`x` and\n\n```sh\necho '## no heading'\nb\n```\n```json\n{}\n```\n```sh\nc\n```\n\n## Second\nwords\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for title, want := range map[string][]string{
		"# Title": {"a=1\n"}, "First": {"echo '## no heading'\nb\n", "c\n"}, "Second": nil,
	} {
		if got := runbook.Under(t, file, title).Code("sh"); !slices.Equal(got, want) {
			t.Errorf("Code of %q = %q, want %q", title, got, want)
		}
	}
}
