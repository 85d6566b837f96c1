package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/latchkey-auth/latchkey/internal/accounts"
	"github.com/latchkey-auth/latchkey/internal/awsclient"
	"github.com/latchkey-auth/latchkey/internal/logins"
	"github.com/latchkey-auth/latchkey/internal/setup"
	"github.com/latchkey-auth/latchkey/internal/setup/api"
	"github.com/latchkey-auth/latchkey/internal/template"
	"github.com/latchkey-auth/latchkey/sessions/dynamo"
)

// onDynamoDB returns an opener of stores in the DynamoDB of the command line.
// It creates tables that are missing, so that what was there before goes on.
func onDynamoDB(w world) opener {
	client := dynamo.NewClient(dynamo.ClientConfig{
		Region: template.Region, Endpoint: w.options.dynamodb,
		Credentials: awsclient.Environment(credentials(w.getenv)),
	})
	created := map[string]bool{}
	return func(ctx context.Context, cfg setup.Config) (api.Backends, error) {
		for _, table := range tables(cfg) {
			if created[*table.TableName] {
				continue
			}
			err := w.patiently(ctx, func(ctx context.Context) error { return create(ctx, client, table) })
			if err != nil {
				return api.Backends{}, fmt.Errorf("table %s at %s: %w", *table.TableName, w.options.dynamodb, err)
			}
			created[*table.TableName] = true
		}
		b := setup.Backends{
			Sessions: dynamo.New(client, cfg.SessionsTable),
			Keys:     dynamo.NewKeys(client, cfg.KeysTable),
		}
		return w.complete(cfg, api.Backends{
			Backends: b, Accounts: accounts.NewDynamo(client, cfg.AccountsTable),
			Providers: logins.NewDynamo(client, cfg.KeysTable),
		}), nil
	}
}

// credentials stands in where the environment has none: a local DynamoDB asks
// for some and takes any.
func credentials(getenv func(string) string) func(string) string {
	return func(name string) string {
		if getenv("AWS_ACCESS_KEY_ID") == "" && (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY") {
			return "local"
		}
		return getenv(name)
	}
}

// tables describes the tables that the function uses.
func tables(cfg setup.Config) []*dynamodb.CreateTableInput {
	var list []*dynamodb.CreateTableInput
	for _, t := range []struct {
		name     string
		describe func(string) *dynamodb.CreateTableInput
	}{
		{cfg.SessionsTable, dynamo.SessionsTable},
		{cfg.AccountsTable, accounts.AccountsTable},
		{cfg.KeysTable, dynamo.KeysTable},
	} {
		if t.name != "" {
			list = append(list, t.describe(t.name))
		}
	}
	return list
}

// patience is how long a DynamoDB may take until it answers what the start asks.
// An engine that has just started takes longer than the client waits.
const patience = 30 * time.Second

// patiently does what the start asks of DynamoDB, and again where that did not
// answer. It says so when it has to wait.
func (w world) patiently(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for try := 1; ; try++ {
		err := do(ctx)
		var unanswered *smithy.OperationError
		if !errors.As(err, &unanswered) {
			return err
		}
		if try == 1 {
			w.log.Info("waiting for the DynamoDB", "url", w.options.dynamodb, "at most", patience, "because", err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// create creates a table unless it is there.
func create(ctx context.Context, client *dynamodb.Client, table *dynamodb.CreateTableInput) error {
	_, err := client.CreateTable(ctx, table)
	var there *types.ResourceInUseException
	if errors.As(err, &there) {
		return nil
	}
	return err
}
