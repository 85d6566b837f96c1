package dynamolocal

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.yaml.in/yaml/v3"
)

// Tables creates the tables that a template declares, each as by [Table], and
// returns their names by their logical ids.
func Tables(t testing.TB, template string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(template)
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Resources map[string]struct {
			Type       string    `yaml:"Type"`
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatalf("%s: %v", template, err)
	}
	names := map[string]string{}
	for id, resource := range document.Resources {
		if resource.Type != "AWS::DynamoDB::Table" {
			continue
		}
		var d declared
		if err := resource.Properties.Decode(&d); err != nil {
			t.Fatalf("%s: %s: %v", template, id, err)
		}
		names[id] = Table(t, d.input)
	}
	return names
}

// declared is what the engine needs to know of a table's properties.
type declared struct {
	Billing    string `yaml:"BillingMode"`
	Attributes []struct {
		Name string `yaml:"AttributeName"`
		Type string `yaml:"AttributeType"`
	} `yaml:"AttributeDefinitions"`
	Keys []struct {
		Name string `yaml:"AttributeName"`
		Type string `yaml:"KeyType"`
	} `yaml:"KeySchema"`
}

func (d declared) input(name string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingMode(d.Billing)}
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
