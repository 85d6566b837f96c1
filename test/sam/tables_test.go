//go:build sam

package sam_test

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.yaml.in/yaml/v3"

	"github.com/latchkey-auth/latchkey/internal/dynamolocal"
)

// tables creates the tables of the template, by logical id, and returns their
// names.
func tables(t *testing.T, template string) map[string]string {
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
		t.Fatal(err)
	}
	names := map[string]string{}
	for id, resource := range document.Resources {
		if resource.Type != "AWS::DynamoDB::Table" {
			continue
		}
		var p table
		if err := resource.Properties.Decode(&p); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		names[id] = dynamolocal.Table(t, p.describe)
	}
	return names
}

// table is what the engine needs of a table's properties.
type table struct {
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

func (p table) describe(name string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{TableName: aws.String(name), BillingMode: types.BillingMode(p.Billing)}
	for _, a := range p.Attributes {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(a.Name), AttributeType: types.ScalarAttributeType(a.Type),
		})
	}
	for _, k := range p.Keys {
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{
			AttributeName: aws.String(k.Name), KeyType: types.KeyType(k.Type),
		})
	}
	return in
}
