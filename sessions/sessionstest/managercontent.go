package sessionstest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/latchkey-auth/latchkey/sessions"
)

func contentProperties() []property {
	return []property{
		{name: "claims-merge", holds: claimsMerge},
		{name: "claims-versions", holds: claimsVersions},
		{name: "claims-refused", holds: claimsRefused},
		{name: "claims-in-layers", holds: claimsInLayers},
		{name: "user-claims-refused", holds: userClaimsRefused},
		{name: "data-versions", holds: dataVersions},
		{name: "merge-meets-another", holds: mergeMeetsAnother},
		{name: "write-meets-another", holds: writeMeetsAnother},
		{name: "data-refused", holds: dataRefused},
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
		fmt.Sprintf(`{"a":"%s"}`, strings.Repeat("x", 1000-7)),
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
		return fmt.Sprintf(`{"%s":"%s"}`, name, strings.Repeat("x", 500-9))
	}
	for _, claims := range []string{half("aa"), half("bb") + " "} {
		if _, _, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(claims), nil); err != nil {
			w.Errorf("MergeClaims of 500 bytes more = %v, want nil", err)
		}
	}
	if _, _, err := w.m.MergeClaims(w.Context(), g.Session.Handle, object(`{"c":1}`), nil); !errors.Is(err, sessions.ErrClaims) {
		w.Errorf("MergeClaims beyond 1000 bytes = %v, want ErrClaims", err)
	}
	if s := w.stored(g); len(s.Claims) != 999 || s.ClaimsVersion != 3 {
		w.Errorf("claims have %d bytes, version %d, want 999, 3", len(s.Claims), s.ClaimsVersion)
	}
}

// setClaims sets the claims of the world's user and those of the session.
func (w *world) setClaims(users, sessions string, of ...sessions.Handle) {
	w.Helper()
	_, v, err := w.m.UserClaims(w.Context(), tenant, w.user)
	w.succeeds(err)
	key := keyOf(w)
	w.succeeds(w.store.store.SetUserClaims(w.Context(), key, object(users), v))
	for _, h := range of {
		w.succeeds(w.store.store.SetClaims(w.Context(), h, object(sessions), get(w.T, w.store.store, h).ClaimsVersion))
	}
}

func keyOf(w *world) sessions.UserKey { return sessions.KeyOf(tenant, w.user) }

// claimsInLayers writes both layers directly to the store, as an earlier
// version could have, and checks how they are read.
func claimsInLayers(w *world) {
	for _, c := range []struct{ user, session, want string }{
		{`{}`, `{}`, ``},
		{`{}`, `{"a":1}`, `{"a":1}`},
		{`{"a":2}`, `{"a":1,"b":1}`, `{"a":2,"b":1}`},
		{`{"st-role":{"v":["x"],"t":1}}`, `{"st-role":{"v":["admin"],"t":9},"st-perm":{"v":["*"],"t":9}}`, `{"st-role":{"v":["x"],"t":1}}`},
		{`{}`, `{"st-role":{"v":["admin"],"t":9},"st-ev":{"v":true,"t":9},"c":1}`, `{"c":1}`},
		{`{"a":"` + strings.Repeat("u", 592) + `"}`, `{"b":"` + strings.Repeat("s", 1992) + `"}`, `{"a":"` + strings.Repeat("u", 592) + `"}`},
	} {
		g := w.start()
		w.setClaims(c.user, c.session, g.Session.Handle)
		next := w.refresh(g.Refresh, sessions.Rotated)
		if string(next.Claims.Custom) != c.want {
			w.Errorf("access token has claims %.60s, want %.60s", next.Claims.Custom, c.want)
		}
		s, err := w.m.Check(w.Context(), g.Claims)
		if len(c.session) < 1000 && c.want != "" && string(s.Claims) != c.want || err != nil {
			w.Errorf("Check has claims %.60s, %v, want %.60s", s.Claims, err, c.want)
		}
		i, err := w.m.Info(w.Context(), g.Session.Handle)
		if err != nil || string(i.Claims) != c.session || string(i.Owner.Claims) != c.user || string(i.Merged) != string(s.Claims) {
			w.Errorf("Info has layers %.60s and %.60s, %v, want %.60s and %.60s", i.Owner.Claims, i.Claims, err, c.user, c.session)
		}
	}
	for _, broken := range []string{`[]`, `{"a":1,"a":2}`} {
		g := w.start()
		w.setClaims(broken, `{}`)
		w.checked(g, sessions.ErrCorrupt)
		w.refused(g.Refresh, sessions.ErrCorrupt)
		w.setClaims(`{}`, `{}`)
	}
}

func userClaimsRefused(w *world) {
	ctx := w.Context()
	merge := func(patch string, v *int64) (string, int64, error) {
		claims, version, err := w.m.MergeUserClaims(ctx, tenant, w.user, object(patch), v)
		return string(claims), version, err
	}
	w.store.Take()
	for _, patch := range []string{
		`[]`, `{"sub":"x"}`, `{"a":"` + strings.Repeat("x", 593) + `"}`,
		`{"st-role":["admin"]}`, `{"st-role":{"v":"admin","t":1}}`, `{"st-role":{"v":["a"]}}`, `{"st-perm":{"v":["a"],"t":1,"x":1}}`,
		`{"st-role":{"v":["a",null],"t":1}}`, `{"st-perm":{"v":[1],"t":1}}`, `{"st-perm":{"v":["a"],"t":-1}}`,
		`{"st-ev":{"v":["a"],"t":1}}`, `{"st-ev":true}`, `{"st-role":{"t":1}}`, `{"st-ev":{"t":1}}`, `{"st-ev":{"v":true}}`,
	} {
		if _, _, err := merge(patch, nil); !errors.Is(err, sessions.ErrClaims) {
			w.Errorf("MergeUserClaims(%.40s) = %v, want ErrClaims", patch, err)
		}
	}
	if calls := w.store.Take(); len(calls) != 0 {
		w.Errorf("refused claims make the calls %v, want none", calls)
	}
	for _, c := range []struct {
		patch   string
		v       *int64
		want    string
		version int64
		err     error
	}{
		{`{"a":1}`, version(1), ``, 0, sessions.ErrConflict},
		{`{"st-role":{"v":["admin"],"t":1},"a":1}`, version(0), `{"a":1,"st-role":{"v":["admin"],"t":1}}`, 1, nil},
		{`{"a":2}`, version(0), ``, 0, sessions.ErrConflict},
		{`{"st-ev":{"v":true,"t":1},"st-role":null}`, nil, `{"a":1,"st-ev":{"v":true,"t":1}}`, 2, nil},
		{`{"a":null,"st-ev":null}`, version(2), `{}`, 3, nil},
	} {
		if got, v, err := merge(c.patch, c.v); got != c.want || v != c.version || !errors.Is(err, c.err) {
			w.Errorf("MergeUserClaims(%s) = %s, %d, %v, want %s, %d, %v", c.patch, got, v, err, c.want, c.version, c.err)
		}
	}
	g := w.start()
	for _, name := range []string{"st-role", "st-perm", "st-ev"} {
		if _, _, err := w.m.MergeClaims(ctx, g.Session.Handle, object(`{"`+name+`":{"v":[],"t":1}}`), nil); !errors.Is(err, sessions.ErrClaims) {
			w.Errorf("MergeClaims of %s = %v, want ErrClaims", name, err)
		}
		if _, err := w.signIn(sessions.StartRequest{Claims: object(`{"` + name + `":{"v":[],"t":1}}`)}); !errors.Is(err, sessions.ErrClaims) {
			w.Errorf("Start with %s = %v, want ErrClaims", name, err)
		}
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

// interfere calls write after the store has answered a read, that many times.
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
	for text, want := range map[string]error{
		``: sessions.ErrData, `null`: sessions.ErrData, `[]`: sessions.ErrData, `1`: sessions.ErrData, `{`: sessions.ErrData,
		`{}{}`: sessions.ErrData, `{"a":1,"a":1}`: sessions.ErrData, "{\"a\":\"\xff\"}": sessions.ErrData,
		fmt.Sprintf(`{"a":"%s"}`, strings.Repeat("x", 350<<10-7)): sessions.ErrDataSize,
	} {
		if _, err := w.m.PutData(w.Context(), g.Session.Handle, object(text), nil); !errors.Is(err, want) {
			w.Errorf("PutData(%.40s) = %v, want %v", text, err, want)
		}
	}
	if calls := w.store.Take(); len(calls) != 0 {
		w.Errorf("refused data makes the calls %v, want none", calls)
	}
	largest := fmt.Sprintf(`{ "a": "%s" }`, strings.Repeat("x", 350<<10-8))
	if v, err := w.m.PutData(w.Context(), g.Session.Handle, object(largest), nil); err != nil || v != 1 {
		w.Errorf("PutData of 350 KB = %d, %v, want 1, nil", v, err)
	}
}
