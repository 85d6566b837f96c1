package backend_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/authorizer"
	"github.com/latchkey-auth/latchkey/backend"
	"github.com/latchkey-auth/latchkey/sessions/fdi"
)

// What a backend does with sessions, through the built command with everything
// that is deployed in it.
func TestWithTheLocalRun(t *testing.T) {
	s := openShop(t, shopRoutes)
	for name, test := range map[string]func(*testing.T, *shop){
		"a merged claim is in the next GET":      mergedClaimIsInTheNextGet,
		"a revoked session is over for the page": revokedSessionIsOverForThePage,
		"a role of the admin API":                roleOfTheAdminAPI,
		"a session is optional":                  sessionIsOptional,
		"a session of the backend's own login":   sessionOfTheBackendsOwnLogin,
		"no start after an end":                  noStartAfterAnEnd,
		"data and claims by version":             dataAndClaimsByVersion,
		"ends of sessions":                       endsOfSessions,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

// inBothModes runs a test for frontends that carry tokens either way.
func inBothModes(t *testing.T, run func(*testing.T, string)) {
	for _, mode := range []string{"cookie", "header"} {
		t.Run(mode, func(t *testing.T) { run(t, mode) })
	}
}

func shopRoutes(c *backend.Client) map[string]backend.HTTPHandler {
	admin := authorizer.Includes("st-role", "admin")
	return map[string]backend.HTTPHandler{
		"GET /whoami by live":     c.Required().HTTP(whoami),
		"POST /whoami by live":    c.Required().HTTP(whoami),
		"GET /checked by checked": c.Required().HTTP(whoami),
		"GET /shelf by optional":  c.Optional().HTTP(whoami),
		"GET /admin by live":      c.Required(admin).HTTP(whoami),
		"POST /admin by live":     c.Required(admin).HTTP(whoami),
		"POST /upgrade by live":   c.Required().HTTP(upgrade),
		"POST /signout by live":   c.Required().HTTP(signOut),
		"POST /login":             signIn(c),
	}
}

// mergeIntoAccessTokenPayload acts on the very next GET of the page.
func mergedClaimIsInTheNextGet(t *testing.T, s *shop) {
	inBothModes(t, func(t *testing.T, mode string) {
		f := s.frontend(t, mode)
		f.signUp(mode + ".mergedclaimisinthenextget@example.com")
		front := f.front
		if body := f.want(200, "GET", "/whoami", ""); strings.Contains(body, "plan") {
			t.Fatalf("GET = %s before the claim was set", body)
		}
		f.want(204, "POST", "/upgrade", "")
		if body := f.want(200, "GET", "/whoami", ""); !strings.Contains(body, `"v":"pro"`) || f.front == front {
			t.Errorf("GET = %s, want the claim, and a front-token that has it", body)
		}
		f.want(200, "POST", "/auth/session/refresh", "") // the refresh token is still good
	})
}

// revokeSession signs the page out at once.
func revokedSessionIsOverForThePage(t *testing.T, s *shop) {
	inBothModes(t, func(t *testing.T, mode string) {
		f := s.frontend(t, mode)
		f.signUp(mode + ".revokedsessionisoverforthepage@example.com")
		access := f.access
		f.want(204, "POST", "/signout", "")
		if n := f.tokens(); n > 0 {
			t.Errorf("the page has %d tokens left, want none", n)
		}
		if mode == "header" {
			f.access = access
			f.want(401, "POST", "/whoami", "")
			f.want(401, "GET", "/checked", "")
			f.want(200, "GET", "/whoami", "") // until the access token ends
		}
	})
}

// A role that the admin API gives is in the next POST, in GETs after a refresh,
// and in a new session; taken away, it is gone from POSTs at once.
func roleOfTheAdminAPI(t *testing.T, s *shop) {
	inBothModes(t, func(t *testing.T, mode string) {
		f := s.frontend(t, mode)
		id := f.signUp(mode + ".roleoftheadminapi@example.com")
		f.want(403, "POST", "/admin", "")
		role := func(roles ...string) {
			t.Helper()
			claim := map[string]any{"v": append([]string{}, roles...), "t": 1700000000000}
			_, _, err := s.client.MergeUserClaims(t.Context(), "", id, map[string]any{"st-role": claim})
			if err != nil {
				t.Fatal(err)
			}
		}
		role("admin")
		f.want(200, "POST", "/admin", "")
		body := f.want(403, "GET", "/admin", "")
		if !strings.Contains(body, `"claimValidationErrors":[{"id":"st-role"`) {
			t.Errorf("GET = %s, want FDI's claimValidationErrors", body)
		}
		f.want(200, "POST", "/auth/session/refresh", "")
		f.want(200, "GET", "/admin", "")
		f.signedIn("/auth/signin", mode+".roleoftheadminapi@example.com")
		f.want(200, "GET", "/admin", "")
		role()
		f.want(403, "POST", "/admin", "")
	})
}

// sessionRequired: false.
func sessionIsOptional(t *testing.T, s *shop) {
	inBothModes(t, func(t *testing.T, mode string) {
		f := s.frontend(t, mode)
		if body := f.want(200, "GET", "/shelf", ""); body != "a stranger" {
			t.Errorf("GET = %s, want a stranger", body)
		}
		f.want(401, "GET", "/whoami", "")
		id := f.signUp(mode + ".sessionisoptional@example.com")
		if body := f.want(200, "GET", "/shelf", ""); !strings.HasPrefix(body, id) {
			t.Errorf("GET = %s, want %s", body, id)
		}
	})
}

// A session that a backend starts after its own login is like any other.
func sessionOfTheBackendsOwnLogin(t *testing.T, s *shop) {
	inBothModes(t, func(t *testing.T, mode string) {
		f, id := s.frontend(t, mode), "ü/1 % ~"+mode
		f.want(401, "POST", "/login", `{"user":"`+id+`","code":"1"}`)
		f.want(204, "POST", "/login", `{"user":"`+id+`","code":"4711"}`)
		if body := f.want(200, "POST", "/whoami", ""); !strings.HasPrefix(body, id) {
			t.Errorf("POST = %s, want %s", body, id)
		}
		f.want(200, "POST", "/auth/session/refresh", "")
		if list, err := s.client.List(t.Context(), "", id); err != nil || len(list) != 1 || list[0].User != id {
			t.Errorf("List = %v, %v, want the session", list, err)
		}
		if _, err := s.client.SetDisabled(t.Context(), "", id, true); err != nil {
			t.Fatal(err)
		}
		f.want(401, "POST", "/whoami", "")
	})
}

// Who was shut out between the read of the user and the start gets no session.
func noStartAfterAnEnd(t *testing.T, s *shop) {
	c, ctx := s.client, t.Context()
	for name, test := range map[string]struct {
		end  func(id string) error
		want error
	}{
		"all ended": {func(id string) error { return c.RevokeAll(ctx, "", id) }, backend.ErrEpochChanged},
		"disabled": {func(id string) error {
			_, err := c.SetDisabled(ctx, "", id, true)
			return err
		}, backend.ErrUserDisabled},
	} {
		user, err := c.User(ctx, "", name)
		if err != nil {
			t.Fatal(err)
		}
		if err := test.end(name); err != nil {
			t.Fatal(err)
		}
		session, err := c.Start(ctx, user, backend.Start{Mode: fdi.Header})
		if !errors.Is(err, test.want) || session != nil {
			t.Errorf("%s: Start = %v, %v, want %v", name, session, err, test.want)
		}
	}
}

// holder starts a session of the user "..", an id that no path could have.
func holder(t *testing.T, c *backend.Client) *backend.Session {
	t.Helper()
	user, err := c.User(t.Context(), "", "..")
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Start(t.Context(), user, backend.Start{
		Mode: fdi.Header, Claims: map[string]any{"a": 1}, Data: map[string]any{"cart": "tea"}, Device: "a phone",
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What is kept of a session beside its tokens, by versions.
func dataAndClaimsByVersion(t *testing.T, s *shop) {
	session, ctx := holder(t, s.client), t.Context()
	var data map[string]string
	version, err := session.Data(ctx, &data)
	if err != nil || data["cart"] != "tea" || version != 1 {
		t.Errorf("Data = %v of version %d, %v, want tea of 1", data, version, err)
	}
	if version, err = session.PutData(ctx, map[string]any{"cart": "milk"}, 1); err != nil || version != 2 {
		t.Errorf("PutData = %d, %v, want 2", version, err)
	}
	if _, err := session.PutData(ctx, map[string]any{}, 1); !errors.Is(err, backend.ErrConflict) {
		t.Errorf("PutData of an old version = %v, want ErrConflict", err)
	}
	role := map[string]any{"st-role": map[string]any{"v": []string{"admin"}, "t": 1}}
	if err := session.MergeClaims(ctx, role); !errors.Is(err, backend.ErrInvalid) {
		t.Errorf("MergeClaims of a role = %v, want ErrInvalid", err)
	}
	found, err := session.Info(ctx)
	if err != nil || found.Device != "a phone" || string(found.Own) != `{"a":1}` || found.Created.Unix() == 0 {
		t.Errorf("Info = %+v, %v", found, err)
	}
}

// The ends of all others, of some, and of all.
func endsOfSessions(t *testing.T, s *shop) {
	c, ctx := s.client, t.Context()
	kept, other, third := holder(t, c), holder(t, c), holder(t, c)
	if err := kept.RevokeOthers(ctx); err != nil {
		t.Fatal(err)
	}
	for _, ended := range []*backend.Session{other, third} {
		if _, err := ended.Info(ctx); !errors.Is(err, backend.ErrOver) {
			t.Errorf("Info of an ended session = %v, want ErrOver", err)
		}
	}
	if err := c.RevokeMany(ctx, kept.Handle(), other.Handle()); err != nil {
		t.Fatal(err)
	}
	if list, err := c.List(ctx, "", ".."); err != nil || len(list) > 0 {
		t.Errorf("List = %v, %v, want none", list, err)
	}
	if err := c.RevokeOthers(ctx, "", "..", kept.Handle()); !errors.Is(err, backend.ErrSessionNotFound) {
		t.Errorf("RevokeOthers by a session that is over = %v, want ErrSessionNotFound", err)
	}
	if err := c.RevokeAll(ctx, "nobody", ".."); !errors.Is(err, backend.ErrInvalid) {
		t.Errorf("RevokeAll of an unknown tenant = %v, want ErrInvalid", err)
	}
}
