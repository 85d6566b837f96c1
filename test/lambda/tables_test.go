//go:build dynamodb

package lambda_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.yaml.in/yaml/v3"

	"github.com/latchkey-auth/latchkey/internal/dynamolocal"
)

// declaredTable is a table as template.yaml declares it.
type declaredTable struct {
	Attributes []struct {
		Name string `yaml:"AttributeName"`
		Type string `yaml:"AttributeType"`
	} `yaml:"AttributeDefinitions"`
	Keys []struct {
		Name string `yaml:"AttributeName"`
		Type string `yaml:"KeyType"`
	} `yaml:"KeySchema"`
}

// tables creates the tables of the template, and returns their names by the
// variables that tell them to the functions.
func tables(t testing.TB) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Resources map[string]struct {
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for variable, id := range map[string]string{
		"SESSIONS_TABLE": "SessionsTable", "ACCOUNTS_TABLE": "AccountsTable", "KEYS_TABLE": "KeysTable",
	} {
		var table declaredTable
		properties := document.Resources[id].Properties
		if err := properties.Decode(&table); err != nil {
			t.Fatalf("%s of the template: %v", id, err)
		}
		names[variable] = dynamolocal.Table(t, table.describe)
	}
	return names
}

func (d declaredTable) describe(name string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	for _, a := range d.Attributes {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: &a.Name, AttributeType: types.ScalarAttributeType(a.Type),
		})
	}
	for _, k := range d.Keys {
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: &k.Name, KeyType: types.KeyType(k.Type)})
	}
	return in
}
