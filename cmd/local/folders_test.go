package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/internal/template/document"
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

// written is template.yaml as it is written.
func written(t *testing.T) document.Value {
	t.Helper()
	data, err := os.ReadFile("../../template.yaml")
	must(t, err)
	d, err := document.Parse(data)
	must(t, err)
	return d.Root
}

// The template's tables are those that the stores use, and they outlive it.
func TestTablesAreThoseOfTheStores(t *testing.T) {
	for id, want := range map[string]struct {
		input *dynamodb.CreateTableInput
		ttl   string
	}{
		"SessionsTable": {dynamo.SessionsTable("x"), "expires true"},
		"AccountsTable": {accounts.AccountsTable("x"), "expires true"},
		"KeysTable":     {dynamo.KeysTable("x"), " "},
	} {
		resource := written(t).Get("Resources").Get(id)
		table := resource.Get("Properties")
		billing, policy := table.Get("BillingMode").Text(), resource.Get("DeletionPolicy").Text()
		var keys, wantKeys []string
		for _, k := range table.Get("KeySchema").Items() {
			keys = append(keys, k.Get("AttributeName").Text()+" "+k.Get("KeyType").Text())
		}
		for _, k := range want.input.KeySchema {
			wantKeys = append(wantKeys, *k.AttributeName+" "+string(k.KeyType))
		}
		if !slices.Equal(keys, wantKeys) || billing != string(want.input.BillingMode) || policy != "Retain" {
			t.Errorf("%s: keys %v, billing %s, deletion %s, want %v, %s, Retain", id, keys, billing, policy, wantKeys, want.input.BillingMode)
		}
		ttl := table.Get("TimeToLiveSpecification")
		if got := ttl.Get("AttributeName").Text() + " " + ttl.Get("Enabled").Text(); got != want.ttl {
			t.Errorf("%s: time to live by %q, want %q", id, got, want.ttl)
		}
	}
}
