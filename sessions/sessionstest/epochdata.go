package sessionstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey-auth/latchkey/sessions"
)

func epochRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"Epoch", "Epoch returns the user's count, 0 for a user never seen.", epochCounts},
		{"BumpEpoch", "BumpEpoch adds one to the user's count.", bumpAddsOne},
		{"BumpEpoch", "Concurrent bumps are all counted.", bumpsAllCount},
	}
}

func epoch(t *testing.T, st sessions.Store, u sessions.UserKey) int64 {
	t.Helper()
	count, err := st.Epoch(t.Context(), u)
	if err != nil {
		t.Fatalf("Epoch = %v, want nil", err)
	}
	return count
}

func bump(t *testing.T, st sessions.Store, u sessions.UserKey) {
	t.Helper()
	if err := st.BumpEpoch(t.Context(), u); err != nil {
		t.Fatalf("BumpEpoch = %v, want nil", err)
	}
}

func epochCounts(t *testing.T, st sessions.Store) {
	s := added(t, st)
	u := s.Handle.User()
	if n := epoch(t, st, u); n != 0 {
		t.Errorf("Epoch of a user never seen = %d, want 0", n)
	}
	bump(t, st, u)
	if n := epoch(t, st, u); n != 1 {
		t.Errorf("Epoch after one bump = %d, want 1", n)
	}
	if n := epoch(t, st, sessions.KeyOf("other", s.User)); n != 0 {
		t.Errorf("Epoch of the namesake in another tenant = %d, want 0", n)
	}
}

func bumpAddsOne(t *testing.T, st sessions.Store) {
	s := added(t, st)
	for want := int64(1); want <= 3; want++ {
		bump(t, st, s.Handle.User())
		if n := epoch(t, st, s.Handle.User()); n != want {
			t.Errorf("Epoch after %d bumps = %d", want, n)
		}
	}
	same(t, get(t, st, s.Handle), s)
}

func bumpsAllCount(t *testing.T, st sessions.Store) {
	const bumps = 50
	u := sessions.KeyOf("public", somebody())
	together(bumps, func(int) {
		if err := st.BumpEpoch(t.Context(), u); err != nil {
			t.Errorf("BumpEpoch = %v, want nil", err)
		}
	})
	if n := epoch(t, st, u); n != bumps {
		t.Errorf("Epoch after %d concurrent bumps = %d", bumps, n)
	}
}

func dataRules() []rule[sessions.Store] {
	return []rule[sessions.Store]{
		{"Data", "Data returns the session's data, or the zero Data if none was written.", dataReturns},
		{"PutData", "PutData replaces the data if its version is still d.Version-1, and returns ErrConflict, changing nothing, if it is another.", putDataReplaces},
		{"PutData", "The data may be forgotten once keep has passed.", dataIsKept},
		{"PutData", "It neither reads nor changes the session.", putDataAlone},
	}
}

// farFuture is an instant up to which data must be kept.
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

func dataReturns(t *testing.T, st sessions.Store) {
	s := added(t, st)
	if d := data(t, st, s.Handle); d.JSON != nil || d.Version != 0 {
		t.Errorf("Data before the first write = %q, version %d, want the zero Data", d.JSON, d.Version)
	}
	putData(t, st, s.Handle, 1)
	sameData(t, data(t, st, s.Handle), dataOf(1))
	if d := data(t, st, sessions.NewHandle(s.Handle.User())); d.Version != 0 {
		t.Errorf("Data of another session of the user has version %d, want 0", d.Version)
	}
	large := sessions.Data{JSON: fmt.Appendf(nil, `{"text":"%0*d"}`, 350<<10-11, 0), Version: 2}
	if err := st.PutData(t.Context(), s.Handle, large, farFuture()); err != nil {
		t.Fatalf("PutData of %d bytes = %v, want nil", len(large.JSON), err)
	}
	if d := data(t, st, s.Handle); string(d.JSON) != string(large.JSON) {
		t.Errorf("Data has %d bytes, want the %d that were put", len(d.JSON), len(large.JSON))
	}
}

func putDataReplaces(t *testing.T, st sessions.Store) {
	s := added(t, st)
	refused := func(current int64) {
		t.Helper()
		for _, version := range []int64{current - 1, current, current + 2} {
			err := st.PutData(t.Context(), s.Handle, sessions.Data{JSON: json.RawMessage(`{}`), Version: version}, farFuture())
			if !errors.Is(err, sessions.ErrConflict) {
				t.Errorf("PutData of version %d over %d = %v, want ErrConflict", version, current, err)
			}
		}
	}
	refused(0)
	if d := data(t, st, s.Handle); d.Version != 0 {
		t.Errorf("Data after refused writes has version %d, want 0", d.Version)
	}
	for version := int64(1); version <= 3; version++ {
		putData(t, st, s.Handle, version)
		refused(version)
		sameData(t, data(t, st, s.Handle), dataOf(version))
	}
}

func dataIsKept(t *testing.T, st sessions.Store) {
	s := added(t, st)
	for version := int64(1); version <= 2; version++ {
		putData(t, st, s.Handle, version)
	}
	sameData(t, data(t, st, s.Handle), dataOf(2))
}

func putDataAlone(t *testing.T, st sessions.Store) {
	s := added(t, st)
	putData(t, st, s.Handle, 1)
	same(t, get(t, st, s.Handle), s)
	s = revoke(t, st, s)
	putData(t, st, s.Handle, 2)
	same(t, get(t, st, s.Handle), s)
	none := sessions.NewHandle(s.Handle.User())
	putData(t, st, none, 1)
	if _, err := st.Get(t.Context(), none); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Get after PutData without a session = %v, want ErrNotFound", err)
	}
}
