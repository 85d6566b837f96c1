package docs_test

import (
	"encoding/json"
	"maps"
	"os/exec"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v3"
)

// resource is what an import looks at.
type resource struct {
	Type           string    `yaml:"Type"`
	DeletionPolicy string    `yaml:"DeletionPolicy"`
	Properties     yaml.Node `yaml:"Properties"`
}

// The command in docs/redeploy.md cuts out of the template what a deleted
// stack leaves behind, all of it and nothing else, as an import demands.
func TestWhatIsImportedIsWhatIsKept(t *testing.T) {
	var whole, cut struct {
		Resources map[string]resource `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "template.yaml")), &whole); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(cutKept(t), &cut); err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	for name, r := range whole.Resources {
		if r.DeletionPolicy == "Retain" {
			kept[name] = r.Type
		}
	}
	got := map[string]string{}
	for name, r := range cut.Resources {
		got[name] = r.Type
	}
	if len(kept) == 0 || !maps.Equal(got, kept) {
		t.Errorf("the command cuts out %v, want %v", got, kept)
	}
	if named := imported(t); !maps.Equal(named, kept) {
		t.Errorf("kept.json names %v, want %v", named, kept)
	}
}

// cutKept runs the command and returns what it prints.
func cutKept(t *testing.T) []byte {
	t.Helper()
	command := regexp.MustCompile(`(?m)^(\{ echo .*\}) > kept\.yaml$`).FindStringSubmatch(read(t, "docs/redeploy.md"))
	if command == nil {
		t.Fatal("docs/redeploy.md has no command that makes kept.yaml")
	}
	run := exec.CommandContext(t.Context(), "sh", "-c", command[1])
	run.Dir = root
	out, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// imported are the resources in kept.json with their types.
func imported(t *testing.T) map[string]string {
	t.Helper()
	text := regexp.MustCompile(`(?s)kept\.json <<'END'\n(.*?)\nEND\n`).FindStringSubmatch(read(t, "docs/redeploy.md"))
	if text == nil {
		t.Fatal("docs/redeploy.md has no kept.json")
	}
	var list []struct{ ResourceType, LogicalResourceId string }
	if err := json.Unmarshal([]byte(text[1]), &list); err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, r := range list {
		named[r.LogicalResourceId] = r.ResourceType
	}
	return named
}
