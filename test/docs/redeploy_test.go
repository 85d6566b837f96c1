package docs_test

import (
	"encoding/json"
	"maps"
	"os/exec"
	"regexp"
	"testing"
)

// The command in docs/redeploy.md cuts out of the template what a deleted
// stack leaves behind, all of it and nothing else, as an import demands.
func TestWhatIsImportedIsWhatIsKept(t *testing.T) {
	kept, got := map[string]string{}, map[string]string{}
	for name, r := range template(t).Get("Resources").Members() {
		if r.Get("DeletionPolicy").Text() == "Retain" {
			kept[name] = r.Get("Type").Text()
		}
	}
	for name, r := range parsed(t, cutKept(t)).Get("Resources").Members() {
		got[name] = r.Get("Type").Text()
	}
	if len(kept) == 0 || !maps.Equal(got, kept) {
		t.Errorf("the command cuts out %v, want %v", got, kept)
	}
	if named := imported(t); !maps.Equal(named, kept) {
		t.Errorf("kept.json names %v, want %v", named, kept)
	}
}

// cutKept runs the command and returns what it prints.
func cutKept(t *testing.T) string {
	t.Helper()
	command := regexp.MustCompile(`(?m)^(\{ echo .*\}) > kept\.yaml$`).FindStringSubmatch(read(t, "docs/redeploy.md"))
	if command == nil {
		t.Fatal("docs/redeploy.md has no command that makes kept.yaml")
	}
	run := exec.CommandContext(t.Context(), "sh", "-c", command[1])
	run.Dir = root
	out, err := run.Output()
	must(t, err)
	return string(out)
}

// imported are the resources in kept.json with their types.
func imported(t *testing.T) map[string]string {
	t.Helper()
	text := regexp.MustCompile(`(?s)kept\.json <<'END'\n(.*?)\nEND\n`).FindStringSubmatch(read(t, "docs/redeploy.md"))
	if text == nil {
		t.Fatal("docs/redeploy.md has no kept.json")
	}
	var list []struct{ ResourceType, LogicalResourceId string }
	must(t, json.Unmarshal([]byte(text[1]), &list))
	named := map[string]string{}
	for _, r := range list {
		named[r.LogicalResourceId] = r.ResourceType
	}
	return named
}
