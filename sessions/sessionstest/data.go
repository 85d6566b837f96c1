package sessionstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func dataRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"data", putDataReplaces},
		{"data-large", dataLarge},
		{"data-apart", putDataAlone},
	}
}

// farFuture is an instant until which data must be kept.
func farFuture() time.Time { return time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC) }

func data(t *testing.T, st sessions.Store, h sessions.Handle) sessions.Data {
	t.Helper()
	d, err := st.Data(t.Context(), h)
	if err != nil {
		t.Fatalf("Data = %v, want nil", err)
	}
	return d
}

func putData(t *testing.T, st sessions.Store, h sessions.Handle, version int64) {
	t.Helper()
	if err := st.PutData(t.Context(), h, dataOf(version), farFuture()); err != nil {
		t.Fatalf("PutData of version %d = %v, want nil", version, err)
	}
}

func dataOf(version int64) sessions.Data {
	return sessions.Data{JSON: json.RawMessage(fmt.Sprintf(`{"write":%d}`, version)), Version: version}
}

func sameData(t *testing.T, got, want sessions.Data) {
	t.Helper()
	if got.Version != want.Version || string(got.JSON) != string(want.JSON) {
		t.Errorf("data = %s, version %d, want %s, version %d", got.JSON, got.Version, want.JSON, want.Version)
	}
}

func putDataReplaces(t *testing.T, st sessions.Store) {
	h := added(t, st).Handle
	want := sessions.Data{}
	for version := int64(0); version <= 3; version++ {
		sameData(t, data(t, st, h), want)
		for _, other := range []int64{version - 1, version, version + 2} {
			if err := st.PutData(t.Context(), h, sessions.Data{JSON: json.RawMessage(`{}`), Version: other}, farFuture()); !errors.Is(err, sessions.ErrConflict) {
				t.Errorf("PutData of version %d over %d = %v, want ErrConflict", other, version, err)
			}
		}
		winner := oneWins(t, 30, sessions.ErrConflict, func(i int) error {
			d := sessions.Data{JSON: json.RawMessage(fmt.Sprintf(`{"by":%d}`, i)), Version: version + 1}
			return st.PutData(t.Context(), h, d, farFuture())
		})
		want = sessions.Data{JSON: json.RawMessage(fmt.Sprintf(`{"by":%d}`, winner)), Version: version + 1}
	}
	sameData(t, data(t, st, sessions.NewHandle(h.User())), sessions.Data{})
}

func dataLarge(t *testing.T, st sessions.Store) {
	h := added(t, st).Handle
	large := sessions.Data{JSON: fmt.Appendf(nil, `{"text":"%0*d"}`, 350<<10-11, 0), Version: 1}
	if err := st.PutData(t.Context(), h, large, farFuture()); err != nil {
		t.Fatalf("PutData of %d bytes = %v, want nil", len(large.JSON), err)
	}
	if d := data(t, st, h); string(d.JSON) != string(large.JSON) {
		t.Errorf("Data has %d bytes, want the %d that were put", len(d.JSON), len(large.JSON))
	}
}

// putDataAlone: putting data neither reads nor changes the session.
func putDataAlone(t *testing.T, st sessions.Store) {
	s := added(t, st)
	putData(t, st, s.Handle, 1)
	same(t, get(t, st, s.Handle), s)
	s = revoke(t, st, s)
	putData(t, st, s.Handle, 2)
	same(t, get(t, st, s.Handle), s)
	none := sessions.NewHandle(s.Handle.User())
	putData(t, st, none, 1)
	isNot(t, st, none)
}
