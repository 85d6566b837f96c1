//go:build dynamodb

package endpoints_test

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey-auth/latchkey/test/dynamolocal"
)

type item = map[string]types.AttributeValue

// TestCorruptItems spoils every item in every way, and puts another's in its
// place. A client that needs it is refused with an error that touches nothing else,
// and the item stays as it is for those who look into it. When it is whole again
// everything goes on: nobody was taken for a thief.
func TestCorruptItems(t *testing.T) {
	for i, r := range records(tables{}) {
		t.Run(r.name, func(t *testing.T) {
			m := newMeddled(t)
			r := records(m.of)[i]
			p, q := m.person(), m.person()
			for _, each := range []*person{p, q} {
				if r.prepare != nil {
					r.prepare(each)
				}
			}
			whole := m.find(r, p)
			all := damages(whole, slices.Concat(r.key, r.keep), r.besides...)
			if r.owned {
				another := m.find(r, q)
				for _, name := range r.key {
					another[name] = whole[name]
				}
				all = append(all, damage{another: another})
			}
			counters := m.counters()
			for _, d := range all {
				if r.skip == nil || !r.skip(d) {
					m.spoil(r, p, whole, d)
					m.restore(r, p, whole, counters)
				}
			}
			m.start()
			p.alive(p.browser)
			p.alive(p.app)
			p.guest.expect(200, request{route: signInRoute, body: known(p)})
		})
	}
}

// spoil puts the damaged item in the place of the whole one, and makes every
// request that needs it.
func (m *meddled) spoil(r record, p *person, whole item, d damage) {
	m.t.Helper()
	spoiled := d.done(whole)
	m.put(r.table, spoiled)
	if r.keys {
		m.start()
	}
	tried := 0
	for _, op := range operations() {
		if slices.Contains(op.needs, r.name) && (r.passes == nil || !r.passes(op, d)) {
			c, req := op.request(p)
			m.refuses(d.String(), c, req)
			tried++
		}
	}
	if tried == 0 {
		m.t.Errorf("no operation needs what has %s", d)
	}
	m.unchanged(d.String(), r, spoiled)
	if r.keys {
		if err := m.bootstrap(); err == nil {
			m.t.Errorf("the rotation of keys with %s succeeds", d)
		}
		m.unchanged(d.String(), r, spoiled)
	} else {
		p.app.expect(200, request{route: "GET /notes"})
	}
	if r.meanwhile != nil {
		r.meanwhile(m, p, whole, d)
	}
}

// restore makes everything as it was.
func (m *meddled) restore(r record, p *person, whole item, counters []item) {
	m.t.Helper()
	for _, it := range m.counters() {
		key := item{"key": it["key"]}
		if _, err := m.db.DeleteItem(m.t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(m.of.accounts), Key: key}); err != nil {
			m.t.Fatal(err)
		}
	}
	for _, it := range counters {
		m.put(m.of.accounts, it)
	}
	m.put(r.table, whole)
	p.hold()
}

// whileASessionIsCorrupt asserts that a refresh is refused, unless it puts a
// good value in the place of the damaged one, and has done its work when the
// attribute is repaired; and that the session is ended where it is to be,
// whatever is wrong with it.
func (m *meddled) whileASessionIsCorrupt(p *person, whole item, d damage) {
	m.t.Helper()
	r := records(m.of)[0]
	if d.another != nil {
		m.refuses(d.String(), p.browser, request{route: refreshRoute})
		m.unchanged(d.String(), r, d.another)
		return
	}
	if !replaced(d) {
		m.refuses(d.String(), p.browser, request{route: refreshRoute})
		now := m.find(r, p)
		if !reflect.DeepEqual(now[d.attribute], d.value) {
			m.t.Errorf("%s was overwritten: %v", d, now[d.attribute])
		}
		m.put(m.of.sessions, damage{attribute: d.attribute, value: whole[d.attribute]}.done(now))
	}
	p.browser.expect(200, request{route: refreshRoute})
	p.browser.expect(201, request{route: "POST /notes", body: aNote})

	m.put(m.of.sessions, d.done(whole))
	p.hold()
	c, end := admin(endRoute, "", "")(p)
	c.expect(200, end)
	for _, req := range []request{{route: "POST /notes", body: aNote}, {route: refreshRoute}} {
		if a := p.browser.serve(m.t.Context(), req); a.StatusCode != 401 && a.StatusCode != 500 {
			m.t.Errorf("%s of a revoked session with %s = %d, want 401 or 500", req.route, d, a.StatusCode)
		}
	}
}

// replaced reports whether a rotation puts a good value in the place of the
// damaged one. It needs the old one only to be before or after now, or not at
// all: the token that it spends has proved to be the current one.
func replaced(d damage) bool {
	switch d.attribute {
	case "ph", "salt", "ckid":
		return true
	case "rot":
		return d.is("-1", "1.5")
	case "idle":
		return d.is("99999999999999999999")
	}
	return false
}

// whileDataAreCorrupt asserts that a write of their version meets another one,
// unless only their text is wrong, which it replaces.
func (m *meddled) whileDataAreCorrupt(p *person, _ item, d damage) {
	m.t.Helper()
	if !reflect.DeepEqual(d, damage{attribute: "json", value: text("{")}) {
		c, r := admin(putData, `{"a":2}`, `"1"`)(p)
		c.expect(412, r)
	}
	p.browser.expect(201, request{route: "POST /notes", body: aNote})
}

// Among a user's sessions a corrupt one makes every answer about all of them an
// error: no list leaves it out, and nobody signs in who may be one too many.
// Ending all needs none of them.
func TestCorruptSessionAmongOthers(t *testing.T) {
	m := newMeddled(t)
	for _, d := range []damage{{attribute: "v", value: number("2")}, {attribute: "tenant", value: text("acme")}, {attribute: "state"}, {attribute: "h", value: ones(31)}} {
		p, r := m.person(), records(m.of)[0]
		spoiled := d.done(m.find(r, p))
		m.put(m.of.sessions, spoiled)
		m.refuses(d.String(), p.guest, request{route: signInRoute, body: known(p)})
		m.refuses(d.String(), p.app, request{route: "GET /auth/sessions"})
		c, list := admin(listRoute, "", "")(p)
		m.refuses(d.String(), c, list)
		p.app.expect(200, request{route: "DELETE /auth/sessions"})
		p.app.expect(201, request{route: "POST /notes", body: aNote})
		c, end := admin(endAllRoute, "", "")(p)
		c.expect(200, end)
		p.over(p.appGrant)
		m.unchanged(d.String(), r, spoiled)
	}
}

// meddled is a stack on DynamoDB whose tables somebody else writes to.
type meddled struct {
	*ground
	of tables
	db *dynamodb.Client
}

func newMeddled(t *testing.T) *meddled {
	t.Helper()
	of, db := newTables(t), dynamolocal.Client(t)
	return &meddled{newGround(newStackOver(t, func() stores { return of.stores(db) }), nil), of, db}
}

// named returns an attribute that is a text.
func named(it item, attribute string) string {
	s, _ := it[attribute].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// items returns the items of a table for which is reports true.
func (m *meddled) items(table string, is func(item) bool) []item {
	m.t.Helper()
	out, err := m.db.Scan(m.t.Context(), &dynamodb.ScanInput{TableName: aws.String(table), ConsistentRead: aws.Bool(true)})
	if err != nil {
		m.t.Fatal(err)
	}
	return slices.DeleteFunc(out.Items, func(it item) bool { return !is(it) })
}

// find returns the one item of that kind that is the person's.
func (m *meddled) find(r record, p *person) item {
	m.t.Helper()
	found := m.items(r.table, func(it item) bool { return r.of(p, it) })
	if len(found) != 1 {
		m.t.Fatalf("%d items %s, want 1", len(found), r.name)
	}
	return found[0]
}

// counters are the items that count attempts.
func (m *meddled) counters() []item {
	return m.items(m.of.accounts, func(it item) bool {
		return !strings.HasPrefix(named(it, "key"), "email#") && !strings.HasPrefix(named(it, "key"), "user#")
	})
}

// put writes the item as it is.
func (m *meddled) put(table string, it item) {
	m.t.Helper()
	if _, err := m.db.PutItem(m.t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: it}); err != nil {
		m.t.Fatal(err)
	}
}

func text(s string) types.AttributeValue   { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
func octets(n int) types.AttributeValue    { return &types.AttributeValueMemberB{Value: make([]byte, n)} }

// ones are octets that are not those of a value that is not set.
func ones(n int) types.AttributeValue {
	return &types.AttributeValueMemberB{Value: bytes.Repeat([]byte{1}, n)}
}

// damage is what is wrong with an item: one attribute has another value, or nil
// for none, or the item is another's.
type damage struct {
	attribute string
	value     types.AttributeValue
	another   item
}

func (d damage) String() string {
	if d.another != nil {
		return "another's item in its place"
	}
	if d.value == nil {
		return d.attribute + " missing"
	}
	return fmt.Sprintf("%s = %T%v", d.attribute, d.value, reflect.ValueOf(d.value).Elem().Field(0))
}

// is reports whether the damaged value is one of those numbers.
func (d damage) is(numbers ...string) bool {
	n, _ := d.value.(*types.AttributeValueMemberN)
	return n != nil && slices.Contains(numbers, n.Value)
}

// done returns a copy of the item with the damage done.
func (d damage) done(whole item) item {
	if d.another != nil {
		return d.another
	}
	it := maps.Clone(whole)
	if it[d.attribute] = d.value; d.value == nil {
		delete(it, d.attribute)
	}
	return it
}

// damages are all ways to spoil one attribute of the item each: missing, of
// every other type, out of range, and those that are given besides. What is in
// keep is left alone.
func damages(whole item, keep []string, besides ...damage) []damage {
	kinds := []types.AttributeValue{
		nil, text("1"), number("1"), octets(32), &types.AttributeValueMemberBOOL{Value: true},
		&types.AttributeValueMemberNULL{Value: true},
		&types.AttributeValueMemberL{Value: []types.AttributeValue{text("1")}}, &types.AttributeValueMemberM{Value: item{"1": text("1")}},
		&types.AttributeValueMemberSS{Value: []string{"1"}},
	}
	all := besides
	for name, right := range whole {
		for _, value := range kinds {
			if reflect.TypeOf(value) != reflect.TypeOf(right) && !slices.Contains(keep, name) {
				all = append(all, damage{attribute: name, value: value})
			}
		}
		if _, counts := right.(*types.AttributeValueMemberN); counts && !slices.Contains(keep, name) {
			for _, n := range []string{"-1", "1.5", "99999999999999999999"} {
				all = append(all, damage{attribute: name, value: number(n)})
			}
		}
	}
	return all
}

// refuses sends the requests without keeping what is answered, and asserts
// that each is refused with an error that touches nothing of the client's, and a
// line in the log.
func (m *meddled) refuses(what string, c *client, all ...request) {
	m.t.Helper()
	for _, r := range all {
		before := m.log.Len()
		a := c.serve(m.t.Context(), r)
		if a.StatusCode != 500 && a.StatusCode != 503 {
			m.t.Errorf("%s with %s = %d %s, want an error", r.route, what, a.StatusCode, a.Body)
		}
		expectUntouched(m.t, r.route+" with "+what, a)
		if line := m.log.String()[before:]; !strings.Contains(line, "corrupt record") {
			m.t.Errorf("%s with %s logs %q, want the corrupt record", r.route, what, line)
		}
	}
}

// unchanged asserts that the item is as it was written.
func (m *meddled) unchanged(what string, r record, want item) {
	m.t.Helper()
	key := item{}
	for _, name := range r.key {
		key[name] = want[name]
	}
	out, err := m.db.GetItem(m.t.Context(), &dynamodb.GetItemInput{TableName: aws.String(r.table), Key: key, ConsistentRead: aws.Bool(true)})
	if err != nil {
		m.t.Fatal(err)
	}
	if !reflect.DeepEqual(out.Item, want) {
		m.t.Errorf("an item with %s was overwritten: %v", what, out.Item)
	}
}
