package main

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.yaml.in/yaml/v3"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
)

func ownStack(t *testing.T) *template.Stack {
	t.Helper()
	stack, _, err := readStack(options{template: "../../template.yaml"})
	if err != nil {
		t.Fatalf("readStack = %v, want nil", err)
	}
	return stack
}

// Every folder with a function's main is a function of the template, built by
// a constructor here, and the reverse.
func TestFunctionsAreInTheTemplate(t *testing.T) {
	folders := map[string]bool{"notes": true}
	mains, err := filepath.Glob("../../functions/*/main.go")
	must(t, err)
	for _, main := range mains {
		folders[filepath.Base(filepath.Dir(main))] = true
	}
	if _, err := os.Stat("../../examples/notes/main.go"); err != nil {
		t.Error(err)
	}
	inTemplate, built := map[string]bool{}, map[string]bool{}
	for _, f := range ownStack(t).Functions {
		inTemplate[folderOf(f.ID)] = true
	}
	for id := range constructors() {
		built[folderOf(id)] = true
	}
	if !maps.Equal(folders, inTemplate) || !maps.Equal(folders, built) {
		t.Errorf("folders %v, functions of the template %v, constructors %v; want the same",
			slices.Sorted(maps.Keys(folders)), slices.Sorted(maps.Keys(inTemplate)), slices.Sorted(maps.Keys(built)))
	}
}

// folderOf returns the folder that the Makefile builds for a logical id.
func folderOf(id string) string { return strings.ToLower(strings.TrimSuffix(id, "Function")) }

// table is a table as the template describes it.
type table struct {
	Type           string
	DeletionPolicy string `yaml:"DeletionPolicy"`
	Properties     struct {
		BillingMode          string                                          `yaml:"BillingMode"`
		AttributeDefinitions []struct{ AttributeName, AttributeType string } `yaml:"AttributeDefinitions"`
		KeySchema            []struct {
			Name string `yaml:"AttributeName"`
			Type string `yaml:"KeyType"`
		} `yaml:"KeySchema"`
		TTL *struct {
			Name    string `yaml:"AttributeName"`
			Enabled bool   `yaml:"Enabled"`
		} `yaml:"TimeToLiveSpecification"`
	} `yaml:"Properties"`
}

// The template's tables are those that the stores use, and they outlive it.
func TestTablesAreThoseOfTheStores(t *testing.T) {
	data, err := os.ReadFile("../../template.yaml")
	must(t, err)
	var whole struct {
		Resources map[string]yaml.Node `yaml:"Resources"`
	}
	must(t, yaml.Unmarshal(data, &whole))
	for id, want := range map[string]struct {
		input *dynamodb.CreateTableInput
		ttl   bool
	}{
		"SessionsTable": {dynamo.SessionsTable("x"), true},
		"AccountsTable": {accounts.AccountsTable("x"), true},
		"KeysTable":     {dynamo.KeysTable("x"), false},
	} {
		var got table
		node := whole.Resources[id]
		if err := node.Decode(&got); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		var keys, wantKeys []string
		for _, k := range got.Properties.KeySchema {
			keys = append(keys, k.Name+" "+k.Type)
		}
		for _, k := range want.input.KeySchema {
			wantKeys = append(wantKeys, *k.AttributeName+" "+string(k.KeyType))
		}
		if !reflect.DeepEqual(keys, wantKeys) || got.Properties.BillingMode != string(want.input.BillingMode) || got.DeletionPolicy != "Retain" {
			t.Errorf("%s: keys %v, billing %s, deletion %s, want %v, %s, Retain", id, keys, got.Properties.BillingMode, got.DeletionPolicy, wantKeys, want.input.BillingMode)
		}
		if ttl := got.Properties.TTL; (ttl != nil) != want.ttl || ttl != nil && (ttl.Name != "expires" || !ttl.Enabled) {
			t.Errorf("%s: time to live %+v, want it by expires: %v", id, ttl, want.ttl)
		}
	}
}
