package logins

import (
	"bytes"
	"context"
	"fmt"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/latchkey-auth/latchkey/internal/table"
)

var _ Store = (*Dynamo)(nil)

// partition is the partition of the providers in the table of keys. Functions
// that need no provider have no permission for it.
const partition = "providers"

// schema is the version of the items that are written here.
const schema = 1

// Dynamo is a Store in the table of keys, which package dynamo of sessions
// describes. Each item is one provider, and its sort key is the name. It is
// safe for concurrent use.
type Dynamo struct{ table table.Table }

// NewDynamo returns the Store in the table of keys of that name.
func NewDynamo(client table.Client, keysTable string) *Dynamo {
	return &Dynamo{table.Table{Client: client, Name: keysTable}}
}

func key(name string) table.Item {
	return table.Item{"ring": table.Value(partition), "item": table.Value(name)}
}

// Load implements Store.
func (d *Dynamo) Load(ctx context.Context) ([]Provider, error) {
	var all []Provider
	q := table.Query{Where: "#ring = :ring", Values: table.Item{":ring": table.Value(partition)}}
	err := d.table.Pages(ctx, q, func(items []table.Item) error {
		for _, it := range items {
			p, err := read(it)
			if err != nil {
				return err
			}
			all = append(all, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// read reads what Put writes.
func read(it table.Item) (Provider, error) {
	r := table.Schema{Version: schema, Corrupt: ErrCorrupt}.Read(it)
	name, text := r.Word("item"), r.Word("provider")
	var sealed []byte
	if r.Has("sealed") {
		sealed = bytes.Clone(r.Binary("sealed"))
	}
	p, err := Parse([]byte(text))
	// Put has already decided whether plain http is allowed.
	if err != nil || p.Check(true) != nil || p.Name() != name {
		r.Fail("provider")
	}
	if r.Err() != nil {
		return Provider{}, fmt.Errorf("provider %.100q: %w", name, r.Err())
	}
	p.Sealed = sealed
	return p, nil
}

// Put implements Store.
func (d *Dynamo) Put(ctx context.Context, p Provider) error {
	text, err := jsonv2.Marshal(p, jsonv2.Deterministic(true))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProvider, err)
	}
	it := key(p.Name())
	it[table.VersionAttribute], it["provider"] = table.Value(schema), table.Value(string(text))
	if p.Sealed != nil {
		it["sealed"] = table.Value(p.Sealed)
	}
	_, err = d.table.Put(ctx, it, table.Condition{})
	return err
}

// Delete implements Store.
func (d *Dynamo) Delete(ctx context.Context, name string) error {
	out, err := d.table.Delete(ctx, key(name), table.Condition{If: "attribute_exists(#ring)"})
	if err == nil && !out.Applied {
		return ErrNotFound
	}
	return err
}
