//go:build dynamodb

package endpoints_test

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// record is a kind of item that somebody may spoil.
type record struct {
	name      string
	table     string
	key       []string                              // its attributes that are the key
	of        func(*person, item) bool              // the item is the person's
	keep      []string                              // attributes that nothing goes by
	besides   []damage                              // that it may have
	owned     bool                                  // it says whose it is
	keys      bool                                  // of which a sandbox that runs knows already
	prepare   func(*person)                         // makes the item
	skip      func(damage) bool                     // what is no damage
	passes    func(op operation, d damage) bool     // the operation does without what is damaged
	meanwhile func(*meddled, *person, item, damage) // asserts what else holds
}

func records(of tables) []record {
	return slices.Concat(sessionRecords(of.sessions), accountRecords(of.accounts), keyRecords(of.keys))
}

// begins finds the items whose attribute begins so.
func begins(attribute, prefix string) func(*person, item) bool {
	return func(_ *person, it item) bool { return strings.HasPrefix(named(it, attribute), prefix) }
}

// is has an attribute take each of the values.
func is(name string, values ...types.AttributeValue) (all []damage) {
	for _, v := range values {
		all = append(all, damage{attribute: name, value: v})
	}
	return all
}

func sessionRecords(table string) []record {
	key, later := []string{"user", "item"}, is("v", number("2"))
	return []record{
		{
			name: "session", table: table, key: key, keep: []string{"expires"}, owned: true,
			of: func(p *person, it item) bool {
				return named(it, "item") == "session#"+p.browserGrant.Session.Handle.ID()
			},
			besides: slices.Concat(later, is("v", number("0")), is("tenant", text("acme")), is("uid", text("somebody else"), text("")),
				is("state", text(""), text("Live"), text("revoked")), is("xat", number("1")), is("why", text("why")),
				is("gen", number("4294967296")), is("cv", number("0")), is("h", octets(32), ones(31), ones(33)), is("ph", ones(31), ones(33)),
				is("salt", ones(15), ones(17)), is("created", number("0")), is("idle", number("0")), is("abs", number("0")),
				is("claims", text(""), text("null"), text("[]"), text(`{"a":`))),
			skip:      func(d damage) bool { return d.attribute == "ep" && d.value == nil }, // as it was before there were any
			passes:    func(op operation, _ damage) bool { return op.name == "refresh" },    // it may write: see below
			meanwhile: (*meddled).whileASessionIsCorrupt,
		},
		{
			name: "data", table: table, key: key, keep: []string{"expires"}, owned: true,
			of:        func(p *person, it item) bool { return named(it, "item") == "data#"+p.browserGrant.Session.Handle.ID() },
			prepare:   func(p *person) { c, r := admin(putData, `{"a":1}`, "")(p); c.expect(200, r) },
			besides:   slices.Concat(later, is("version", number("0")), is("json", text("{")), is("of", text("AAAA"))),
			meanwhile: (*meddled).whileDataAreCorrupt,
		},
		{
			name: "user item", table: table, key: key, keep: []string{"op"}, of: begins("item", "user"),
			besides: slices.Concat(later, is("n", number("0")), is("kept", text(""), text("x"))),
			prepare: func(p *person) {
				if p.id == "id-1" {
					p.expel()
				}
			},
			meanwhile: func(m *meddled, p *person, _ item, d damage) {
				m.refuses(d.String(), p.browser, request{route: refreshRoute})
			},
		},
	}
}

func accountRecords(table string) []record {
	key := []string{"key"}
	attempt := func(p *person) {
		if p.id == "id-1" {
			p.guest.expect(200, request{route: signInRoute, body: form(p.email, password+"?")})
		}
	}
	backHome := func(p *person) { // to a network that the account knows
		p.guest.expect(200, request{route: signInRoute, body: known(p)})
		attempt(p)
	}
	// The counters of an attempt elsewhere, told apart by their parts. A part need not be there, and where there
	// are parts the total bounds nothing.
	quota := func(name string, is func(item) bool) record {
		return record{
			name: name, table: table, key: key, keep: []string{"expires"}, prepare: attempt,
			of: func(p *person, it item) bool { return begins("key", "quota#")(p, it) && is(it) },
			skip: func(d damage) bool {
				return d.is("1.5") || d.value == nil && d.attribute != "total" || d.attribute == "total" && d.is("99999999999999999999")
			},
		}
	}
	// The bound holds all the same where DynamoDB counts on from the damaged value.
	countedOn := func(d damage) bool {
		huge := d.is("99999999999999999999")
		return d.attribute == "count" && d.is("-1", "1", "1.5") || d.attribute == "last" && huge
	}
	return []record{
		{
			name: "user", table: table, key: key, keep: []string{"list", "place"}, owned: true,
			of: func(p *person, it item) bool { return begins("key", "email#")(p, it) && named(it, "email") == p.email },
			besides: slices.Concat(is("tenant", text("acme")), is("email", text("bob@example.com")), is("id", text("")),
				is("hash", text(""), text("$argon2id$v=19$m=19456,t=2,p=1$"), text(password))),
			skip: func(d damage) bool { return d.value == nil && (d.attribute == "networks" || d.attribute == "hash") }, // there are none
			passes: func(op operation, d damage) bool { // nobody asks for the hash
				return d.attribute == "hash" && d.value != nil && !d.is("") && !strings.HasPrefix(op.name, "sign-in") && op.name != "change of the password"
			},
		},
		quota("source", func(it item) bool { return len(it) == 3 }),
		quota("network", func(it item) bool { return len(it) == 4 && it["early"] == nil }),
		quota("guesses", func(it item) bool { return it["early"] != nil }),
		{name: "bucket", table: table, key: key, of: begins("key", "guess#"), keep: []string{"expires"}, prepare: backHome, skip: countedOn},
	}
}

func keyRecords(table string) []record {
	key, other := []string{"ring", "item"}, is("v", number("0"), number("2"))
	return []record{
		{
			name: "settings", keys: true, table: table, key: key, of: begins("item", "settings"),
			besides: slices.Concat(other, is("notBefore", number("-1"))),
		},
		{
			name: "signing key", keys: true, table: table, key: key, of: begins("item", "signing#"),
			besides: slices.Concat(other, is("alg", text("none"), text("HS256")), is("public", text("{")), is("from", number("0")), is("number", number("2"))),
			skip:    func(d damage) bool { return d.attribute == "sealed" && d.value == nil }, // a key that verifies only
		},
		{
			name: "MAC key", keys: true, table: table, key: key, of: begins("item", "mac#"),
			besides: slices.Concat(other, is("number", number("0")), is("created", number("0"))),
		},
	}
}
