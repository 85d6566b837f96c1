//go:build dynamodb

package endpoints_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A user who is not whole, or another's item, is nobody who can sign in, and
// his address cannot be taken by a sign-up.
func TestCorruptUser(t *testing.T) {
	m := newMeddled(t)
	c := m.client("header")
	c.signUp("alice@example.com")
	whole := m.only(m.of.accounts, "key", "email#")
	besides := []damage{
		{"tenant", text("acme")}, {"email", text("bob@example.com")}, {"id", text("")}, {"hash", text("")},
		{"hash", text("$argon2id$v=19$m=19456,t=2,p=1$")}, {"hash", text(password)},
	}
	for _, d := range damages(whole, []string{"key"}, besides...) {
		spoiled := d.done(whole)
		m.put(m.of.accounts, spoiled)
		m.advance(time.Hour) // Attempts that failed make the next one wait.
		m.refuses(d.String(), c, request{route: signInRoute, body: form("alice@example.com", password)})
		if d.attribute != "hash" || d.value == nil {
			m.refuses(d.String(), c, request{route: signUpRoute, body: form("alice@example.com", password)})
		}
		m.unchanged(d.String(), m.of.accounts, []string{"key"}, spoiled)
	}
	m.put(m.of.accounts, whole)
	m.advance(time.Hour)
	c.expect(200, request{route: signInRoute, body: form("alice@example.com", password)})
}

// A user who stands under another's address signs in with neither's, whatever
// password is sent: not his own, whose hash is there, nor the other's.
func TestMisplacedUser(t *testing.T) {
	m := newMeddled(t)
	c := m.client("header")
	c.signUp("alice@example.com")
	whole := m.only(m.of.accounts, "key", "email#")
	c.expect(200, request{route: signUpRoute, body: form("bob@example.com", password+" of bob")})
	for _, it := range m.items(m.of.accounts, "key", "email#") {
		if reflect.DeepEqual(it, whole) {
			continue
		}
		it["key"] = whole["key"]
		m.put(m.of.accounts, it)
		m.refuses("another user under her address", c, request{route: signInRoute, body: form("alice@example.com", password)},
			request{route: signInRoute, body: form("alice@example.com", password+" of bob")},
			request{route: "GET /auth/emailpassword/email/exists", query: map[string]string{"email": "alice@example.com"}})
		m.unchanged("another user under her address", m.of.accounts, []string{"key"}, it)
	}
	c.expect(200, request{route: signInRoute, body: form("bob@example.com", password+" of bob")})
}

// A count of attempts that cannot be read lets no attempt pass, and does not
// start again.
func TestCorruptCounters(t *testing.T) {
	m := newMeddled(t)
	c := m.client("header")
	c.signUp("alice@example.com")
	signedUp := m.only(m.of.accounts, "key", "quota#")
	c.expect(200, request{route: signInRoute, body: form("alice@example.com", password+"?")})
	counters := m.items(m.of.accounts, "key", "guess#")
	for _, it := range m.items(m.of.accounts, "key", "quota#") {
		if !reflect.DeepEqual(it, signedUp) {
			counters = append(counters, it)
		}
	}
	if len(counters) != 2 {
		t.Fatalf("%d counters of a sign-in, want one of the source and one of the account", len(counters))
	}
	for _, whole := range counters {
		for _, d := range damages(whole, []string{"key", "expires"}) {
			if countedOn(d) {
				continue
			}
			spoiled := d.done(whole)
			m.put(m.of.accounts, spoiled)
			m.refuses(d.String(), c, request{route: signInRoute, body: form("alice@example.com", password)})
			m.unchanged(d.String(), m.of.accounts, []string{"key"}, spoiled)
			for _, it := range counters {
				m.put(m.of.accounts, it)
			}
		}
	}
}

// countedOn reports whether DynamoDB counts on from the damaged value, which
// is a number: the bound holds all the same.
func countedOn(d damage) bool {
	n, _ := d.value.(*types.AttributeValueMemberN)
	if n == nil {
		return false
	}
	return d.attribute == "count" && n.Value[0] != '9' || d.attribute == "last" && n.Value[0] == '9'
}
