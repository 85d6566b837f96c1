package accounts

import (
	"context"
	"maps"

	"github.com/latchkey-auth/latchkey/internal/table"
)

// Create implements Store. It writes the item that leads from the id to the
// user first, and the user last. So without a transaction there is never a user
// that cannot be found by id. If the address is taken, all that is left is a
// way to a user of another id, which ByID does not follow.
func (d *Dynamo) Create(ctx context.Context, u User) error {
	if _, err := d.table.Put(ctx, pointerOf(u), table.Condition{}); err != nil {
		return err
	}
	out, err := d.table.Put(ctx, itemOf(u), table.Condition{If: "attribute_not_exists(#key)"})
	if err != nil || out.Applied || d.schema.Read(out.Item).Word("id") == u.ID {
		return err // the existing user may be u, if the answer to an earlier try was lost
	}
	return ErrExists
}

// pointerOf is the item that leads from the id to the user.
func pointerOf(u User) table.Item {
	it := idKey(u.Tenant, u.ID)
	it["tenant"], it["id"] = table.Value(u.Tenant), table.Value(u.ID)
	wayTo(u).write(it)
	return it
}

// itemOf is the item of a user, by address or identity. It has a place in the
// list.
func itemOf(u User) table.Item {
	it := listed(u.Tenant, u.ID, placeOf(u.ID, u.Joined))
	maps.Copy(it, wayTo(u).key(u.Tenant))
	wayTo(u).write(it)
	it["tenant"], it["id"], it["email"] = table.Value(u.Tenant), table.Value(u.ID), table.Value(u.Email)
	it["joined"] = table.Value(u.Joined)
	if u.ThirdParty == (Identity{}) {
		it["networks"] = table.Value(string(u.Networks))
	}
	if u.Hash != "" {
		it["hash"] = table.Value(string(u.Hash))
	}
	if u.Added != "" {
		it["added"] = table.Value(u.Added)
	}
	return it
}

// read reads the item of a user, and returns ErrNotFound if there is none.
func (d *Dynamo) read(ctx context.Context, key table.Item) (*table.Reader, error) {
	it, err := d.table.Get(ctx, key)
	switch {
	case err != nil:
		return nil, flooded(err)
	case it == nil:
		return nil, ErrNotFound
	}
	return d.schema.Read(it), nil
}

// ByEmail implements Store.
func (d *Dynamo) ByEmail(ctx context.Context, tenant, email string) (User, error) {
	r, err := d.read(ctx, emailKey(tenant, email))
	if err != nil {
		return User{}, err
	}
	u := User{
		ID: r.Word("id"), Tenant: r.Word("tenant"), Email: r.Word("email"),
		Joined: r.Instant("joined"),
	}
	if r.Has("hash") { // otherwise the user has no password
		u.Hash = Secret(r.Word("hash"))
	}
	if r.Has("networks") { // users of earlier versions have none
		u.Networks = Networks(r.Text("networks"))
	}
	if r.Has("added") { // otherwise the user signed up
		u.Added = r.Word("added")
	}
	if u.Tenant != tenant || u.Email != email {
		r.Fail("key")
	}
	if r.Err() != nil {
		return User{}, r.Err()
	}
	return u, nil
}

// ByID implements Store.
func (d *Dynamo) ByID(ctx context.Context, tenant, id string) (User, error) {
	w, err := d.wayOf(ctx, tenant, id)
	var u User
	switch {
	case err != nil:
		return User{}, err
	case w == (way{}):
		return User{}, ErrNotFound
	case w.email != "":
		u, err = d.ByEmail(ctx, tenant, w.email)
	default:
		u, err = d.ByLogin(ctx, tenant, w.by)
	}
	if err == nil && u.ID != id {
		return User{}, ErrNotFound
	}
	return u, err
}

// Update implements Store.
func (d *Dynamo) Update(ctx context.Context, u, renewed User) error {
	update := table.Update{
		Key: emailKey(u.Tenant, u.Email),
		Set: "SET #networks = :networks",
		If:  "#id = :id AND attribute_not_exists(#hash)",
		Values: table.Item{
			":id": table.Value(u.ID), ":networks": table.Value(string(renewed.Networks)),
		},
	}
	if u.Hash != "" {
		update.If = "#id = :id AND #hash = :old"
		update.Values[":old"] = table.Value(string(u.Hash))
	}
	if renewed.Hash != "" {
		update.Set += ", #hash = :new"
		update.Values[":new"] = table.Value(string(renewed.Hash))
	}
	out, err := d.table.Update(ctx, update)
	if err != nil || out.Applied {
		return err
	}
	old := d.schema.Read(out.Item)
	if old.Word("id") != u.ID {
		return ErrNotFound
	}
	if old.Has("hash") && old.Word("hash") == string(renewed.Hash) {
		return nil // the answer to an earlier try was lost, or another call did the same
	}
	return ErrConflict
}

// flooded returns the error of a call, or ErrThrottled if the key is flooded.
// That is the same for known and unknown users, and is not a fault of the
// table.
func flooded(err error) error {
	if table.Flooded(err) {
		return ErrThrottled
	}
	return err
}
