//go:build deploy

// Package deploy_test deploys the stack to moto's server and reads back what
// is there. run.sh builds the functions, starts the server and then this.
package deploy_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// What run.sh sets.
const (
	variableSAM    = "SAM"           // the program
	variableAWS    = "AWSCLI"        // the program
	variableBuild  = "DEPLOY_BUILD"  // folder that sam build wrote
	variableConfig = "DEPLOY_CONFIG" // samconfig.toml, with a bucket in place of resolve_s3
)

func TestDeploy(t *testing.T) {
	for _, name := range []string{variableSAM, variableAWS, variableBuild, variableConfig} {
		if os.Getenv(name) == "" {
			t.Fatalf("%s is not set: run make test-deploy", name)
		}
	}
	for environment, name := range map[string]string{"default": "latchkey-dev", "prod": "latchkey"} {
		t.Run(environment, func(t *testing.T) { testStack(t, environment, name) })
	}
}

// testStack deploys an environment of samconfig.toml, looks at the stack,
// deploys it again, changes it and deletes it.
func testStack(t *testing.T, environment, name string) {
	deploy(t, environment)
	s := readStack(t, name)
	t.Run("tables", func(t *testing.T) { testTables(t, s) })
	t.Run("key", func(t *testing.T) { testKey(t, s) })
	t.Run("functions", func(t *testing.T) { testFunctions(t, s) })
	t.Run("roles", func(t *testing.T) { testRoles(t, s) })
	t.Run("api", func(t *testing.T) { testAPI(t, s) })
	t.Run("exports", func(t *testing.T) { testExports(t, s) })
	t.Run("again", func(t *testing.T) { testAgain(t, environment, s) })
	t.Run("change", func(t *testing.T) { testChange(t, s, environment) })
	t.Run("delete", func(t *testing.T) { testDelete(t, s) })
}

// testExports wants what other stacks attach the authorizer by.
func testExports(t *testing.T, s stack) {
	var list struct {
		Exports []struct{ Name, Value string }
	}
	s.aws(t, &list, "cloudformation", "list-exports")
	got := map[string]string{}
	for _, e := range list.Exports {
		got[e.Name] = e.Value
	}
	url := "https://" + s.id(t, "HttpApi") + ".execute-api.us-east-1.amazonaws.com"
	for name, want := range map[string]string{
		"ApiUrl": url, "Issuer": url + "/auth", "JwksUrl": url + "/auth/jwt/jwks.json",
		"AuthorizerArn":           s.id(t, "AuthorizerFunctionAliaslive"),
		"AuthorizerCheckedArn":    s.id(t, "AuthorizerCheckedAlias"),
		"AuthorizerOptionalArn":   s.id(t, "AuthorizerOptionalAlias"),
		"AuthorizerInvokeRoleArn": "arn:aws:iam::123456789012:role/" + s.id(t, "AuthorizerInvokeRole"),
		"SessionsTableName":       s.id(t, "SessionsTable"),
		"AccountsTableName":       s.id(t, "AccountsTable"),
		"KeysTableName":           s.id(t, "KeysTable"),
	} {
		if got[s.name+"-"+name] != want {
			t.Errorf("%s-%s is %q, want %q", s.name, name, got[s.name+"-"+name], want)
		}
	}
}

// testAgain deploys the same once more: every resource is still the same one.
func testAgain(t *testing.T, environment string, s stack) {
	deploy(t, environment)
	before, after := maps.Clone(s.resources), readStack(t, s.name).resources
	for _, forgotten := range []string{"Logs", "AccessLogs"} { // by moto (LIMITS.md)
		delete(before, forgotten)
		delete(after, forgotten)
	}
	if !maps.Equal(before, after) {
		t.Errorf("a second sam deploy left %v, want %v", after, before)
	}
}

// kept are the resources that outlive the stack.
func kept() []string { return []string{"AccountsTable", "KeysTable", "SealingKey", "SessionsTable"} }

// testDelete deletes the stack: tables and key are left, the rest is gone. Then
// it destroys those, too.
func testDelete(t *testing.T, s stack) {
	commands := part(t, "Remove the stack")
	names := strings.TrimSpace(operate(t, s, "", "", commands[0]))
	if want := strings.Join([]string{s.id(t, "SessionsTable"), s.id(t, "AccountsTable"), s.id(t, "KeysTable"), s.id(t, "SealingKey")}, " "); names != want {
		t.Errorf("the names noted are %q, want %q", names, want)
	}
	for _, name := range kept() {
		if name != "SealingKey" && !slices.Contains(tables(t, s), s.id(t, name)) {
			t.Errorf("%s is gone with the stack", name)
		}
	}
	if state := keyState(t, s); state != "Enabled" {
		t.Errorf("SealingKey is %s after the deletion, want Enabled", state)
	}
	var functions struct {
		Functions []struct{ FunctionName string }
	}
	s.aws(t, &functions, "lambda", "list-functions")
	if len(functions.Functions) != 0 {
		t.Errorf("functions left after the deletion: %v", functions.Functions)
	}
	operate(t, s, "", "", "set -- "+names+"; sessions=$1 accounts=$2 ring=$3 seal=$4\n"+commands[1])
	for _, name := range kept() {
		if slices.Contains(tables(t, s), s.id(t, name)) {
			t.Errorf("%s is still there", name)
		}
	}
	if state := keyState(t, s); state != "PendingDeletion" {
		t.Errorf("SealingKey is %s after all was destroyed, want PendingDeletion", state)
	}
}

func tables(t *testing.T, s stack) []string {
	t.Helper()
	var list struct{ TableNames []string }
	s.aws(t, &list, "dynamodb", "list-tables")
	return list.TableNames
}

func keyState(t *testing.T, s stack) string {
	t.Helper()
	var key struct {
		KeyMetadata struct{ KeyState string }
	}
	s.aws(t, &key, "kms", "describe-key", "--key-id", s.id(t, "SealingKey"))
	return key.KeyMetadata.KeyState
}
