package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

// The attributes of the data of a session.
const (
	attrOf          = "of" // the handle, which the key spells too
	attrJSON        = "json"
	attrDataVersion = "version"
)

const replaces = "#version = :base AND #v = :v AND #of = :of AND attribute_type(#json, :text)"

// Data implements sessions.DataStore, with one consistent read. Data of
// another session that stand under this one's key are ErrCorrupt.
func (st *Store) Data(ctx context.Context, h sessions.Handle) (sessions.Data, error) {
	it, err := st.table.get(ctx, dataKey(h))
	if err != nil || len(it) == 0 {
		return sessions.Data{}, err
	}
	r := reads(it)
	d := sessions.Data{JSON: json.RawMessage(r.text(attrJSON)), Version: r.count(attrDataVersion)}
	if !json.Valid(d.JSON) {
		r.fail(attrJSON)
	}
	if r.text(attrOf) != h.String() {
		r.fail(attrOf)
	}
	if r.err != nil {
		return sessions.Data{}, fmt.Errorf("data of session %s: %w", h, r.err)
	}
	return d, nil
}

// PutData implements sessions.DataStore, with one conditional put. One whose
// answer was lost and which is repeated meets itself: ErrConflict.
func (st *Store) PutData(ctx context.Context, h sessions.Handle, d sessions.Data, keep time.Time) error {
	it := dataKey(h)
	it[attrVersion], it[attrOf] = number(schema), text(h.String())
	it[attrJSON], it[attrDataVersion] = text(string(d.JSON)), number(d.Version)
	it[attrExpires] = removable(keep)
	condition, values := isNew, item(nil)
	if base := d.Version - 1; base != 0 {
		condition, values = replaces, item{":base": number(base), ":v": number(schema), ":of": it[attrOf], ":text": text("S")}
	}
	written, err := st.table.put(ctx, it, condition, values)
	if err == nil && !written {
		return sessions.ErrConflict
	}
	return err
}

func dataKey(h sessions.Handle) item { return keyOf(h.User(), dataPrefix+h.ID()) }
