package dynamo

import (
	"context"
	"fmt"
	"strings"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
	"github.com/latchkey-auth/latchkey/sessions/token"
)

var _ token.KeyStore = (*Keys)(nil)

const (
	revokeKeySet = "SET #revoked = :true"
	revokeKeyIf  = "attribute_exists(#ring) AND #v = :v"

	settingsIf = "attribute_not_exists(#ring) OR (#v = :v AND #notBefore <= :notBefore)"
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

// Load implements token.KeyStore, with one consistent query for each page of
// 1 MB. It returns sessions.ErrCorrupt if any record is not whole: which keys
// verify follows from all of them.
func (k *Keys) Load(ctx context.Context) (token.Records, error) {
	var records token.Records
	all := table.Query{Where: "#ring = :ring", Values: table.Item{":ring": table.Text(theRing)}}
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
// of their sort keys, which is that of the numbers.
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
	revoked, err := k.table.Update(ctx, table.Update{
		Key: numbered(signingKind, n), Set: revokeKeySet, If: revokeKeyIf,
		Values: table.Item{":true": table.Flag(true), ":v": table.Number(schema)},
	})
	if err == nil && !revoked.Applied && revoked.Item != nil {
		return fmt.Errorf("key record: %w: attribute %s", sessions.ErrCorrupt, table.VersionAttribute)
	}
	return err
}

// PutSettings implements token.KeyStore, with one conditional put. Settings of
// another schema, or none that can be read, count as later ones.
func (k *Keys) PutSettings(ctx context.Context, s token.Settings) error {
	it := encodeSettings(s)
	put, err := k.table.Put(ctx, it, table.Condition{
		If:     settingsIf,
		Values: table.Item{":v": it[table.VersionAttribute], ":notBefore": it[attrNotBefore]},
	})
	if err == nil && !put.Applied {
		return token.ErrExists
	}
	return err
}
