package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/internal/table"
	"github.com/latchkey-auth/latchkey/sessions"
)

// The attributes of the data of a session.
const (
	attrOf          = "of" // the handle, which the key also holds
	attrJSON        = "json"
	attrDataVersion = "version"
)

const replaces = "#version = :base AND #v = :v AND #of = :of AND attribute_type(#json, :text)"

// Data implements sessions.DataStore, with one consistent read. Data of another
// session under this session's key is ErrCorrupt.
func (st *Store) Data(ctx context.Context, h sessions.Handle) (sessions.Data, error) {
	it, err := st.table.Get(ctx, dataKey(h))
	if err != nil || len(it) == 0 {
		return sessions.Data{}, err
	}
	r := reads(it)
	d := sessions.Data{JSON: json.RawMessage(r.Text(attrJSON)), Version: r.Count(attrDataVersion)}
	if !json.Valid(d.JSON) {
		r.Fail(attrJSON)
	}
	if r.Text(attrOf) != h.String() {
		r.Fail(attrOf)
	}
	if r.Err() != nil {
		return sessions.Data{}, fmt.Errorf("data of session %s: %w", h, r.Err())
	}
	return d, nil
}

// PutData implements sessions.DataStore, with one conditional put. If its
// answer is lost and it is repeated, it finds its own write: ErrConflict.
func (st *Store) PutData(ctx context.Context, h sessions.Handle, d sessions.Data, keep time.Time) error {
	it := dataKey(h)
	it[table.VersionAttribute], it[attrOf] = table.Value(schema), table.Value(h.String())
	it[attrJSON], it[attrDataVersion] = table.Value(string(d.JSON)), table.Value(d.Version)
	it[attrExpires] = removable(keep)
	unchanged := table.Condition{If: isNew}
	if base := d.Version - 1; base != 0 {
		unchanged = table.Condition{If: replaces, Values: table.Item{
			":base": table.Value(base), ":v": table.Value(schema), ":of": it[attrOf], ":text": table.Value("S"),
		}}
	}
	written, err := st.table.Put(ctx, it, unchanged)
	if err == nil && !written.Applied {
		return sessions.ErrConflict
	}
	return err
}

func dataKey(h sessions.Handle) table.Item { return keyOf(h.User(), dataPrefix+h.ID()) }
