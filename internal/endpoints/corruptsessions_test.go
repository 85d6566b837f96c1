//go:build dynamodb

package endpoints_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/sessions"
)

// sessionKeys are the attributes that are the key of an item of sessions.
func sessionKeys() []string { return []string{"user", "item"} }

// owner is an app whose session somebody spoils.
type owner struct {
	*client
	meddled         *meddled
	of              map[string]string
	whole           item
	access, refresh string
}

func newOwner(t *testing.T) *owner {
	t.Helper()
	m := newMeddled(t)
	w := &owner{client: m.client("header"), meddled: m}
	w.signUp("alice@example.com")
	w.access, w.refresh = w.client.tokens()
	w.of = map[string]string{"handle": w.handle()}
	h, err := sessions.ParseHandle(w.of["handle"])
	if err != nil {
		t.Fatal(err)
	}
	w.whole = m.only(m.of.sessions, "item", "session#"+h.ID())
	return w
}

// about is a request of a backend about the session.
func (w *owner) about(route, body string, headers map[string]string) request {
	return request{route: route, params: w.of, body: body, headers: headers, admin: true}
}

// spoil puts the item in the place of the session, and gives the app the
// tokens that it had at the start.
func (w *owner) spoil(it item) {
	w.meddled.put(w.meddled.of.sessions, it)
	w.client.access, w.client.refresh = w.access, w.refresh
}

func sessionDamages(whole item) []damage {
	all := damages(whole, append(sessionKeys(), "expires"),
		damage{"v", number("0")}, damage{"v", number("2")},
		damage{"tenant", text("acme")}, damage{"uid", text("somebody else")}, damage{"uid", text("")},
		damage{"state", text("")}, damage{"state", text("Live")}, damage{"state", text("revoked")},
		damage{"xat", number("1")}, damage{"why", text("why")},
		damage{"gen", number("4294967296")}, damage{"cv", number("0")},
		damage{"h", octets(32)}, damage{"h", ones(31)}, damage{"h", ones(33)},
		damage{"ph", ones(31)}, damage{"ph", ones(33)}, damage{"salt", ones(15)}, damage{"salt", ones(17)},
		damage{"created", number("0")}, damage{"idle", number("0")}, damage{"abs", number("0")},
		damage{"claims", text("")}, damage{"claims", text("null")}, damage{"claims", text("[]")}, damage{"claims", text(`{"a":`)},
	)
	return all
}

// A session that is not whole is refused wherever it is asked for, and what is
// wrong with it stays for whoever looks into it. The client keeps its tokens,
// and goes on as soon as the attribute is repaired: nobody was taken for a
// thief.
func TestCorruptSession(t *testing.T) {
	w := newOwner(t)
	checked := []request{
		{route: "POST /notes", body: aNote}, {route: "DELETE /auth/sessions"},
		{route: "DELETE /auth/sessions/{handle}", params: w.of}, {route: "GET /auth/sessions"},
		w.about("GET /admin/sessions/{handle}", "", nil), w.about("GET /admin/sessions/{handle}/data", "", nil),
		w.about("PUT /admin/sessions/{handle}/data", `{"a":1}`, nil),
		w.about("PATCH /admin/sessions/{handle}/claims", `{"a":1}`, nil),
		w.about("PATCH /admin/sessions/{handle}/claims", `{"a":1}`, map[string]string{"if-match": `"1"`}),
	}
	for _, d := range sessionDamages(w.whole) {
		spoiled := d.done(w.whole)
		w.spoil(spoiled)
		w.meddled.refuses(d.String(), w.client, checked...)
		w.meddled.unchanged(d.String(), w.meddled.of.sessions, sessionKeys(), spoiled)
		w.expect(200, request{route: "GET /notes"})
		if !replaced(d) {
			w.meddled.refuses(d.String(), w.client, request{route: refreshRoute})
			w.repairs(d)
		}
		w.expect(200, request{route: refreshRoute})
		w.expect(201, request{route: "POST /notes", body: aNote})
	}
}

// replaced reports whether a rotation puts a good value in the place of the
// damaged one. It needs the old one only to be before or after now, or not at
// all: the token that it spends has proved to be the current one.
func replaced(d damage) bool {
	n, _ := d.value.(*types.AttributeValueMemberN)
	switch d.attribute {
	case "ph", "salt", "ckid":
		return true
	case "rot":
		return n != nil && (n.Value == "-1" || n.Value == "1.5")
	case "idle":
		return n != nil && n.Value == "99999999999999999999"
	}
	return false
}

// repairs asserts that the damage is still there, and undoes it.
func (w *owner) repairs(d damage) {
	w.t.Helper()
	now := w.meddled.only(w.meddled.of.sessions, "item", w.whole["item"].(*types.AttributeValueMemberS).Value)
	if !reflect.DeepEqual(now[d.attribute], d.value) {
		w.t.Errorf("%s was overwritten: %v", d, now[d.attribute])
	}
	if right, there := w.whole[d.attribute]; there {
		now[d.attribute] = right
	} else {
		delete(now, d.attribute)
	}
	w.meddled.put(w.meddled.of.sessions, now)
}

// Where a corrupt session is to be ended it is, whatever is wrong with it.
func TestCorruptSessionIsRevoked(t *testing.T) {
	w := newOwner(t)
	for _, d := range sessionDamages(w.whole) {
		w.spoil(d.done(w.whole))
		w.expect(200, w.about("DELETE /admin/sessions/{handle}", "", nil))
		for _, r := range []request{{route: "POST /notes", body: aNote}, {route: refreshRoute}} {
			if a := w.serve(t.Context(), w.event(r)); a.StatusCode != 401 && a.StatusCode != 500 {
				t.Errorf("%s of a revoked session with %s = %d, want 401 or 500", r.route, d, a.StatusCode)
			}
		}
	}
}

// A session of somebody else, or of a user of that name of another tenant,
// that stands under this session's key is nobody's.
func TestMisplacedSession(t *testing.T) {
	w := newOwner(t)
	bob := w.stack.client("header")
	bob.signUp("bob@example.com")
	bobs, err := sessions.ParseHandle(bob.handle())
	if err != nil {
		t.Fatal(err)
	}
	of := maps.Clone(w.meddled.only(w.meddled.of.sessions, "item", "session#"+bobs.ID()))
	of["user"], of["item"] = w.whole["user"], w.whole["item"]
	for what, it := range map[string]item{"the session of somebody else": of, "another tenant": damage{"tenant", text("acme")}.done(w.whole)} {
		w.spoil(it)
		w.meddled.refuses(what, w.client, request{route: "POST /notes", body: aNote}, request{route: refreshRoute},
			w.about("GET /admin/sessions/{handle}", "", nil), w.about("PATCH /admin/sessions/{handle}/claims", `{"a":1}`, nil))
	}
	w.spoil(of)
	w.meddled.refuses("the session of somebody else", w.client, request{route: refreshRoute})
	w.meddled.unchanged("the session of somebody else", w.meddled.of.sessions, sessionKeys(), of)
	bob.expect(201, request{route: "POST /notes", body: aNote})
}

// Among a user's sessions a corrupt one makes every answer about all of them an
// error: no list leaves it out, nobody signs in who may be one too many, and
// ending all is no success. The whole ones are ended all the same.
func TestCorruptSessionAmongOthers(t *testing.T) {
	w := newOwner(t)
	w.of["userId"] = w.whole["uid"].(*types.AttributeValueMemberS).Value
	for _, d := range []damage{{"v", number("2")}, {"tenant", text("acme")}, {"state", nil}, {"h", ones(31)}} {
		other := w.stack.client("header")
		other.expect(200, request{route: signInRoute, body: form("alice@example.com", password)})
		spoiled := d.done(w.whole)
		w.spoil(spoiled)
		w.meddled.refuses(d.String(), w.stack.client("header"), request{route: signInRoute, body: form("alice@example.com", password)})
		w.meddled.refuses(d.String(), other, request{route: "GET /auth/sessions"}, request{route: "DELETE /auth/sessions"},
			w.about("GET /admin/users/{userId}/sessions", "", nil))
		other.expect(201, request{route: "POST /notes", body: aNote})
		w.meddled.refuses(d.String(), other, w.about("DELETE /admin/users/{userId}/sessions", "", nil))
		for _, r := range []request{{route: "POST /notes", body: aNote}, {route: refreshRoute}} {
			if a := other.serve(t.Context(), other.event(r)); a.StatusCode != 401 {
				t.Errorf("%s of a session that stood beside one with %s, and was ended, = %d, want 401", r.route, d, a.StatusCode)
			}
		}
		w.meddled.unchanged(d.String(), w.meddled.of.sessions, sessionKeys(), spoiled)
		w.spoil(w.whole)
		w.advance(time.Hour) // Attempts that failed make the next one wait.
		w.expect(200, w.about("DELETE /admin/users/{userId}/sessions", "", nil))
	}
}

// Data that is not whole is neither read nor replaced.
func TestCorruptData(t *testing.T) {
	w := newOwner(t)
	const route = "PUT /admin/sessions/{handle}/data"
	w.expect(200, w.about(route, `{"a":1}`, nil))
	whole := w.meddled.only(w.meddled.of.sessions, "item", "data#")
	for _, d := range damages(whole, append(sessionKeys(), "expires"), damage{"v", number("2")}, damage{"version", number("0")}, damage{"json", text("{")}, damage{"of", text("AAAA")}) {
		spoiled := d.done(whole)
		w.meddled.put(w.meddled.of.sessions, spoiled)
		w.meddled.refuses(d.String(), w.client, w.about("GET /admin/sessions/{handle}/data", "", nil), w.about(route, `{"a":2}`, nil))
		if !reflect.DeepEqual(d, damage{"json", text("{")}) { // a whole new text of the version that is meant
			a := w.serve(t.Context(), w.event(w.about(route, `{"a":2}`, map[string]string{"if-match": `"1"`})))
			if a.StatusCode != 412 {
				t.Errorf("%s of a version with %s = %d, want 412", route, d, a.StatusCode)
			}
		}
		w.meddled.unchanged(d.String(), w.meddled.of.sessions, sessionKeys(), spoiled)
		w.expect(201, request{route: "POST /notes", body: aNote})
	}
}

// Data of somebody else's session, put under this session's key, are shown
// to nobody and not written over.
func TestMisplacedData(t *testing.T) {
	w := newOwner(t)
	bob := w.stack.client("header")
	bob.signUp("bob@example.com")
	w.expect(200, request{route: "PUT /admin/sessions/{handle}/data", params: map[string]string{"handle": bob.handle()}, body: `{"of":"bob"}`, admin: true})
	bobs := w.meddled.only(w.meddled.of.sessions, "item", "data#")
	id, _ := strings.CutPrefix(w.whole["item"].(*types.AttributeValueMemberS).Value, "session#")
	bobs["user"], bobs["item"] = w.whole["user"], text("data#"+id)
	w.meddled.put(w.meddled.of.sessions, bobs)
	w.meddled.refuses("another's data", w.client, w.about("GET /admin/sessions/{handle}/data", "", nil), w.about("PUT /admin/sessions/{handle}/data", `{}`, nil))
	a := w.serve(t.Context(), w.event(w.about("PUT /admin/sessions/{handle}/data", `{}`, map[string]string{"if-match": `"1"`})))
	if a.StatusCode != 412 {
		t.Errorf("a write of a version of another's data = %d, want 412", a.StatusCode)
	}
	w.meddled.unchanged("another's data", w.meddled.of.sessions, sessionKeys(), bobs)
}

// While it cannot be said how often a user's sessions were all ended, nobody
// signs in as him, and ending them all is no success.
func TestCorruptEpoch(t *testing.T) {
	w := newOwner(t)
	all := request{route: "DELETE /auth/sessions"}
	w.expect(200, all)
	whole := w.meddled.only(w.meddled.of.sessions, "item", "epoch")
	for _, d := range damages(whole, sessionKeys(), damage{"v", number("2")}, damage{"n", number("0")}) {
		if reflect.DeepEqual(d, damage{"n", number("1.5")}) || reflect.DeepEqual(d, damage{"n", number("99999999999999999999")}) {
			continue // DynamoDB counts on from these; they stay what nobody signs in with.
		}
		spoiled := d.done(whole)
		w.meddled.put(w.meddled.of.sessions, spoiled)
		w.meddled.refuses(d.String(), w.client, all)
		w.advance(time.Hour)
		w.meddled.refuses(d.String(), w.stack.client("header"), request{route: signInRoute, body: form("alice@example.com", password)})
		w.meddled.unchanged(d.String(), w.meddled.of.sessions, sessionKeys(), spoiled)
		w.expect(200, request{route: refreshRoute})
	}
}
