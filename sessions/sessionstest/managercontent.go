package sessionstest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/latchkey-auth/latchkey/sessions"
)

func contentProperties() []property {
	return []property{
		{name: "claims/A merge replaces, adds and removes, and acts at once.", holds: claimsMerge},
		{name: "claims/A version that is not the current one is a conflict.", holds: claimsVersions},
		{name: "claims/What is protected, too large or no object is refused.", holds: claimsRefused},
		{name: "data/Data is replaced whole, by version or without.", holds: dataVersions},
		{name: "claims/A merge without a version that meets another is made again.", holds: mergeMeetsAnother},
		{name: "data/A write without a version that meets another is made again.", holds: writeMeetsAnother},
		{name: "data/What is no object or too large is refused.", holds: dataRefused},
	}
}

func claimsMerge(w *world) {
	g, err := w.signIn(sessions.StartRequest{Claims: object(`{"a":1,"b":{"x":1,"y":2},"c":true}`)})
	if err != nil {
		w.Fatalf("Start = %v, want nil", err)
	}
	const want = `{"a":1,"b":{"y":null},"d":1.50}`
	claims, v, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(` {"b":{"y":null}, "c":null, "d":1.50, "e":null} `), nil)
	if err != nil || string(claims) != want || v != 2 {
		w.Fatalf("MergeClaims = %s, %d, %v, want %s, 2, nil", claims, v, err, want)
	}
	s, err := w.m.Check(w.Context(), g.Claims)
	if err != nil || string(s.Claims) != want || s.ClaimsVersion != 2 {
		w.Errorf("Check has claims %s, version %d, %v, want %s, 2", s.Claims, s.ClaimsVersion, err, want)
	}
	if next := w.refresh(g.Refresh, sessions.Rotated); string(next.Claims.Custom) != want {
		w.Errorf("next access token has claims %s, want %s", next.Claims.Custom, want)
	}
	if again := w.refresh(g.Refresh, sessions.Replayed); string(again.Claims.Custom) != want {
		w.Errorf("access token of a replay has claims %s, want %s", again.Claims.Custom, want)
	}
	claims, v, err = w.m.MergeClaims(w.Context(), g.Session.Handle, object(`{"a":null,"b":null,"d":null}`), version(2))
	if err != nil || string(claims) != `{}` || v != 3 {
		w.Errorf("MergeClaims = %s, %d, %v, want {}, 3, nil", claims, v, err)
	}
}

func claimsVersions(w *world) {
	g := w.start()
	for _, v := range []int64{-1, 0, 2} {
		_, _, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(`{"a":1}`), version(v))
		if !errors.Is(err, sessions.ErrConflict) {
			w.Errorf("MergeClaims at version %d of 1 = %v, want ErrConflict", v, err)
		}
	}
	same(w.T, w.stored(g), g.Session)
}

func badClaims() []string {
	return []string{
		`null`, `[]`, `"text"`, `{`, `{"a":1}x`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", `{"a":01}`,
		`{"sub":"somebody else"}`, `{"exp":null}`, `{"tId":"other"}`, `{"jti":"1"}`,
		fmt.Sprintf(`{"a":"%s"}`, strings.Repeat("x", 2000-7)),
	}
}

func claimsRefused(w *world) {
	g := w.start()
	w.store.Take()
	for _, claims := range append(badClaims(), ``) {
		_, _, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(claims), nil)
		if !errors.Is(err, sessions.ErrClaims) {
			w.Errorf("MergeClaims(%.40s) = %v, want ErrClaims", claims, err)
		}
	}
	half := func(name string) string {
		return fmt.Sprintf(`{"%s":"%s"}`, name, strings.Repeat("x", 1000-9))
	}
	if _, _, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(half("aa")), nil); err != nil {
		w.Errorf("MergeClaims of 1000 bytes = %v, want nil", err)
	}
	if _, _, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(half("bb")+" "), nil); err != nil {
		w.Errorf("MergeClaims of 1000 bytes more = %v, want nil", err)
	}
	if _, _, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(`{"c":1}`), nil); !errors.Is(err, sessions.ErrClaims) {
		w.Errorf("MergeClaims beyond 2000 bytes = %v, want ErrClaims", err)
	}
	if s := w.stored(g); len(s.Claims) != 1999 || s.ClaimsVersion != 3 {
		w.Errorf("claims have %d bytes, version %d, want 1999, 3", len(s.Claims), s.ClaimsVersion)
	}
}

func dataVersions(w *world) {
	g := w.start()
	ctx, h := w.Context(), g.Session.Handle
	d, err := w.m.Data(ctx, h)
	if err != nil || string(d.JSON) != `{}` || d.Version != 0 {
		w.Fatalf("Data before the first write = %s, %d, %v, want {}, 0, nil", d.JSON, d.Version, err)
	}
	for i, c := range []struct {
		expect *int64
		want   error
	}{
		{version(0), nil}, {version(0), sessions.ErrConflict}, {version(2), sessions.ErrConflict},
		{version(-1), sessions.ErrConflict}, {version(1), nil}, {nil, nil}, {version(3), nil},
	} {
		before, _ := w.m.Data(ctx, h)
		text := fmt.Sprintf(`{"write":%d}`, i)
		v, err := w.m.PutData(ctx, h, object(text), c.expect)
		after, _ := w.m.Data(ctx, h)
		switch {
		case !errors.Is(err, c.want):
			w.Errorf("PutData %d = %v, want %v", i, err, c.want)
		case err != nil:
			sameData(w.T, after, before)
		default:
			sameData(w.T, after, sessions.Data{JSON: object(text), Version: before.Version + 1})
			sameData(w.T, after, sessions.Data{JSON: object(text), Version: v})
		}
	}
	same(w.T, w.stored(g), g.Session)
}

// interfere lets write happen after the store has answered the reading, so
// many times.
func (w *world) interfere(reading string, times int, write func(version int64)) {
	done := int64(0)
	w.store.Fail(nil, func(call string) error {
		if call == reading && done < int64(times) {
			done++
			write(done)
		}
		return nil
	})
}

func mergeMeetsAnother(w *world) {
	for times, want := range map[int]error{1: nil, 3: nil, 1000: sessions.ErrConflict} {
		g := w.start()
		w.interfere("Get", times, func(v int64) {
			err := w.store.store.SetClaims(w.Context(), g.Session.Handle, object(`{"theirs":true}`), v)
			if err != nil {
				w.Errorf("SetClaims in between = %v, want nil", err)
			}
		})
		claims, _, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(`{"ours":true}`), nil)
		if !errors.Is(err, want) || (err == nil && string(claims) != `{"ours":true,"theirs":true}`) {
			w.Errorf("MergeClaims that meets %d others = %s, %v, want both claims or %v", times, claims, err, want)
		}
		w.store.Fail(nil, nil)
	}
}

func writeMeetsAnother(w *world) {
	for times, want := range map[int]error{1: nil, 3: nil, 1000: sessions.ErrConflict} {
		g := w.start()
		w.interfere("Data", times, func(v int64) {
			err := w.store.store.PutData(w.Context(), g.Session.Handle, dataOf(v), farFuture())
			if err != nil {
				w.Errorf("PutData in between = %v, want nil", err)
			}
		})
		v, err := w.m.PutData(w.Context(), g.Session.Handle, object(`{"ours":true}`), nil)
		if !errors.Is(err, want) || (err == nil && v != int64(times)+1) {
			w.Errorf("PutData that meets %d others = %d, %v, want %d or %v", times, v, err, times+1, want)
		}
		w.store.Fail(nil, nil)
	}
}

func dataRefused(w *world) {
	g := w.start()
	w.store.Take()
	for _, text := range []string{
		``, `null`, `[]`, `1`, `{`, `{}{}`, `{"a":1,"a":1}`, "{\"a\":\"\xff\"}",
		fmt.Sprintf(`{"a":"%s"}`, strings.Repeat("x", 350<<10-7)),
	} {
		if _, err := w.m.PutData(w.Context(), g.Session.Handle, object(text), nil); !errors.Is(err, sessions.ErrData) {
			w.Errorf("PutData(%.40s) = %v, want ErrData", text, err)
		}
	}
	if calls := w.store.Take(); len(calls) != 0 {
		w.Errorf("refused data makes the calls %v, want none", calls)
	}
	largest := fmt.Sprintf(`{"a":"%s"}`, strings.Repeat("x", 350<<10-8))
	if v, err := w.m.PutData(w.Context(), g.Session.Handle, object(largest), nil); err != nil || v != 1 {
		w.Errorf("PutData of 350 KB = %d, %v, want 1, nil", v, err)
	}
}
