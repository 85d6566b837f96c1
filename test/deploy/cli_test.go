//go:build deploy

package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// deploy runs `sam deploy` with an environment of samconfig.toml.
func deploy(t *testing.T, environment string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Getenv(variableSAM), "deploy",
		"--config-file", os.Getenv(variableConfig), "--config-env", environment,
		"--template-file", filepath.Join(os.Getenv(variableBuild), "template.yaml"),
		"--no-confirm-changeset", "--no-fail-on-empty-changeset")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("sam deploy: %v\n%s", err, out)
	}
}

// stack is a deployed stack.
type stack struct {
	name      string
	resources map[string]string // logical to physical id
}

func readStack(t *testing.T, name string) stack {
	t.Helper()
	s := stack{name: name, resources: map[string]string{}}
	var list struct {
		StackResources []struct{ LogicalResourceId, PhysicalResourceId string }
	}
	s.aws(t, &list, "cloudformation", "describe-stack-resources", "--stack-name", name)
	for _, r := range list.StackResources {
		if r.LogicalResourceId != "" { // types that moto does not know
			s.resources[r.LogicalResourceId] = r.PhysicalResourceId
		}
	}
	var stacks struct {
		Stacks []struct{ StackStatus string }
	}
	s.aws(t, &stacks, "cloudformation", "describe-stacks", "--stack-name", name)
	if status := stacks.Stacks[0].StackStatus; status != "CREATE_COMPLETE" && status != "UPDATE_COMPLETE" {
		t.Fatalf("stack %s is %s", name, status)
	}
	return s
}

// id is the physical id of the resource that the template calls name.
func (s stack) id(t *testing.T, name string) string {
	t.Helper()
	id := s.resources[name]
	if id == "" {
		t.Fatalf("the stack has no %s", name)
	}
	return id
}

// aws runs the AWS CLI and decodes what it prints, unless answer is nil.
func (s stack) aws(t *testing.T, answer any, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Getenv(variableAWS), append(args, "--output", "json")...)
	out, err := command.Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			t.Fatalf("aws %v: %v\n%s", args, err, exit.Stderr)
		}
		t.Fatalf("aws %v: %v", args, err)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatalf("aws %v printed %s: %v", args, out, err)
	}
}
