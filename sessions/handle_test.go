package sessions_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/latchkey-auth/latchkey/sessions"
)

// FuzzParseHandle: what is read as a handle has one spelling, and anything
// else is the name of no session.
func FuzzParseHandle(f *testing.F) {
	good := sessions.NewHandle(sessions.KeyOf("public", "u1")).String()
	for _, seed := range []string{"", good, good + "\n", good[:20] + "\r" + good[21:], good[:42] + "_", good + "=", good[:42] + "+", good[:42] + string(good[42]^1)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := sessions.ParseHandle(text)
		switch {
		case err == nil && h.String() != text:
			t.Errorf("ParseHandle(%q) reads as %s", text, h)
		case err != nil && (!errors.Is(err, sessions.ErrNotFound) || h != sessions.Handle{}):
			t.Errorf("ParseHandle(%q) = %s, %v, want none, ErrNotFound", text, h, err)
		}
		if again, err := sessions.ParseHandle(h.String()); err != nil || again != h {
			t.Errorf("ParseHandle(%s) = %s, %v, want the same, nil", h, again, err)
		}
	})
}

// A handle reads the same in JSON as in every other place.
func TestHandleInJSON(t *testing.T) {
	h := sessions.NewHandle(sessions.KeyOf("public", "u1"))
	text, err := json.Marshal(map[string]any{"handle": h})
	if want := `{"handle":"` + h.String() + `"}`; err != nil || string(text) != want {
		t.Errorf("Marshal = %s, %v, want %s", text, err, want)
	}
	var back struct{ Handle sessions.Handle }
	if err := json.Unmarshal(text, &back); err != nil || back.Handle != h {
		t.Errorf("Unmarshal(%s) = %s, %v, want %s", text, back.Handle, err, h)
	}
	kept := back.Handle
	for _, text := range []string{`{"handle":""}`, `{"handle":"` + h.String() + `="}`, `{"handle":[1,2]}`} {
		if err := json.Unmarshal([]byte(text), &back); err == nil || back.Handle != kept {
			t.Errorf("Unmarshal(%s) = %s, %v, want an error and no change", text, back.Handle, err)
		}
	}
}

// FuzzKeyOf: two users have one key only if they are one user of one tenant,
// whatever their names are made of.
func FuzzKeyOf(f *testing.F) {
	f.Add("public", "u1", "publicu", "1")
	f.Add("public", "u1", "", "publicu1")
	f.Add("", "", "", "")
	f.Add("a", "b", "b", "a")
	f.Add("a", "u", "b", "u")
	f.Add("a\x00", "b", "a", "\x00b")
	// A tenant that holds what stands between the two names, and a user id that
	// does.
	const between = "\x00\x00\x00\x00\x00\x00\x00"
	f.Add("t", "x"+between+"\x01u", "t"+between+"\x0ax", "u")
	f.Fuzz(func(t *testing.T, tenant, user, otherTenant, otherUser string) {
		same := sessions.KeyOf(tenant, user) == sessions.KeyOf(otherTenant, otherUser)
		if want := tenant == otherTenant && user == otherUser; same != want {
			t.Errorf("KeyOf(%q, %q) == KeyOf(%q, %q) is %v, want %v", tenant, user, otherTenant, otherUser, same, want)
		}
	})
}
