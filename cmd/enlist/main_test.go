//go:build dynamodb

package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/test/dynamolocal"
	"github.com/latchkey-auth/latchkey/test/runbook"
)

func TestRun(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": dynamolocal.Endpoint(t), "AWS_REGION": "local",
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
	} {
		t.Setenv(name, value)
	}
	for _, args := range [][]string{{}, {"-table", "t", "more"}, {"-table", "t", "-rate", "0"}, {"-table", "t", "-rate", "1001"}, {"-nonsense"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("run %v = nil, want an error", args)
		}
	}
	name := dynamolocal.Table(t, accounts.AccountsTable)
	u := accounts.User{ID: "id", Tenant: "public", Email: "ada@example.com", Joined: time.UnixMilli(1)}
	if err := accounts.NewDynamo(dynamolocal.Client(t), name).Create(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	args, err := runbook.Args("../../docs/operations.md", "List users of older versions", "enlist", `"$ACCOUNTS_TABLE"`, name)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	if err := run(t.Context(), args, &said); err != nil || said.String() != "0 users enlisted\n" {
		t.Errorf("run = %v, and said %q", err, said.String())
	}
}
