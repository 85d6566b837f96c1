package dynamo

import (
	"context"
	"fmt"
	"strings"

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
	table table
}

// NewKeys returns the Keys in the table.
func NewKeys(client Client, tableName string) *Keys {
	return &Keys{table: table{client, tableName}}
}

// Load implements token.KeyStore, with one consistent query for each page of
// 1 MB. It returns sessions.ErrCorrupt if any record is not whole: which keys
// verify follows from all of them.
func (k *Keys) Load(ctx context.Context) (token.Records, error) {
	var records token.Records
	err := k.table.query(ctx, query{partition: attrRing, value: theRing}, func(items []item) error {
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
func decodeRecord(it item, records *token.Records) error {
	r := reads(it)
	sort := r.text(attrItem)
	kind, _, _ := strings.Cut(sort, "#")
	switch {
	case r.err != nil:
	case sort == settingsItem:
		records.Settings = r.settings()
	case kind == signingKind:
		records.Signing = append(records.Signing, r.signingKey())
	case kind == macKind:
		records.MAC = append(records.MAC, r.macKey())
	default:
		r.fail(attrItem)
	}
	if r.err != nil {
		return fmt.Errorf("key record %q: %w", sort, r.err)
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

func (k *Keys) add(ctx context.Context, it item) error {
	added, err := k.table.put(ctx, it, "attribute_not_exists(#ring)", nil)
	if err == nil && !added {
		return token.ErrExists
	}
	return err
}

// RevokeSigningKey implements token.KeyStore, with one conditional update.
func (k *Keys) RevokeSigningKey(ctx context.Context, n int) error {
	revoked, old, err := k.table.update(ctx, update{
		key: numbered(signingKind, n), set: revokeKeySet, condition: revokeKeyIf, answer: true,
		values: item{":true": flag(true), ":v": number(schema)},
	})
	if err == nil && !revoked && len(old) > 0 {
		return fmt.Errorf("key record: %w: attribute %s", sessions.ErrCorrupt, attrVersion)
	}
	return err
}

// PutSettings implements token.KeyStore, with one conditional put. Settings of
// another schema, or none that can be read, count as later ones.
func (k *Keys) PutSettings(ctx context.Context, s token.Settings) error {
	it := encodeSettings(s)
	put, err := k.table.put(ctx, it, settingsIf, item{":v": it[attrVersion], ":notBefore": it[attrNotBefore]})
	if err == nil && !put {
		return token.ErrExists
	}
	return err
}
