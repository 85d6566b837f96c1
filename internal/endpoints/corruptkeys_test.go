//go:build dynamodb

package endpoints_test

import (
	"testing"
)

// With a record of the keys that is not whole a sandbox that starts says
// nothing of any token and makes none, and the daily rotation writes nothing.
func TestCorruptKeys(t *testing.T) {
	m := newMeddled(t)
	c := m.client("header")
	c.signUp("alice@example.com")
	besides := map[string][]damage{
		"settings": {{"notBefore", number("-1")}},
		"signing#": {{"alg", text("none")}, {"alg", text("HS256")}, {"public", text("{")}, {"from", number("0")}, {"number", number("2")}},
		"mac#":     {{"number", number("0")}, {"created", number("0")}},
	}
	for prefix, more := range besides {
		whole := m.only(m.of.keys, "item", prefix)
		for _, d := range damages(whole, []string{"ring", "item"}, append(more, damage{"v", number("0")}, damage{"v", number("2")})...) {
			if d.attribute == "sealed" && d.value == nil && prefix == "signing#" {
				continue // a key that verifies only
			}
			spoiled := d.done(whole)
			m.put(m.of.keys, spoiled)
			m.start()
			m.refuses(d.String(), c, request{route: "GET /notes"}, request{route: "POST /notes", body: aNote},
				request{route: refreshRoute}, request{route: signOutRoute}, request{route: keysRoute}, request{route: discoveryRoute},
				request{route: signInRoute, body: form("alice@example.com", password)})
			if err := m.bootstrap(); err == nil {
				t.Errorf("the rotation of keys with %s succeeds", d)
			}
			m.unchanged(d.String(), m.of.keys, []string{"ring", "item"}, spoiled)
		}
		m.put(m.of.keys, whole)
	}
	m.start()
	c.expect(201, request{route: "POST /notes", body: aNote})
	c.expect(200, request{route: refreshRoute})
}
