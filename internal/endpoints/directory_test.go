package endpoints_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey-auth/latchkey/internal/accounts"
)

// bcrypted is a hash of the password that Python's bcrypt 5.0 made.
const bcrypted = "$2b$04$HM4XwpgOcdRUEr4TASV0YOV83cUXGUyxHZSl9Edzqtb73jF251XVW"

// newcomer is the body that adds somebody, of whom nothing is there yet.
func newcomer(p *person) string {
	return fmt.Sprintf(`{"userId":"new-%s","email":"new-%s","passwordHash":%q,"verified":true,"timeJoined":5,"claims":{"st-role":{"v":["admin"],"t":1}}}`,
		p.id, p.email, bcrypted)
}

// moved is the address that the person gets.
func moved(p *person) string { return "moved-" + p.email }

func directoryOperations() []operation {
	user := []string{"user item", "user"}
	return []operation{
		{name: "users", request: plain(usersRoute, func(*person) map[string]string { return nil }), good: says(200, `"email"`)},
		{
			name: "the user of an address", needs: user, good: says(200, `"hasPassword":true`),
			request: plain(usersRoute, func(p *person) map[string]string { return map[string]string{"email": p.email} }),
		},
		{
			name: "add a user", request: asking(addRoute, newcomer), good: says(201, `"verified":true`), again: says(200, `"verified":true`),
			holds: func(p *person, _ answer) {
				p.guest.expect(200, request{route: signInRoute, body: form("new-"+p.email, password)})
				p.alive(p.guest)
				if claims := p.guest.asks(request{route: getRoles, params: of("new-" + p.id)}).Body; !strings.Contains(claims, "admin") {
					p.t.Errorf("claims of who was added = %s", claims)
				}
			},
		},
		{
			name: "another address", needs: user, good: says(200, `"verified":false`, "moved-"),
			prepare: func(p *person) { p.guest.asks(request{route: patchUser, params: of(p.id), body: `{"verified":true}`}) },
			request: asking(patchUser, func(p *person) string { return fmt.Sprintf(`{"email":%q}`, moved(p)) }),
			holds: func(p *person, _ answer) {
				p.over(p.browserGrant)
				p.guest.expect(200, request{route: signInRoute, body: form(moved(p), password)})
				p.alive(p.guest)
				if a := p.guest.expect(200, request{route: signInRoute, body: known(p)}); !strings.Contains(a.Body, "WRONG_CREDENTIALS") {
					p.t.Errorf("sign-in by the address that was left = %s", a.Body)
				}
			},
		},
		{name: "delete a user", request: admin(deleteUser, "", ""), good: says(200, statusOK), holds: nothingLeft},
	}
}

// plain is a request of a backend that names nobody in the path.
func plain(route string, query func(*person) map[string]string) func(*person) (*client, request) {
	return func(p *person) (*client, request) {
		return p.guest, request{route: route, query: query(p), admin: true}
	}
}

// nothingLeft asserts that nothing of the person is there, and nobody gets in.
func nothingLeft(p *person, _ answer) {
	p.t.Helper()
	p.over(p.browserGrant)
	p.over(p.appGrant)
	if a := p.guest.expect(200, request{route: signInRoute, body: known(p)}); !strings.Contains(a.Body, "WRONG_CREDENTIALS") {
		p.t.Errorf("sign-in of who was deleted = %s", a.Body)
	}
	got := decoded(p.t, p.guest.asks(request{route: userRoute, params: of(p.id)}))
	if got["account"] != nil || p.reads(getRoles) != "{}" {
		p.t.Errorf("of who was deleted there is %v, and %s", got, p.reads(getRoles))
	}
	store := p.kept.accounts
	_, byEmail := store.ByEmail(p.t.Context(), "public", p.email)
	list, err := store.List(p.t.Context(), "public", "", 1000)
	if !errors.Is(byEmail, accounts.ErrNotFound) || err != nil || slices.ContainsFunc(list, func(l accounts.Listed) bool { return l.ID == p.id }) {
		p.t.Errorf("who was deleted is found by the address: %v, or in the list: %v, %v", byEmail, list, err)
	}
}

// account returns what the answer says of the account.
func account(t *testing.T, a answer) map[string]any {
	t.Helper()
	got, _ := decoded(t, a)["account"].(map[string]any)
	if got == nil {
		t.Fatalf("%d %s has no account", a.StatusCode, a.Body)
	}
	return got
}

func TestAddUser(t *testing.T) {
	c := newStack(t).client("header")
	add := func(body string) answer { return c.asks(request{route: addRoute, body: body}) }
	a := add(`{"email":"Ada@Example.com"}`)
	ada := decoded(t, a)
	id, _ := ada["userId"].(string)
	want := map[string]any{"emails": []any{"ada@example.com"}, "verified": false, "hasPassword": false, "thirdParty": []any{}}
	got := account(t, a)
	if joined, _ := got["timeJoined"].(float64); int64(joined) != c.now().UnixMilli() {
		t.Errorf("joined at %v, want now", got["timeJoined"])
	}
	delete(got, "timeJoined")
	if a.StatusCode != 201 || len(id) != 36 || ada["epoch"] == "" || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("added = %d %s", a.StatusCode, a.Body)
	}
	if again := add(`{"email":"ada@example.com"}`); again.StatusCode != 200 || decoded(t, again)["userId"] != id {
		t.Errorf("added again = %d %s", again.StatusCode, again.Body)
	}
	taken := add(`{"email":"ada@example.com","verified":true}`)
	expectCode(t, "an address that is taken", taken, 409, "email_taken")
	same := add(fmt.Sprintf(`{"userId":%q,"email":"b@example.com"}`, id))
	expectCode(t, "an id that is taken", same, 409, "user_exists")
	for _, a := range []answer{taken, same} {
		if decoded(t, a)["userId"] != id {
			t.Errorf("%s does not say whose it is", a.Body)
		}
	}
	if there := c.asks(request{route: addRoute, body: `{"email":"ada@example.com","tenantId":"acme"}`}); there.StatusCode != 201 {
		t.Errorf("added in another tenant = %d %s", there.StatusCode, there.Body)
	}
}

// A request that is repeated after a role was taken away does not give it back.
func TestAddAgainGivesNothingBack(t *testing.T) {
	p := inMemory(t).person()
	add := func() answer { return p.guest.asks(request{route: addRoute, body: newcomer(p)}) }
	if a := add(); a.StatusCode != 201 {
		t.Fatalf("added = %d %s", a.StatusCode, a.Body)
	}
	who := of("new-" + p.id)
	p.guest.asks(request{route: patchRoles, params: who, body: `{"st-role":null,"st-ev":null}`})
	p.guest.expect(200, request{route: signInRoute, body: form("new-"+p.email, password)}) // replaces the hash
	if a := add(); a.StatusCode != 200 || account(t, a)["verified"] != false {
		t.Errorf("added again = %d %s", a.StatusCode, a.Body)
	}
	if claims := p.guest.asks(request{route: getRoles, params: who}).Body; claims != "{}" {
		t.Errorf("claims afterwards = %s, want them as they were left", claims)
	}
}

func TestAddUserRefuses(t *testing.T) {
	c := newStack(t).client("header")
	for body, want := range map[string]string{
		`{}`: "email", `{"email":""}`: "email", `{"email":"ada"}`: "email", `{"email":"a@b.example","passwordHash":"plain"}`: "passwordHash",
		`{"email":"a@b.example","timeJoined":0}`: "timeJoined", `{"email":"a@b.example","timeJoined":253402300799999}`: "timeJoined",
		`{"email":"a@","passwordHash":"x","timeJoined":-1}`: "email passwordHash timeJoined",
	} {
		c.free(func() {
			a := c.asks(request{route: addRoute, body: body})
			expectCode(t, body, a, 400, "invalid")
			var problem struct{ Fields []accounts.Field }
			if err := json.Unmarshal([]byte(a.Body), &problem); err != nil {
				t.Fatal(err)
			}
			var fields []string
			for _, f := range problem.Fields {
				fields = append(fields, f.ID)
			}
			if got := strings.Join(fields, " "); got != want || strings.Contains(a.Body, "plain") {
				t.Errorf("%s = %s, want the fields %s", body, a.Body, want)
			}
		})
	}
	twice := request{route: addRoute, body: `{"email":"a@b.example","tenantId":"acme"}`, query: map[string]string{"tenantId": "public"}}
	expectCode(t, "two tenants", c.asks(twice), 400, "invalid")
	if all := decoded(t, c.asks(request{route: usersRoute}))["users"].([]any); len(all) != 0 {
		t.Errorf("there are %v, want nobody", all)
	}
}

func TestListUsers(t *testing.T) {
	c := newStack(t).client("header")
	for n := range 7 {
		c.asks(request{route: addRoute, body: fmt.Sprintf(`{"userId":"u%d","email":"u%d@example.com","timeJoined":%d}`, n, n, 1000+n)})
	}
	c.asks(request{route: addRoute, body: `{"userId":"there","email":"u1@example.com","tenantId":"acme"}`})
	list := func(query map[string]string) (ids []string, next string) {
		t.Helper()
		a := c.asks(request{route: usersRoute, query: query})
		if a.StatusCode != 200 {
			t.Fatalf("%v = %d %s", query, a.StatusCode, a.Body)
		}
		body := decoded(t, a)
		for _, u := range body["users"].([]any) {
			ids = append(ids, u.(map[string]any)["userId"].(string))
		}
		next, _ = body["next"].(string)
		return ids, next
	}
	all, next := list(nil)
	if got := strings.Join(all, " "); got != "u6 u5 u4 u3 u2 u1 u0" || next != "" {
		t.Errorf("users = %s, next %q", got, next)
	}
	first, next := list(map[string]string{"limit": "5"})
	rest, end := list(map[string]string{"limit": "5", "cursor": next})
	if !slices.Equal(slices.Concat(first, rest), all) || end != "" {
		t.Errorf("users in pages = %v and %v, next %q", first, rest, end)
	}
	if there, _ := list(map[string]string{"tenantId": "acme"}); !slices.Equal(there, []string{"there"}) {
		t.Errorf("users of another tenant = %v", there)
	}
	a := c.asks(request{route: usersRoute, query: map[string]string{"email": " U1@example.com"}})
	found := decoded(t, a)["users"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["userId"] != "u1" || strings.Contains(a.Body, "epoch") {
		t.Errorf("the user of an address = %s", a.Body)
	}
	if nobody, _ := list(map[string]string{"email": "nobody@example.com"}); len(nobody) != 0 {
		t.Errorf("the user of an address of nobody = %v", nobody)
	}
	for _, query := range []map[string]string{
		{"limit": "0"}, {"limit": "101"}, {"limit": "+5"}, {"limit": "05"}, {"limit": ""}, {"limit": "ten"}, {"cursor": ""}, {"cursor": "x"}, {"cursor": next[1:]},
		{"cursor": next, "tenantId": "acme"}, {"email": "u1"}, {"email": "u1@example.com", "limit": "5"}, {"email": "u1@example.com", "cursor": next}, {"tenantId": "nobody"},
	} {
		c.free(func() {
			expectCode(t, fmt.Sprint(query), c.asks(request{route: usersRoute, query: query}), 400, "invalid")
		})
	}
}

// A parameter that no route knows is refused: misspelled, "except" would end
// the session that was to be kept.
func TestUnknownParameters(t *testing.T) {
	p := inMemory(t).person()
	for _, route := range adminRoutes() {
		for _, name := range []string{"excep", "Except", "tenantid", "limits", "", "tenantId"} { // the last has no such value
			p.free(func() {
				a := p.guest.asks(request{route: route, params: p.of(p.browserGrant), body: "{}", query: map[string]string{name: "x"}})
				expectCode(t, route+"?"+name, a, 400, "invalid")
			})
		}
	}
	p.alive(p.browser)
	p.alive(p.app)
}

// The address of another login is its provider's: a change is refused before
// anything is taken back. Deleted, that user is gone and the one of the password
// with the same address stays.
func TestUserOfAnotherLogin(t *testing.T) {
	p := inMemory(t).person()
	p.atCorp()
	at := of("corp-" + p.id)
	ask := func(route, body string) answer {
		return p.guest.asks(request{route: route, params: at, body: body})
	}
	ask(patchUser, `{"verified":true}`)
	expectCode(t, "another address", ask(patchUser, `{"disabled":true,"email":"new@example.com"}`), 400, "invalid")
	a := ask(userRoute, "")
	if got := account(t, a); got["verified"] != true || decoded(t, a)["disabled"] != false || got["hasPassword"] != false {
		t.Errorf("after a refused change: %s", a.Body)
	}
	if a := ask(deleteUser, ""); a.StatusCode != 200 || decoded(t, ask(userRoute, ""))["account"] != nil {
		t.Errorf("deleted = %d %s, and there is %s", a.StatusCode, a.Body, ask(userRoute, "").Body)
	}
	if _, err := p.accounts.ByLogin(t.Context(), "public", p.identity()); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("the identity of who was deleted leads to %v", err)
	}
	p.alive(p.browser)
	p.guest.expect(200, request{route: signInRoute, body: known(p)})
	p.alive(p.guest)
}

func TestChangeUser(t *testing.T) {
	g := inMemory(t)
	p, other := g.person(), g.person()
	patch := func(id, body string) answer {
		return p.guest.asks(request{route: patchUser, params: of(id), body: body})
	}
	expectCode(t, "an address that is taken", patch(p.id, fmt.Sprintf(`{"disabled":true,"email":%q}`, other.email)), 409, "email_taken")
	expectCode(t, "an address of who has no account", patch("nobody", `{"disabled":true,"email":"n@example.com"}`), 404, "user_not_found")
	expectCode(t, "verified, of who has no account", patch("nobody", `{"disabled":true,"verified":true}`), 404, "user_not_found")
	for _, body := range []string{`{}`, `{"email":"x","disabled":true}`, `{"emails":["a@example.com"]}`, `{"disabled":"yes"}`, `{"email":null}`} {
		expectCode(t, body, patch(p.id, body), 400, "invalid")
	}
	p.alive(p.browser) // nothing was done by halves
	if a := patch("nobody", `{"disabled":true}`); a.StatusCode != 200 || decoded(t, a)["disabled"] != true {
		t.Errorf("disabled, of who has no account = %d %s", a.StatusCode, a.Body)
	}

	if got := account(t, patch(p.id, `{"verified":true}`)); got["verified"] != true {
		t.Errorf("verified = %v", got)
	}
	p.alive(p.browser)
	if got := account(t, patch(p.id, `{"verified":false}`)); got["verified"] != false {
		t.Errorf("not verified = %v", got)
	}
	before := p.guest.epoch(p.id)
	a := patch(p.id, `{"email":"New@example.com","verified":true,"disabled":true}`)
	got := account(t, a)
	if got["verified"] != true || fmt.Sprint(got["emails"]) != "[new@example.com]" || decoded(t, a)["disabled"] != true || p.guest.epoch(p.id) == before {
		t.Errorf("all at once = %s", a.Body)
	}
	p.over(p.browserGrant)
	if got := account(t, patch(p.id, `{"email":"newer@example.com","disabled":false}`)); got["verified"] != false {
		t.Errorf("another address = %v, want it unverified", got)
	}
	p.guest.expect(200, request{route: signInRoute, body: form("newer@example.com", password)})
	p.alive(p.guest)
}

// A user who is deleted while signing in has no session afterwards, whatever the
// sign-in had done by then.
func TestDeleteMeetsSignIn(t *testing.T) {
	g := inMemory(t)
	calls := interleaved(func() scene {
		p := g.person()
		return scene{p.guest, request{route: signInRoute, body: known(p)}, func() {
			p.client("header").asks(request{route: deleteUser, params: of(p.id)})
		}, func(answer) {
			if access, _ := p.guest.tokens(); access != "" {
				p.guest.expect(401, request{route: "POST /notes", body: aNote})
				p.guest.expect(401, request{route: refreshRoute})
			}
			nothingLeft(p, answer{})
		}}
	})
	if calls < 8 {
		t.Errorf("the deletion met %d calls of a sign-in, want each", calls)
	}
}
