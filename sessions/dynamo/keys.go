package dynamo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

var _ token.KeyStore = (*Keys)(nil)

const (
	revokeKeySet = "SET #revoked = :true"
	revokeMACSet = "SET #revoked = :true REMOVE #sealed"
	revokeKeyIf  = "attribute_exists(#ring) AND #v = :v"

	// Whichever setting is written first makes a whole record.
	issuerSet = "SET #v = :v, #issuer = :issuer, #api = :api, #notBefore = if_not_exists(#notBefore, :zero)"

	notBeforeSet = "SET #v = :v, #notBefore = :notBefore, " +
		"#issuer = if_not_exists(#issuer, :none), #api = if_not_exists(#api, :none)"
	domainsSet = "SET #v = :v, #domains = :become, #notBefore = if_not_exists(#notBefore, :zero), " +
		"#issuer = if_not_exists(#issuer, :none), #api = if_not_exists(#api, :none)"

	settingsIf  = "(attribute_not_exists(#ring) OR #v = :v)"
	notBeforeIf = settingsIf + " AND (attribute_not_exists(#notBefore) OR #notBefore < :notBefore)"
	domainsIf   = settingsIf + " AND #domains = :were"
	noDomainsIf = settingsIf + " AND (attribute_not_exists(#domains) OR #domains = :were)"
)

// Keys is a token.KeyStore in the table that KeysTable describes. It is safe
// for concurrent use.
type Keys struct {
	table table.Table
}

// NewKeys returns the Keys in the table.
func NewKeys(client Client, tableName string) *Keys {
	return &Keys{table: table.Table{Client: client, Name: tableName}}
}

// Load implements token.KeyStore, with one consistent query for each page of 1
// MB. It returns sessions.ErrCorrupt if any record is not whole, because all
// records together decide which keys verify.
func (k *Keys) Load(ctx context.Context) (token.Records, error) {
	var records token.Records
	all := table.Query{Where: "#ring = :ring", Values: table.Item{":ring": table.Value(theRing)}}
	err := k.table.Pages(ctx, all, func(items []table.Item) error {
		for _, it := range items {
			if err := decodeRecord(it, &records); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return token.Records{}, err
	}
	return records, nil
}

// decodeRecord adds the record of the item to records. Items come in the order
// of their sort keys, which is the order of the numbers.
func decodeRecord(it table.Item, records *token.Records) error {
	r := reads(it)
	sort := r.Text(attrItem)
	kind, _, _ := strings.Cut(sort, "#")
	switch {
	case r.Err() != nil:
	case sort == settingsItem:
		records.Settings = readSettings(r)
	case kind == signingKind:
		records.Signing = append(records.Signing, readSigningKey(r))
	case kind == macKind:
		records.MAC = append(records.MAC, readMACKey(r))
	default:
		r.Fail(attrItem)
	}
	if r.Err() != nil {
		return fmt.Errorf("key record %q: %w", sort, r.Err())
	}
	return nil
}

// AddSigningKey implements token.KeyStore, with one conditional put.
func (k *Keys) AddSigningKey(ctx context.Context, s token.SigningKey) error {
	return k.add(ctx, encodeSigningKey(s))
}

// AddMACKey implements token.KeyStore, with one conditional put.
func (k *Keys) AddMACKey(ctx context.Context, m token.MACKey) error {
	return k.add(ctx, encodeMACKey(m))
}

func (k *Keys) add(ctx context.Context, it table.Item) error {
	added, err := k.table.Put(ctx, it, table.Condition{If: "attribute_not_exists(#ring)"})
	if err == nil && !added.Applied {
		return token.ErrExists
	}
	return err
}

// RevokeSigningKey implements token.KeyStore, with one conditional update.
func (k *Keys) RevokeSigningKey(ctx context.Context, n int) error {
	return k.revoke(ctx, numbered(signingKind, n), revokeKeySet)
}

// RevokeMACKey implements token.KeyStore, with one conditional update.
func (k *Keys) RevokeMACKey(ctx context.Context, n int) error {
	return k.revoke(ctx, numbered(macKind, n), revokeMACSet)
}

func (k *Keys) revoke(ctx context.Context, key table.Item, set string) error {
	values := table.Item{":true": table.Value(true)}
	_, err := k.change(ctx, table.Update{Key: key, Set: set, If: revokeKeyIf, Values: values})
	return err
}

// SetIssuer implements token.KeyStore, with one conditional update.
func (k *Keys) SetIssuer(ctx context.Context, issuer, apiID string) error {
	_, err := k.change(ctx, table.Update{Key: settingsKey(), Set: issuerSet, If: settingsIf, Values: table.Item{
		":issuer": table.Value(issuer), ":api": table.Value(apiID), ":zero": table.Value(time.Time{}),
	}})
	return err
}

// EndBefore implements token.KeyStore, with one conditional update.
func (k *Keys) EndBefore(ctx context.Context, notBefore time.Time) error {
	_, err := k.change(ctx, table.Update{Key: settingsKey(), Set: notBeforeSet, If: notBeforeIf, Values: table.Item{
		":notBefore": table.Value(notBefore), ":none": table.Value(""),
	}})
	return err
}

// SetCookieDomains implements token.KeyStore, with one conditional update.
func (k *Keys) SetCookieDomains(ctx context.Context, were, become token.CookieDomains) error {
	u := table.Update{Key: settingsKey(), Set: domainsSet, If: domainsIf, Values: table.Item{
		":were": encodeDomains(were), ":become": encodeDomains(become),
		":none": table.Value(""), ":zero": table.Value(time.Time{}),
	}}
	if were == (token.CookieDomains{}) {
		u.If = noDomainsIf
	}
	applied, err := k.change(ctx, u)
	if err == nil && !applied {
		return token.ErrExists
	}
	return err
}

// change makes an update of a record. If its condition does not hold because
// the record cannot be read, it returns that error.
func (k *Keys) change(ctx context.Context, u table.Update) (applied bool, err error) {
	u.Values[":v"] = table.Value(schema)
	result, err := k.table.Update(ctx, u)
	if err != nil || result.Applied || result.Item == nil {
		return result.Applied, err
	}
	return false, decodeRecord(result.Item, &token.Records{})
}
