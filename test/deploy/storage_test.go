//go:build deploy

package deploy_test

import (
	"fmt"
	"testing"
)

func testTables(t *testing.T, s stack) {
	for name, want := range map[string]struct{ keys, ttl, indexes string }{
		"SessionsTable": {keys: "[{user HASH} {item RANGE}]", ttl: "expires"},
		"AccountsTable": {keys: "[{key HASH}]", ttl: "expires", indexes: "{users}"},
		"KeysTable":     {keys: "[{ring HASH} {item RANGE}]"}, // no key is ever forgotten
	} {
		t.Run(name, func(t *testing.T) {
			testTable(t, s, s.id(t, name), want.keys, "["+want.indexes+"]")
			testExpiry(t, s, s.id(t, name), want.ttl)
		})
	}
}

func testTable(t *testing.T, s stack, id, keys, indexes string) {
	var answer struct {
		Table struct {
			KeySchema                 []struct{ AttributeName, KeyType string }
			BillingModeSummary        struct{ BillingMode string }
			DeletionProtectionEnabled bool
			GlobalSecondaryIndexes    []struct{ IndexName string }
		}
	}
	s.aws(t, &answer, "dynamodb", "describe-table", "--table-name", id)
	table := answer.Table
	if got := fmt.Sprint(table.KeySchema); got != keys {
		t.Errorf("keys are %s, want %s", got, keys)
	}
	if table.BillingModeSummary.BillingMode != "PAY_PER_REQUEST" {
		t.Errorf("billing mode is %q, want on demand", table.BillingModeSummary.BillingMode)
	}
	if !table.DeletionProtectionEnabled {
		t.Error("not protected from deletion")
	}
	if got := fmt.Sprint(table.GlobalSecondaryIndexes); got != indexes {
		t.Errorf("indexes are %s, want %s", got, indexes)
	}
}

func testExpiry(t *testing.T, s stack, id, attribute string) {
	var ttl struct {
		TimeToLiveDescription struct{ TimeToLiveStatus, AttributeName string }
	}
	s.aws(t, &ttl, "dynamodb", "describe-time-to-live", "--table-name", id)
	if got := ttl.TimeToLiveDescription; got.AttributeName != attribute || (got.TimeToLiveStatus == "ENABLED") != (attribute != "") {
		t.Errorf("time to live is %+v, want it on %q", got, attribute)
	}
	var backups struct {
		ContinuousBackupsDescription struct {
			PointInTimeRecoveryDescription struct{ PointInTimeRecoveryStatus string }
		}
	}
	s.aws(t, &backups, "dynamodb", "describe-continuous-backups", "--table-name", id)
	if got := backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus; got != "ENABLED" {
		t.Errorf("point-in-time recovery is %q, want ENABLED", got)
	}
}

func testKey(t *testing.T, s stack) {
	var rotation struct{ KeyRotationEnabled bool }
	s.aws(t, &rotation, "kms", "get-key-rotation-status", "--key-id", s.id(t, "SealingKey"))
	if !rotation.KeyRotationEnabled {
		t.Error("the key does not rotate")
	}
}
