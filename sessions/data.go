package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// maxData is the largest session data, in bytes: an item of DynamoDB holds
// 400 KB with its keys.
const maxData = 350 << 10

// maxTries is how often a write without a version is tried if other writes keep
// coming first.
const maxTries = 8

// Data returns the session's data, which is `{}` with version 0 before the
// first write. It returns ErrNotFound if the session is over.
func (m *Manager) Data(ctx context.Context, h Handle) (Data, error) {
	if _, err := m.live(ctx, h); err != nil {
		return Data{}, err
	}
	d, err := m.store.Data(ctx, h)
	if err != nil {
		return Data{}, storage("reading data", err)
	}
	if d.Version == 0 {
		d.JSON = json.RawMessage(noClaims)
	}
	return d, nil
}

// PutData replaces the session's data and returns its new version. With a
// version, it returns ErrConflict and changes nothing if the data has another
// version. With nil, it replaces whatever is there. It returns ErrNotFound if
// the session is over, ErrData if the data is not a JSON object, and
// ErrDataSize if the object has more than 350 KB without white space.
//
// If an answer of the storage was lost, ErrConflict may be due to the caller's
// own write: read the data before writing again.
func (m *Manager) PutData(ctx context.Context, h Handle, data json.RawMessage, version *int64) (int64, error) {
	compact, err := compactData(data)
	if err != nil {
		return 0, err
	}
	l, err := m.live(ctx, h)
	if err != nil {
		return 0, err
	}
	return retry(version, func() (int64, error) { return m.putData(ctx, l.Session, compact, version) })
}

// compactData returns the data as it is stored.
func compactData(data json.RawMessage) (json.RawMessage, error) {
	fields, err := object(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrData, err)
	}
	compact, err := compose(fields)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrData, err)
	}
	if len(compact) > maxData {
		return nil, ErrDataSize
	}
	return compact, nil
}

// putData makes one attempt.
func (m *Manager) putData(ctx context.Context, s Session, data json.RawMessage, version *int64) (int64, error) {
	var base int64
	if version != nil {
		base = *version
	} else {
		d, err := m.store.Data(ctx, s.Handle)
		if err != nil {
			return 0, storage("reading data", err)
		}
		base = d.Version
	}
	err := m.store.PutData(ctx, s.Handle, Data{JSON: data, Version: base + 1}, s.Absolute)
	if err != nil {
		return 0, storage("writing data", err)
	}
	return base + 1, nil
}

// retry repeats a write that another write came before, unless the caller asked
// for a certain version.
func retry[T any](version *int64, write func() (T, error)) (T, error) {
	for try := 1; ; try++ {
		v, err := write()
		if !errors.Is(err, ErrConflict) || version != nil || try == maxTries {
			return v, err
		}
	}
}
